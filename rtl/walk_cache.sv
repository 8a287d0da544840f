// The walk cache: guest tables by the linear addresses that they serve, at guest-physical addresses. Fully associative.
module walk_cache #(
  parameter int unsigned Entries = 16,
  parameter int unsigned DomainWidth = 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // A look-up: the lowest table that serves the page.
  input  logic [DomainWidth-1:0] domain_i,
  input  logic [63:21]           page_i,
  output walk_pkg::table_entry_t table_o,
  // A table to keep.
  input  logic                   fill_i,
  input  logic [DomainWidth-1:0] fill_domain_i,
  input  logic [63:21]           fill_page_i,
  input  walk_pkg::table_entry_t fill_table_i,
  // Tables to drop.
  input  logic                   drop_i,
  input  logic                   drop_every_domain_i,
  input  logic [DomainWidth-1:0] drop_domain_i
);
  localparam int unsigned SlotWidth = Entries > 1 ? $clog2(Entries) : 1;
  localparam int unsigned LastSlot = Entries - 1;

  logic [Entries-1:0] valid_q, hit, fill_hit, drop_hit;
  logic [DomainWidth-1:0] domain_q [0:Entries-1];
  logic [63:21] page_q [0:Entries-1];
  logic [walk_pkg::TableEntryBits-1:0] table_q [0:Entries-1];
  logic [SlotWidth-1:0] victim_q;

  // A table of `level` serves the addresses that agree above the index into the entry that named it.
  function automatic logic same(input logic [63:21] a, input logic [63:21] b, input logic [2:0] level);
    case (level)
      3'd1: same = a[63:21] == b[63:21];
      3'd2: same = a[63:30] == b[63:30];
      3'd3: same = a[63:39] == b[63:39];
      default: same = a[63:48] == b[63:48];
    endcase
  endfunction

  walk_pkg::table_entry_t best, kept;
  always_comb begin
    best = '0;
    kept = '0;
    for (int i = 0; i < Entries; i++) begin
      kept = table_q[i];
      hit[i] = valid_q[i] && domain_q[i] == domain_i && same(page_q[i], page_i, kept.level);
      fill_hit[i] = domain_q[i] == fill_domain_i && kept.level == fill_table_i.level &&
                    same(page_q[i], fill_page_i, kept.level);
      drop_hit[i] = drop_every_domain_i || domain_q[i] == drop_domain_i;
      if (hit[i] && (!best.hit || kept.level < best.level)) best = kept;
    end
  end
  assign table_o = best;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      victim_q <= '0;
    end else if (drop_i) begin
      valid_q <= valid_q & ~drop_hit;
    end else if (fill_i) begin
      valid_q <= valid_q & ~fill_hit;
      valid_q[victim_q] <= 1'b1;
      victim_q <= victim_q == LastSlot[SlotWidth-1:0] ? '0 : victim_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i && !drop_i) begin
      domain_q[victim_q] <= fill_domain_i;
      page_q[victim_q] <= fill_page_i;
      table_q[victim_q] <= fill_table_i;
    end
  end
endmodule
