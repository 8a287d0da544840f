// What must hold at the walker's ports, bound to it from outside.
module page_walker_checker #(
  parameter int unsigned Contexts = 16,
  parameter int unsigned IdWidth = 4,
  parameter int unsigned CountWidth = 5,
  parameter int unsigned TagWidth = 16
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic                      request_valid_i,
  input logic                      request_ready_o,
  input logic                      response_valid_o,
  input logic                      response_ready_i,
  input logic [TagWidth-1:0]       response_tag_o,
  input walk_pkg::response_t       response_o,
  input logic                      memory_request_valid_o,
  input logic                      memory_request_ready_i,
  input logic [IdWidth-1:0]        memory_request_id_o,
  input walk_pkg::memory_request_t memory_request_o,
  input logic                      memory_response_valid_i,
  input logic [IdWidth-1:0]        memory_response_id_i,
  input logic                      invalidated_valid_o,
  input logic                      invalidated_ready_i,
  input logic [CountWidth-1:0]     busy_o
);
  logic [Contexts-1:0] in_flight_q;
  logic [31:0] open_q;  // requests taken and not answered
  logic request_held_q, response_held_q, done_held_q;
  logic [IdWidth-1:0] held_id_q;
  logic [TagWidth-1:0] held_tag_q;
  walk_pkg::memory_request_t held_request_q;
  walk_pkg::response_t held_response_q;
  logic asked, answered, mapped, running_q;

  assign asked = memory_request_valid_o && memory_request_ready_i;
  assign answered = response_valid_o && response_ready_i;
  assign mapped = response_o.result == walk_pkg::ResultMapped;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_flight_q <= '0;
      open_q <= 32'd0;
      request_held_q <= 1'b0;
      response_held_q <= 1'b0;
      done_held_q <= 1'b0;
      running_q <= 1'b0;
    end else begin
      running_q <= 1'b1;
      if (memory_response_valid_i) in_flight_q[memory_response_id_i] <= 1'b0;
      if (asked) in_flight_q[memory_request_id_o] <= 1'b1;
      open_q <= open_q + {31'd0, request_valid_i && request_ready_o} - {31'd0, answered};
      request_held_q <= memory_request_valid_o && !memory_request_ready_i;
      response_held_q <= response_valid_o && !response_ready_i;
      done_held_q <= invalidated_valid_o && !invalidated_ready_i;
    end
  end
  always_ff @(posedge clk_i) begin
    held_id_q <= memory_request_id_o;
    held_request_q <= memory_request_o;
    held_tag_q <= response_tag_o;
    held_response_q <= response_o;
  end

  always_ff @(posedge clk_i) begin
    if (running_q) begin
      one_in_flight_an_id: assert (!(asked && in_flight_q[memory_request_id_o] &&
                                     !(memory_response_valid_i && memory_response_id_i == memory_request_id_o)));
      only_asked_answers: assert (!memory_response_valid_i || in_flight_q[memory_response_id_i]);
      request_not_dropped: assert (!request_held_q || memory_request_valid_o);
      request_stable: assert (!request_held_q ||
                              (memory_request_id_o == held_id_q && memory_request_o == held_request_q));
      response_not_dropped: assert (!response_held_q || response_valid_o);
      response_stable: assert (!response_held_q ||
                               (response_tag_o == held_tag_q && response_o == held_response_q));
      done_not_dropped: assert (!done_held_q || invalidated_valid_o);
      occupancy_bounded: assert ({{32 - CountWidth{1'b0}}, busy_o} <= Contexts);
      occupancy_exact: assert ({{32 - CountWidth{1'b0}}, busy_o} == open_q);
      no_answer_without_request: assert (!response_valid_o || open_q != 32'd0);
      fault_excludes_mapping: assert (!response_valid_o || !mapped ||
                                      (response_o.code == 12'd0 && response_o.level == 3'd0 && !response_o.stage));
      fault_gives_no_rights: assert (!response_valid_o || mapped ||
                                     (response_o.rights == 8'd0 && response_o.guest_level == 3'd0 &&
                                      response_o.nested_level == 3'd0));
    end
  end

  logic unused_bits;
  assign unused_bits = ^{response_o};
endmodule

bind page_walker page_walker_checker #(
  .Contexts(Contexts), .IdWidth(IdWidth), .CountWidth(CountWidth), .TagWidth(TagWidth)
) u_checker (.*);
