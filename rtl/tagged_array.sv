// Entries found by domain and key: what the nested TLB and the walk cache share. Fully associative, replaced in turn.
//
// An entry's key counts where its own care bits and those of the question are 1; `care_i` says the former, from the
// entries' data as `data_o` shows them.
module tagged_array #(
  parameter int unsigned Entries = 16,
  parameter int unsigned DomainWidth = 8,
  parameter int unsigned KeyWidth = 40,
  parameter int unsigned DataWidth = 8
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  // Every entry's data and its care bits, the lowest entry in the lowest bits.
  output logic [Entries*DataWidth-1:0] data_o,
  input  logic [Entries*KeyWidth-1:0]  care_i,
  // Two look-ups: the entries hit.
  input  logic [DomainWidth-1:0]       first_domain_i,
  input  logic [KeyWidth-1:0]          first_key_i,
  output logic [Entries-1:0]           first_hit_o,
  input  logic [DomainWidth-1:0]       second_domain_i,
  input  logic [KeyWidth-1:0]          second_key_i,
  output logic [Entries-1:0]           second_hit_o,
  input  logic [KeyWidth-1:0]          look_care_i,
  // An entry to keep. What it meets is older than it and goes.
  input  logic                         fill_i,
  input  logic [DomainWidth-1:0]       fill_domain_i,
  input  logic [KeyWidth-1:0]          fill_key_i,
  input  logic [KeyWidth-1:0]          fill_care_i,
  input  logic [DataWidth-1:0]         fill_data_i,
  // Entries to drop.
  input  logic                         drop_i,
  input  logic                         drop_every_domain_i,
  input  logic [DomainWidth-1:0]       drop_domain_i,
  input  logic [KeyWidth-1:0]          drop_key_i,
  input  logic [KeyWidth-1:0]          drop_care_i
);
  localparam int unsigned SlotWidth = Entries > 1 ? $clog2(Entries) : 1;
  localparam int unsigned LastSlot = Entries - 1;

  logic [Entries-1:0] valid_q, fill_hit, drop_hit;
  logic [DomainWidth-1:0] domain_q [0:Entries-1];
  logic [KeyWidth-1:0] key_q [0:Entries-1];
  logic [DataWidth-1:0] data_q [0:Entries-1];
  logic [SlotWidth-1:0] victim_q;

  for (genvar i = 0; i < Entries; i++) begin : gen_entry
    logic [KeyWidth-1:0] key, care;
    assign key = key_q[i];
    assign care = care_i[i*KeyWidth+:KeyWidth];
    assign data_o[i*DataWidth+:DataWidth] = data_q[i];
    assign first_hit_o[i] = valid_q[i] && domain_q[i] == first_domain_i &&
                            ((key ^ first_key_i) & care & look_care_i) == '0;
    assign second_hit_o[i] = valid_q[i] && domain_q[i] == second_domain_i &&
                             ((key ^ second_key_i) & care & look_care_i) == '0;
    assign fill_hit[i] = domain_q[i] == fill_domain_i && ((key ^ fill_key_i) & care & fill_care_i) == '0;
    assign drop_hit[i] = (drop_every_domain_i || domain_q[i] == drop_domain_i) &&
                         ((key ^ drop_key_i) & care & drop_care_i) == '0;
  end

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
      key_q[victim_q] <= fill_key_i;
      data_q[victim_q] <= fill_data_i;
    end
  end
endmodule
