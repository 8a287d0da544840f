// The entries of one stage that walks have read, kept for the exchanges that may follow and to find their tables again.
module kept_entries #(
  parameter int unsigned Contexts = 16,
  parameter int unsigned Levels = 5,
  localparam int unsigned IdWidth = Contexts > 1 ? $clog2(Contexts) : 1
) (
  input  logic               clk_i,
  input  logic               keep_i,
  input  logic [IdWidth-1:0] keep_id_i,
  input  logic [2:0]         keep_level_i,
  input  logic [63:0]        keep_entry_i,
  // Two look-ups of one context: a whole entry, and the table or page that another names.
  input  logic [IdWidth-1:0] id_i,
  input  logic [2:0]         entry_level_i,
  output logic [63:0]        entry_o,
  input  logic [2:0]         table_level_i,
  output logic [51:12]       table_o
);
  localparam int unsigned Slots = Contexts * Levels;
  localparam int unsigned SlotWidth = $clog2(Slots);

  // A slot a context and level. What a level that is not walked reads is not used, but is the context's own.
  function automatic logic [SlotWidth-1:0] slot(input logic [IdWidth-1:0] id, input logic [2:0] level);
    logic [31:0] row, at;
    row = {29'd0, level - 3'd1};
    at = {{32 - IdWidth{1'b0}}, id} * Levels + (row < Levels ? row : 32'd0);
    slot = at < Slots ? at[SlotWidth-1:0] : '0;
  endfunction

  logic [63:0] entries_q [0:Slots-1];
  logic [63:0] named;

  always_ff @(posedge clk_i) begin
    if (keep_i) entries_q[slot(keep_id_i, keep_level_i)] <= keep_entry_i;
  end
  assign entry_o = entries_q[slot(id_i, entry_level_i)];
  assign named = entries_q[slot(id_i, table_level_i)];
  assign table_o = named[51:12];

  logic unused_bits;
  assign unused_bits = ^named;
endmodule
