// A queue of context numbers that takes up to two a cycle. It holds each number at most once, so it is never full.
module id_fifo #(
  parameter int unsigned IdWidth = 4
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               push_first_i,   // before push_second_i of the same cycle
  input  logic [IdWidth-1:0] first_i,
  input  logic               push_second_i,
  input  logic [IdWidth-1:0] second_i,
  output logic               valid_o,
  output logic [IdWidth-1:0] head_o,
  input  logic               pop_i
);
  localparam int unsigned Depth = 32'd1 << IdWidth;

  logic [IdWidth-1:0] ids_q [0:Depth-1];
  logic [IdWidth-1:0] read_q, write_q, second_slot;
  logic [IdWidth:0] count_q, pushes, pops;

  assign valid_o = count_q != '0;
  assign head_o = ids_q[read_q];
  assign second_slot = push_first_i ? write_q + 1'b1 : write_q;
  assign pushes = {{IdWidth{1'b0}}, push_first_i} + {{IdWidth{1'b0}}, push_second_i};
  assign pops = {{IdWidth{1'b0}}, pop_i};

  always_ff @(posedge clk_i) begin
    if (push_first_i) ids_q[write_q] <= first_i;
    if (push_second_i) ids_q[second_slot] <= second_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q <= '0;
      write_q <= '0;
      count_q <= '0;
    end else begin
      if (pop_i) read_q <= read_q + 1'b1;
      if (push_second_i) write_q <= second_slot + 1'b1;
      else if (push_first_i) write_q <= write_q + 1'b1;
      count_q <= count_q + pushes - pops;
    end
  end
endmodule
