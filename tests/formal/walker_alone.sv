// The walker with its outputs left open: an AIGER file's outputs would be taken for statements.
module walker_alone #(
  parameter bit Bypass = 1'b0
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       request_valid_i,
  input logic [1:0]                 request_tag_i,
  input logic                       request_domain_i,
  input walk_pkg::request_t         request_i,
  input logic                       response_ready_i,
  input logic                       memory_request_ready_i,
  input logic                       memory_response_valid_i,
  input logic                       memory_response_id_i,
  input walk_pkg::memory_response_t memory_response_i,
  input logic                       invalidate_valid_i,
  input logic                       invalidate_domain_i,
  input walk_pkg::invalidation_t    invalidate_i,
  input logic                       invalidated_ready_i
);
  page_walker #(.Contexts(2), .TagWidth(2), .DomainWidth(1), .Bypass(Bypass)) u_walker (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .request_valid_i(request_valid_i),
    .request_tag_i(request_tag_i),
    .request_domain_i(request_domain_i),
    .request_i(request_i),
    .response_ready_i(response_ready_i),
    .memory_request_ready_i(memory_request_ready_i),
    .memory_response_valid_i(memory_response_valid_i),
    .memory_response_id_i(memory_response_id_i),
    .memory_response_i(memory_response_i),
    .invalidate_valid_i(invalidate_valid_i),
    .invalidate_domain_i(invalidate_domain_i),
    .invalidate_i(invalidate_i),
    .invalidated_ready_i(invalidated_ready_i)
  );
endmodule
