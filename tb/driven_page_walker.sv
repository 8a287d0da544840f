// The walker as software drives it: what is set on the inputs before an edge is on the walker's pins in the cycle that the
// edge begins, while its outputs still are this module's. So one evaluation carries both the edge and the new inputs.
module driven_page_walker #(
  parameter int unsigned Contexts = 16,
  parameter int unsigned TagWidth = 16,
  parameter int unsigned DomainWidth = 8,
  parameter int unsigned NestedTlbEntries = 0,
  parameter int unsigned WalkCacheEntries = 0,
  parameter bit Bypass = 1'b0,
  localparam int unsigned IdWidth = Contexts > 1 ? $clog2(Contexts) : 1,
  localparam int unsigned CountWidth = $clog2(Contexts + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       request_valid_i,
  output logic                       request_ready_o,
  input  logic [TagWidth-1:0]        request_tag_i,
  input  logic [DomainWidth-1:0]     request_domain_i,
  input  walk_pkg::request_t         request_i,
  output logic                       response_valid_o,
  input  logic                       response_ready_i,
  output logic [TagWidth-1:0]        response_tag_o,
  output logic [63:12]               response_page_o,
  output walk_pkg::response_t        response_o,
  output logic                       memory_request_valid_o,
  input  logic                       memory_request_ready_i,
  output logic [IdWidth-1:0]         memory_request_id_o,
  output logic [TagWidth-1:0]        memory_request_tag_o,
  output walk_pkg::memory_request_t  memory_request_o,
  input  logic                       memory_response_valid_i,
  output logic                       memory_response_ready_o,
  input  logic [IdWidth-1:0]         memory_response_id_i,
  input  walk_pkg::memory_response_t memory_response_i,
  input  logic                       invalidate_valid_i,
  output logic                       invalidate_ready_o,
  input  logic [DomainWidth-1:0]     invalidate_domain_i,
  input  walk_pkg::invalidation_t    invalidate_i,
  output logic                       invalidated_valid_o,
  input  logic                       invalidated_ready_i,
  output logic [CountWidth-1:0]      busy_o,
  output walk_pkg::events_t          events_o
);
  logic rst_nq, request_valid_q, response_ready_q, memory_request_ready_q, memory_response_valid_q, invalidate_valid_q;
  logic invalidated_ready_q;
  logic [TagWidth-1:0] request_tag_q;
  logic [DomainWidth-1:0] request_domain_q, invalidate_domain_q;
  logic [IdWidth-1:0] memory_response_id_q;
  walk_pkg::request_t request_q;
  walk_pkg::memory_response_t memory_response_q;
  walk_pkg::invalidation_t invalidate_q;

  always_ff @(posedge clk_i) begin
    rst_nq <= rst_ni;
    request_valid_q <= request_valid_i;
    request_tag_q <= request_tag_i;
    request_domain_q <= request_domain_i;
    request_q <= request_i;
    response_ready_q <= response_ready_i;
    memory_request_ready_q <= memory_request_ready_i;
    memory_response_valid_q <= memory_response_valid_i;
    memory_response_id_q <= memory_response_id_i;
    memory_response_q <= memory_response_i;
    invalidate_valid_q <= invalidate_valid_i;
    invalidate_domain_q <= invalidate_domain_i;
    invalidate_q <= invalidate_i;
    invalidated_ready_q <= invalidated_ready_i;
  end

  page_walker #(
    .Contexts(Contexts),
    .TagWidth(TagWidth),
    .DomainWidth(DomainWidth),
    .NestedTlbEntries(NestedTlbEntries),
    .WalkCacheEntries(WalkCacheEntries),
    .Bypass(Bypass)
  ) u_walker (
    .clk_i,
    .rst_ni(rst_nq),
    .request_valid_i(request_valid_q),
    .request_ready_o,
    .request_tag_i(request_tag_q),
    .request_domain_i(request_domain_q),
    .request_i(request_q),
    .response_valid_o,
    .response_ready_i(response_ready_q),
    .response_tag_o,
    .response_page_o,
    .response_o,
    .memory_request_valid_o,
    .memory_request_ready_i(memory_request_ready_q),
    .memory_request_id_o,
    .memory_request_tag_o,
    .memory_request_o,
    .memory_response_valid_i(memory_response_valid_q),
    .memory_response_ready_o,
    .memory_response_id_i(memory_response_id_q),
    .memory_response_i(memory_response_q),
    .invalidate_valid_i(invalidate_valid_q),
    .invalidate_ready_o,
    .invalidate_domain_i(invalidate_domain_q),
    .invalidate_i(invalidate_q),
    .invalidated_valid_o,
    .invalidated_ready_i(invalidated_ready_q),
    .busy_o,
    .events_o
  );
endmodule
