// The walk cache: guest tables by the linear addresses that they serve, at guest-physical addresses.
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
  localparam int unsigned EntryBits = walk_pkg::TableEntryBits;
  localparam int unsigned KeyWidth = 43 + 3;  // the page, and the level, which look-ups leave open

  logic [Entries*EntryBits-1:0] data;
  logic [Entries*KeyWidth-1:0] care;
  logic [Entries-1:0] hit, unused_hit;

  tagged_array #(.Entries(Entries), .DomainWidth(DomainWidth), .KeyWidth(KeyWidth), .DataWidth(EntryBits)) u_array (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .data_o(data),
    .care_i(care),
    .first_domain_i(domain_i),
    .first_key_i({page_i, 3'd0}),
    .first_hit_o(hit),
    .second_domain_i('0),
    .second_key_i('0),
    .second_hit_o(unused_hit),
    .look_care_i({{43{1'b1}}, 3'd0}),
    .fill_i(fill_i),
    .fill_domain_i(fill_domain_i),
    .fill_key_i({fill_page_i, fill_table_i.level}),
    .fill_care_i({KeyWidth{1'b1}}),
    .fill_data_i(fill_table_i),
    .drop_i(drop_i),
    .drop_every_domain_i(drop_every_domain_i),
    .drop_domain_i(drop_domain_i),
    .drop_key_i('0),
    .drop_care_i('0)
  );

  // A table of `level` serves the addresses that agree above the index into the entry that named it.
  function automatic logic [63:21] serves(input logic [2:0] level);
    case (level)
      3'd1: serves = 43'h7ff_ffff_ffff;
      3'd2: serves = 43'h7ff_ffff_fe00;
      3'd3: serves = 43'h7ff_fffc_0000;
      default: serves = 43'h7ff_f800_0000;
    endcase
  endfunction

  // Not in a generate loop, where Yosys 0.23 takes a struct's member for an undeclared name.
  walk_pkg::table_entry_t entry;
  always_comb begin
    entry = '0;
    care = '0;
    for (int i = 0; i < Entries; i++) begin
      entry = data[i*EntryBits+:EntryBits];
      care[i*KeyWidth+:KeyWidth] = {serves(entry.level), 3'b111};
    end
  end
  logic unused_bits;
  assign unused_bits = ^entry;

  walk_pkg::table_entry_t best, kept;
  always_comb begin
    best = '0;
    kept = '0;
    for (int i = 0; i < Entries; i++) begin
      kept = data[i*EntryBits+:EntryBits];
      if (hit[i] && (!best.hit || kept.level < best.level)) best = kept;
    end
  end
  assign table_o = best;
endmodule
