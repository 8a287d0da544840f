// The nested TLB: guest-physical pages as the second stage maps them. Fully associative; two look-ups a cycle.
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
  localparam int unsigned SlotWidth = Entries > 1 ? $clog2(Entries) : 1;
  localparam int unsigned LastSlot = Entries - 1;

  logic [Entries-1:0] valid_q, first_hit, second_hit, fill_hit, drop_hit;
  logic [DomainWidth-1:0] domain_q [0:Entries-1];
  logic [51:12] gpa_q [0:Entries-1];
  logic [walk_pkg::NestedEntryBits-1:0] entry_q [0:Entries-1];
  logic [SlotWidth-1:0] victim_q;

  // No two entries hold the same page, so the hits are one-hot.
  walk_pkg::nested_entry_t kept;
  logic [51:12] offset, first_offset, second_offset, gpa;
  logic same_drop;
  always_comb begin
    kept = '0;
    offset = 40'd0;
    gpa = 40'd0;
    first_o = '0;
    second_o = '0;
    first_offset = 40'd0;
    second_offset = 40'd0;
    for (int i = 0; i < Entries; i++) begin
      kept = entry_q[i];
      gpa = gpa_q[i];
      offset = walk_pkg::offset_mask(kept.level);
      first_hit[i] = valid_q[i] && domain_q[i] == first_domain_i && ((gpa ^ first_gpa_i) & ~offset) == 40'd0;
      second_hit[i] = valid_q[i] && domain_q[i] == second_domain_i && ((gpa ^ second_gpa_i) & ~offset) == 40'd0;
      fill_hit[i] = domain_q[i] == fill_domain_i &&
                    ((gpa ^ fill_gpa_i) & ~(offset | walk_pkg::offset_mask(fill_entry_i.level))) == 40'd0;
      same_drop = ((gpa ^ drop_gpa_i) & ~offset) == 40'd0;
      drop_hit[i] = (drop_every_domain_i || domain_q[i] == drop_domain_i) && (!drop_by_gpa_i || same_drop);
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

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      victim_q <= '0;
    end else if (drop_i) begin
      valid_q <= valid_q & ~drop_hit;
    end else if (fill_i) begin
      // What overlaps the new mapping is older than it.
      valid_q <= valid_q & ~fill_hit;
      valid_q[victim_q] <= 1'b1;
      victim_q <= victim_q == LastSlot[SlotWidth-1:0] ? '0 : victim_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i && !drop_i) begin
      domain_q[victim_q] <= fill_domain_i;
      gpa_q[victim_q] <= fill_gpa_i;
      entry_q[victim_q] <= fill_entry_i;
    end
  end
endmodule
