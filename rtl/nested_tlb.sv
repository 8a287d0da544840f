// The nested TLB: guest-physical pages as the second stage maps them. Two look-ups a cycle.
module nested_tlb #(
  parameter int unsigned Entries = 16,
  parameter int unsigned DomainWidth = 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // Two look-ups.
  input  logic [DomainWidth-1:0]  first_domain_i,
  input  logic [51:12]            first_gpa_i,
  output walk_pkg::nested_entry_t first_o,
  input  logic [DomainWidth-1:0]  second_domain_i,
  input  logic [51:12]            second_gpa_i,
  output walk_pkg::nested_entry_t second_o,
  // A mapping to keep.
  input  logic                    fill_i,
  input  logic [DomainWidth-1:0]  fill_domain_i,
  input  logic [51:12]            fill_gpa_i,
  input  walk_pkg::nested_entry_t fill_entry_i,
  // Mappings to drop.
  input  logic                    drop_i,
  input  logic                    drop_every_domain_i,
  input  logic [DomainWidth-1:0]  drop_domain_i,
  input  logic                    drop_by_gpa_i,
  input  logic [51:12]            drop_gpa_i
);
  localparam int unsigned EntryBits = walk_pkg::NestedEntryBits;

  logic [Entries*EntryBits-1:0] data;
  logic [Entries*40-1:0] care;
  logic [Entries-1:0] first_hit, second_hit;

  tagged_array #(.Entries(Entries), .DomainWidth(DomainWidth), .KeyWidth(40), .DataWidth(EntryBits)) u_array (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .data_o(data),
    .care_i(care),
    .first_domain_i(first_domain_i),
    .first_key_i(first_gpa_i),
    .first_hit_o(first_hit),
    .second_domain_i(second_domain_i),
    .second_key_i(second_gpa_i),
    .second_hit_o(second_hit),
    .look_care_i({40{1'b1}}),
    .fill_i(fill_i),
    .fill_domain_i(fill_domain_i),
    .fill_key_i(fill_gpa_i),
    .fill_care_i(~walk_pkg::offset_mask(fill_entry_i.level)),
    .fill_data_i(fill_entry_i),
    .drop_i(drop_i),
    .drop_every_domain_i(drop_every_domain_i),
    .drop_domain_i(drop_domain_i),
    .drop_key_i(drop_gpa_i),
    .drop_care_i({40{drop_by_gpa_i}})
  );

  // Not in a generate loop, where Yosys 0.23 takes a struct's member for an undeclared name.
  walk_pkg::nested_entry_t entry;
  always_comb begin
    entry = '0;
    care = '0;
    for (int i = 0; i < Entries; i++) begin
      entry = data[i*EntryBits+:EntryBits];
      care[i*40+:40] = ~walk_pkg::offset_mask(entry.level);
    end
  end
  logic unused_bits;
  assign unused_bits = ^entry;

  // No two entries hold the same page, so the hits are one-hot.
  walk_pkg::nested_entry_t kept;
  logic [51:12] offset, first_offset, second_offset;
  always_comb begin
    kept = '0;
    offset = 40'd0;
    first_o = '0;
    second_o = '0;
    first_offset = 40'd0;
    second_offset = 40'd0;
    for (int i = 0; i < Entries; i++) begin
      kept = data[i*EntryBits+:EntryBits];
      offset = walk_pkg::offset_mask(kept.level);
      if (first_hit[i]) begin
        first_o = first_o | kept;
        first_offset = first_offset | offset;
      end
      if (second_hit[i]) begin
        second_o = second_o | kept;
        second_offset = second_offset | offset;
      end
    end
    first_o.hit = first_hit != '0;
    second_o.hit = second_hit != '0;
    first_o.page = (first_o.page & ~first_offset) | (first_gpa_i & first_offset);
    second_o.page = (second_o.page & ~second_offset) | (second_gpa_i & second_offset);
  end
endmodule
