// What is proved of the walker's ports and of its contexts' whereabouts. prove.sh puts an instance of it at the end of
// page_walker, because Yosys 0.23 has no `bind`.
//
// A context that is busy stands in one place: the issue queue, memory or the response queue. A head of either queue
// leaves it as soon as its port is ready, so no walk is lost; and each leaves only once, so no response is doubled.
module walker_properties #(
  parameter int unsigned Contexts = 2,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned CountWidth = 2,
  parameter int unsigned TagWidth = 2
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic                      request_valid_i,
  input logic                      request_ready_o,
  input logic [TagWidth-1:0]       request_tag_i,
  input logic [63:12]              request_page_i,
  input logic                      response_valid_o,
  input logic                      response_ready_i,
  input logic [TagWidth-1:0]       response_tag_o,
  input logic [63:12]              response_page_o,
  input walk_pkg::response_t       response_o,
  input logic                      memory_request_valid_o,
  input logic                      memory_request_ready_i,
  input logic [IdWidth-1:0]        memory_request_id_o,
  input logic [TagWidth-1:0]       memory_request_tag_o,
  input walk_pkg::memory_request_t memory_request_o,
  input logic                      memory_response_valid_i,
  input logic                      memory_response_ready_o,
  input logic [IdWidth-1:0]        memory_response_id_i,
  input logic                      invalidated_valid_o,
  input logic                      invalidated_ready_i,
  input logic [CountWidth-1:0]     busy_o,
  // Inside.
  input logic [Contexts-1:0]       busy_q,
  input logic                      launch_new,
  input logic [IdWidth-1:0]        launch_id,
  input logic                      launch_issues,
  input logic                      launch_done,
  input logic                      judge_issues,
  input logic                      judge_done,
  input logic                      issue_valid,
  input logic                      issue_pop,
  input logic [IdWidth-1:0]        issue_id,
  input logic                      done_valid,
  input logic [IdWidth-1:0]        done_id
);
  logic asked, answered, judged;
  assign asked = memory_request_valid_o && memory_request_ready_i;
  assign answered = response_valid_o && response_ready_i;
  assign judged = memory_response_valid_i && memory_response_ready_o;

  // Where each context stands, by what passes the ports and the queues.
  logic [Contexts-1:0] in_issue_q, in_memory_q, in_done_q;
  logic [Contexts-1:0] to_issue, from_issue, to_memory, from_memory, to_done, from_done;
  always_comb begin
    to_issue = '0;
    from_issue = '0;
    to_memory = '0;
    from_memory = '0;
    to_done = '0;
    from_done = '0;
    if (judge_issues) to_issue[memory_response_id_i] = 1'b1;
    if (launch_issues) to_issue[launch_id] = 1'b1;
    if (issue_pop) from_issue[issue_id] = 1'b1;
    if (asked) to_memory[memory_request_id_o] = 1'b1;
    if (judged) from_memory[memory_response_id_i] = 1'b1;
    if (judge_done) to_done[memory_response_id_i] = 1'b1;
    if (launch_done) to_done[launch_id] = 1'b1;
    if (answered) from_done[done_id] = 1'b1;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_issue_q <= '0;
      in_memory_q <= '0;
      in_done_q <= '0;
    end else begin
      in_issue_q <= (in_issue_q & ~from_issue) | to_issue;
      in_memory_q <= (in_memory_q & ~from_memory) | to_memory;
      in_done_q <= (in_done_q & ~from_done) | to_done;
    end
  end

  // One tag, whichever: it is open from its request to its response.
  (* anyconst *) logic [TagWidth-1:0] tag;
  logic open_q;
  logic [63:12] page_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) open_q <= 1'b0;
    else if (request_valid_i && request_ready_o && request_tag_i == tag) open_q <= 1'b1;
    else if (answered && response_tag_o == tag) open_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (request_valid_i && request_ready_o && request_tag_i == tag) page_q <= request_page_i;
  end

  // What was offered and not taken.
  logic request_held_q, response_held_q, done_held_q;
  logic [IdWidth-1:0] held_id_q, held_done_q;
  logic [TagWidth-1:0] held_memory_tag_q, held_tag_q;
  logic [63:12] held_page_q;
  walk_pkg::memory_request_t held_request_q;
  walk_pkg::response_t held_response_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      request_held_q <= 1'b0;
      response_held_q <= 1'b0;
      done_held_q <= 1'b0;
    end else begin
      request_held_q <= memory_request_valid_o && !memory_request_ready_i;
      response_held_q <= response_valid_o && !response_ready_i;
      done_held_q <= invalidated_valid_o && !invalidated_ready_i;
    end
  end
  always_ff @(posedge clk_i) begin
    held_id_q <= memory_request_id_o;
    held_memory_tag_q <= memory_request_tag_o;
    held_request_q <= memory_request_o;
    held_done_q <= done_id;
    held_tag_q <= response_tag_o;
    held_page_q <= response_page_o;
    held_response_q <= response_o;
  end

  // The environment: answers of memory to what it was asked, and no tag twice at once.
  always_comb begin
    if (rst_ni) begin
      assume (!memory_response_valid_i || in_memory_q[memory_response_id_i]);
      assume (!(request_valid_i && request_tag_i == tag && open_q));
    end
  end

  integer places;
  always_comb begin
    places = 0;
    for (int i = 0; i < Contexts; i++)
      places = places + {31'd0, in_issue_q[i]} + {31'd0, in_memory_q[i]} + {31'd0, in_done_q[i]};
  end

  // No response is lost or doubled.
  logic walks_hold;
  assign walks_hold =
    busy_q == (in_issue_q | in_memory_q | in_done_q) &&
    (in_issue_q & in_memory_q) == '0 && (in_issue_q & in_done_q) == '0 && (in_memory_q & in_done_q) == '0 &&
    {{32 - CountWidth{1'b0}}, busy_o} == places &&
    issue_valid == (in_issue_q != '0) && (!issue_valid || in_issue_q[issue_id]) &&
    done_valid == (in_done_q != '0) && (!done_valid || in_done_q[done_id]) &&
    response_valid_o == done_valid && (!(response_valid_o && response_tag_o == tag) || open_q) &&
    (!open_q || busy_o != '0);

  // No busy id is used again: not by a new walk, nor for a second memory request.
  logic ids_hold;
  assign ids_hold =
    (!launch_new || !busy_q[launch_id]) &&
    (!asked || !in_memory_q[memory_request_id_o] || (judged && memory_response_id_i == memory_request_id_o));

  // What is offered stays offered until it is taken, under the same id and tag,
  logic offers_hold;
  assign offers_hold =
    (!request_held_q || (memory_request_valid_o && memory_request_id_o == held_id_q &&
                         memory_request_tag_o == held_memory_tag_q)) &&
    (!response_held_q || (response_valid_o && done_id == held_done_q && response_tag_o == held_tag_q)) &&
    (!done_held_q || invalidated_valid_o);

  // and so does every bit of its payload.
  logic payloads_hold;
  assign payloads_hold =
    (!request_held_q || memory_request_o == held_request_q) &&
    (!response_held_q || (response_page_o == held_page_q && response_o == held_response_q));

  // Payloads are judged after one cycle from any state in which the rest holds; the rest from reset on.
  logic begun_q = 1'b0;
  always_ff @(posedge clk_i) begun_q <= 1'b1;
  always_comb begin
`ifdef PROVE_PAYLOADS
    if (rst_ni) assume (walks_hold && ids_hold && offers_hold);
    if (rst_ni && begun_q) assert (payloads_hold);
`else
    if (!begun_q) assume (!rst_ni);
    if (rst_ni) begin
`ifdef PROVE_WALKS
      assert (walks_hold);
`endif
`ifdef PROVE_IDS
      assert (ids_hold);
`endif
`ifdef PROVE_OFFERS
      assert (offers_hold);
`endif
`ifdef PROVE_ALL
      assert (walks_hold && ids_hold && offers_hold && payloads_hold);
`endif
    end
`endif
  end
endmodule
