// Both caches, of as many entries as are built: what they are asked, given and told to drop.
module walk_caches #(
  parameter int unsigned NestedTlbEntries = 0,
  parameter int unsigned WalkCacheEntries = 0,
  parameter int unsigned DomainWidth = 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // The walk whose entry is judged: its look-up, and what it gives.
  input  logic                    judge_i,
  input  logic [DomainWidth-1:0]  judge_domain_i,
  input  logic [63:12]            judge_page_i,
  input  walk_pkg::walk_t         judge_walk_i,
  input  logic                    judge_fills_tlb_i,
  input  logic                    judge_fills_table_i,
  output walk_pkg::nested_entry_t judge_cached_o,
  // The walk in the launch stage.
  input  logic [DomainWidth-1:0]  launch_domain_i,
  input  logic [63:12]            launch_page_i,
  input  walk_pkg::walk_t         launch_walk_i,
  output walk_pkg::table_entry_t  launch_table_o,
  output walk_pkg::nested_entry_t launch_cached_o,
  // An invalidation. Nothing is kept in its cycle.
  input  logic                    invalidate_i,
  input  logic [DomainWidth-1:0]  invalidate_domain_i,
  input  walk_pkg::invalidation_t invalidation_i
);
  logic [51:3] judge_gpa, launch_gpa;
  assign judge_gpa = judge_walk_i.gpa;
  assign launch_gpa = launch_walk_i.gpa;

  walk_pkg::nested_entry_t nested_fill;
  walk_pkg::table_entry_t table_fill;
  always_comb begin
    nested_fill = '0;
    nested_fill.hit = 1'b1;
    nested_fill.page = judge_walk_i.page;
    nested_fill.level = judge_walk_i.nested_leaf;
    nested_fill.rights = judge_walk_i.nested_rights;
    nested_fill.dirty = judge_walk_i.nested_dirty;
    nested_fill.memory_type = judge_walk_i.nested_type;
    nested_fill.ignore_pat = judge_walk_i.nested_ignore_pat;
    table_fill = '0;
    table_fill.hit = 1'b1;
    table_fill.level = judge_walk_i.guest_level;
    table_fill.table_page = judge_gpa[51:12];
    table_fill.rights = judge_walk_i.guest_rights;
  end

  if (NestedTlbEntries != 0) begin : gen_nested_tlb
    nested_tlb #(.Entries(NestedTlbEntries), .DomainWidth(DomainWidth)) u_nested_tlb (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .first_domain_i(judge_domain_i),
      .first_gpa_i(judge_gpa[51:12]),
      .first_o(judge_cached_o),
      .second_domain_i(launch_domain_i),
      .second_gpa_i(launch_gpa[51:12]),
      .second_o(launch_cached_o),
      .fill_i(judge_i && judge_fills_tlb_i && !invalidate_i),
      .fill_domain_i(judge_domain_i),
      .fill_gpa_i(judge_gpa[51:12]),
      .fill_entry_i(nested_fill),
      .drop_i(invalidate_i && invalidation_i.nested),
      .drop_every_domain_i(invalidation_i.every_domain),
      .drop_domain_i(invalidate_domain_i),
      .drop_by_gpa_i(invalidation_i.by_gpa),
      .drop_gpa_i(invalidation_i.gpa)
    );
  end else begin : gen_no_nested_tlb
    assign judge_cached_o = '0;
    assign launch_cached_o = '0;
  end

  if (WalkCacheEntries != 0) begin : gen_walk_cache
    walk_cache #(.Entries(WalkCacheEntries), .DomainWidth(DomainWidth)) u_walk_cache (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .domain_i(launch_domain_i),
      .page_i(launch_page_i[63:21]),
      .table_o(launch_table_o),
      .fill_i(judge_i && judge_fills_table_i && !invalidate_i),
      .fill_domain_i(judge_domain_i),
      .fill_page_i(judge_page_i[63:21]),
      .fill_table_i(table_fill),
      .drop_i(invalidate_i && invalidation_i.guest),
      .drop_every_domain_i(invalidation_i.every_domain),
      .drop_domain_i(invalidate_domain_i)
    );
  end else begin : gen_no_walk_cache
    assign launch_table_o = '0;
  end

  logic unused_bits;
  assign unused_bits = ^{clk_i, rst_ni, judge_i, judge_domain_i, judge_page_i, judge_walk_i, judge_gpa,
                         judge_fills_tlb_i, judge_fills_table_i, launch_domain_i, launch_page_i, launch_walk_i,
                         launch_gpa, invalidate_i, invalidate_domain_i, invalidation_i, nested_fill, table_fill};
endmodule
