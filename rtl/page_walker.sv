// The two-stage page walker: guest tables over nested tables, `Contexts` walks in flight, one entry judged a cycle.
//
// A walk's answer from memory is judged in the cycle that it arrives; the walk's next request waits in the issue queue
// and goes out in the next cycle, or with `Bypass` in the same one. The launch stage begins walks, new and again, and
// finds the flags that are to be set. Responses come in the order in which walks end. After a reset memory's answers to
// requests from before it must not arrive.
module page_walker #(
  parameter int unsigned Contexts = 16,
  parameter int unsigned GuestLevels = 5,       // 4 or 5
  parameter int unsigned NestedLevels = 5,      // 4 or 5
  parameter int unsigned NestedFormats = 2,     // 0: EPT; 1: NPT; 2: both
  parameter int unsigned PhysWidth = 52,        // 33 to 52
  parameter int unsigned TagWidth = 16,
  parameter int unsigned DomainWidth = 8,
  parameter bit FlagUpdates = 1'b1,
  parameter int unsigned NestedTlbEntries = 0,
  parameter int unsigned WalkCacheEntries = 0,
  parameter bit Bypass = 1'b0,
  localparam int unsigned IdWidth = Contexts > 1 ? $clog2(Contexts) : 1,
  localparam int unsigned CountWidth = $clog2(Contexts + 1)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // Requests.
  input  logic                        request_valid_i,
  output logic                        request_ready_o,
  input  logic [TagWidth-1:0]         request_tag_i,
  input  logic [DomainWidth-1:0]      request_domain_i,
  input  walk_pkg::request_t          request_i,
  // Responses, in any order.
  output logic                        response_valid_o,
  input  logic                        response_ready_i,
  output logic [TagWidth-1:0]         response_tag_o,
  output logic [63:12]                response_page_o,
  output walk_pkg::response_t         response_o,
  // Memory: reads and exchanges, one in flight an id.
  output logic                        memory_request_valid_o,
  input  logic                        memory_request_ready_i,
  output logic [IdWidth-1:0]          memory_request_id_o,
  output logic [TagWidth-1:0]         memory_request_tag_o,  // of the walk that asks
  output walk_pkg::memory_request_t   memory_request_o,
  input  logic                        memory_response_valid_i,
  output logic                        memory_response_ready_o,
  input  logic [IdWidth-1:0]          memory_response_id_i,
  input  walk_pkg::memory_response_t  memory_response_i,
  // Invalidation: done once every walk that it squashed has answered.
  input  logic                        invalidate_valid_i,
  output logic                        invalidate_ready_o,
  input  logic [DomainWidth-1:0]      invalidate_domain_i,
  input  walk_pkg::invalidation_t     invalidate_i,
  output logic                        invalidated_valid_o,
  input  logic                        invalidated_ready_i,
  // What goes on.
  output logic [CountWidth-1:0]       busy_o,
  output walk_pkg::events_t           events_o
);
  localparam bit NestedTlb = NestedTlbEntries != 0;
  localparam bit WalkCache = WalkCacheEntries != 0;

  // Contexts.
  logic [Contexts-1:0] busy_q, squashed_q, touched_q, same_domain;
  logic [walk_pkg::RequestBits-1:0] request_q [0:Contexts-1];
  logic [walk_pkg::WalkBits-1:0] walk_q [0:Contexts-1];
  logic [TagWidth-1:0] tag_q [0:Contexts-1];
  logic [DomainWidth-1:0] domain_q [0:Contexts-1];
  logic [CountWidth-1:0] count_q;

  // ---- Invalidation
  logic invalidating_q, invalidate;
  assign invalidate_ready_o = !invalidating_q;
  assign invalidate = invalidate_valid_i && invalidate_ready_o;
  assign invalidated_valid_o = invalidating_q && touched_q == '0;
  for (genvar i = 0; i < Contexts; i++) begin : gen_domain
    assign same_domain[i] = invalidate_i.every_domain || domain_q[i] == invalidate_domain_i;
  end

  // ---- Issue queue
  logic issue_valid, issue_pop, issue_asks, issue_plans;
  logic [IdWidth-1:0] issue_id;
  walk_pkg::walk_t issue_walk;
  walk_pkg::request_t issue_request;
  logic judge_issues, launch_issues, bypass, bypassed;

  // ---- Judge: memory answers
  logic judge, judge_done, judge_keeps, judge_fills_tlb, judge_fills_table, judge_lost, judge_tlb_hit;
  logic [IdWidth-1:0] judge_id;
  walk_pkg::request_t judge_request;
  walk_pkg::walk_t judge_walk, judge_next, judge_asked;
  walk_pkg::nested_entry_t judge_cached;

  assign memory_response_ready_o = 1'b1;
  assign judge = memory_response_valid_i && memory_response_ready_o;
  assign judge_id = memory_response_id_i;
  assign judge_request = request_q[judge_id];
  assign judge_walk = walk_q[judge_id];

  walk_step #(.FlagUpdates(FlagUpdates), .NestedTlb(NestedTlb), .PhysWidth(PhysWidth)) u_step (
    .request_i(judge_request),
    .walk_i(judge_walk),
    .squashed_i(squashed_q[judge_id]),
    .answer_i(memory_response_i),
    .walk_o(judge_next),
    .asked_o(judge_asked),
    .cached_i(judge_cached),
    .keep_value_o(judge_keeps),
    .fill_tlb_o(judge_fills_tlb),
    .fill_table_o(judge_fills_table),
    .lost_o(judge_lost),
    .cache_hit_o(judge_tlb_hit)
  );
  assign judge_done = judge && judge_next.op == walk_pkg::OpDone;

  // ---- Launch: new walks, and turns of the launch stage
  logic launch, launch_new, launch_done, launch_table_hit, launch_tlb_hit, free, value_nested;
  logic [2:0] value_level;
  logic [51:12] value;
  logic [IdWidth-1:0] free_id, launch_id;
  walk_pkg::request_t launch_request, accepted_request;
  walk_pkg::walk_t launch_next, launch_asked;
  walk_pkg::nested_entry_t launch_cached;
  walk_pkg::table_entry_t launch_table;
  logic [DomainWidth-1:0] launch_domain;

  always_comb begin
    free = 1'b0;
    free_id = '0;
    for (int i = 0; i < Contexts; i++) begin
      if (!busy_q[i] && !free) begin
        free = 1'b1;
        free_id = i[IdWidth-1:0];
      end
    end
  end

  always_comb begin
    accepted_request = request_i;
    if (GuestLevels == 4) accepted_request.guest_five = 1'b0;
    if (NestedLevels == 4) accepted_request.nested_five = 1'b0;
    if (NestedFormats == 0) accepted_request.nested_npt = 1'b0;
    if (NestedFormats == 1) accepted_request.nested_npt = 1'b1;
  end

  // No walk begins in the cycle of an invalidation, so that none uses what it drops.
  assign request_ready_o = free && !issue_plans && !invalidate;
  assign launch_new = request_valid_i && request_ready_o;
  assign launch = launch_new || (issue_plans && !invalidate);
  assign launch_id = issue_plans ? issue_id : free_id;
  assign launch_request = issue_plans ? issue_request : accepted_request;
  assign launch_domain = issue_plans ? domain_q[issue_id] : request_domain_i;

  walk_launch #(.NestedTlb(NestedTlb), .WalkCache(WalkCache), .PhysWidth(PhysWidth)) u_launch (
    .request_i(launch_request),
    .walk_i(issue_walk),
    .new_i(!issue_plans),
    .squashed_i(issue_plans && squashed_q[issue_id]),
    .table_i(launch_table),
    .value_nested_o(value_nested),
    .value_level_o(value_level),
    .value_i(value),
    .walk_o(launch_next),
    .asked_o(launch_asked),
    .cached_i(launch_cached),
    .walk_cache_hit_o(launch_table_hit),
    .cache_hit_o(launch_tlb_hit)
  );
  assign launch_done = launch && launch_next.op == walk_pkg::OpDone;

  always_ff @(posedge clk_i) begin
    if (launch_new) begin
      request_q[free_id] <= accepted_request;
      tag_q[free_id] <= request_tag_i;
      domain_q[free_id] <= request_domain_i;
    end
    if (judge) walk_q[judge_id] <= judge_next;
    if (launch) walk_q[launch_id] <= launch_next;
  end

  // ---- Issue: the next read or exchange
  id_fifo #(.IdWidth(IdWidth)) u_issue (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .push_first_i(judge_issues),
    .first_i(judge_id),
    .push_second_i(launch_issues),
    .second_i(launch_id),
    .valid_o(issue_valid),
    .head_o(issue_id),
    .pop_i(issue_pop)
  );
  assign issue_walk = walk_q[issue_id];
  assign issue_request = request_q[issue_id];
  assign issue_asks = issue_valid && (issue_walk.op == walk_pkg::OpRead || issue_walk.op == walk_pkg::OpExchange);
  assign issue_plans = issue_valid && !issue_asks;
  assign issue_pop = issue_asks ? memory_request_ready_i : issue_plans && !invalidate;
  assign bypass = Bypass && !issue_valid && judge && judge_next.op == walk_pkg::OpRead;
  assign bypassed = bypass && memory_request_ready_i;
  assign judge_issues = judge && !judge_done && !bypassed;
  assign launch_issues = launch && !launch_done;

  logic [63:0] entry, desired;
  if (FlagUpdates) begin : gen_kept
    logic [63:0] guest_entry, nested_entry;
    logic [51:12] guest_value, nested_value;
    kept_entries #(.Contexts(Contexts), .Levels(GuestLevels)) u_guest (
      .clk_i(clk_i),
      .keep_i(judge && judge_keeps && !judge_walk.nested),
      .keep_id_i(judge_id),
      .keep_level_i(judge_walk.guest_level),
      .keep_entry_i(memory_response_i.data),
      .id_i(issue_id),
      .entry_level_i(issue_walk.guest_level),
      .entry_o(guest_entry),
      .table_level_i(value_level),
      .table_o(guest_value)
    );
    kept_entries #(.Contexts(Contexts), .Levels(NestedLevels)) u_nested (
      .clk_i(clk_i),
      .keep_i(judge && judge_keeps && judge_walk.nested),
      .keep_id_i(judge_id),
      .keep_level_i(judge_walk.nested_level),
      .keep_entry_i(memory_response_i.data),
      .id_i(issue_id),
      .entry_level_i(issue_walk.nested_level),
      .entry_o(nested_entry),
      .table_level_i(value_level),
      .table_o(nested_value)
    );
    assign entry = issue_walk.nested ? nested_entry : guest_entry;
    assign value = value_nested ? nested_value : guest_value;
    flag_exchange u_exchange (
      .request_i(issue_request),
      .walk_i(issue_walk),
      .entry_i(entry),
      .desired_o(desired)
    );
  end else begin : gen_no_kept
    assign entry = 64'd0;
    assign value = 40'd0;
    assign desired = 64'd0;
    logic unused_bits;
    assign unused_bits = ^{judge_keeps, value_nested, value_level, issue_walk, issue_request, judge_walk};
  end

  always_comb begin
    memory_request_o = '0;
    memory_request_o.exchange = !bypass && issue_walk.op == walk_pkg::OpExchange;
    memory_request_o.addr = bypass ? judge_next.addr : issue_walk.addr;
    memory_request_o.expected = memory_request_o.exchange ? entry : 64'd0;
    memory_request_o.desired = memory_request_o.exchange ? desired : 64'd0;
  end
  assign memory_request_valid_o = issue_asks || bypass;
  assign memory_request_id_o = bypass ? judge_id : issue_id;
  assign memory_request_tag_o = tag_q[memory_request_id_o];

  // ---- Responses
  logic done_valid;
  logic [IdWidth-1:0] done_id;
  id_fifo #(.IdWidth(IdWidth)) u_done (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .push_first_i(judge_done),
    .first_i(judge_id),
    .push_second_i(launch_done),
    .second_i(launch_id),
    .valid_o(done_valid),
    .head_o(done_id),
    .pop_i(response_valid_o && response_ready_i)
  );
  walk_pkg::request_t done_request;
  walk_pkg::walk_t done_walk;
  assign done_walk = walk_q[done_id];
  assign done_request = request_q[done_id];
  assign response_valid_o = done_valid;
  assign response_tag_o = tag_q[done_id];
  assign response_page_o = done_request.page;
  walk_response u_response (
    .request_i(done_request),
    .walk_i(done_walk),
    .response_o(response_o)
  );

  // ---- Who is busy
  logic answered;
  assign answered = response_valid_o && response_ready_i;
  assign busy_o = count_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= '0;
      squashed_q <= '0;
      touched_q <= '0;
      invalidating_q <= 1'b0;
      count_q <= '0;
    end else begin
      if (invalidate) begin
        invalidating_q <= 1'b1;
        touched_q <= busy_q & same_domain;
        squashed_q <= squashed_q | (busy_q & same_domain);
      end else if (invalidated_valid_o && invalidated_ready_i) begin
        invalidating_q <= 1'b0;
      end
      if (launch_new) begin
        busy_q[free_id] <= 1'b1;
        squashed_q[free_id] <= 1'b0;
      end
      if (answered) begin
        busy_q[done_id] <= 1'b0;
        touched_q[done_id] <= 1'b0;
      end
      count_q <= count_q + {{CountWidth - 1{1'b0}}, launch_new} - {{CountWidth - 1{1'b0}}, answered};
    end
  end

  // ---- Caches
  walk_caches #(
    .NestedTlbEntries(NestedTlbEntries), .WalkCacheEntries(WalkCacheEntries), .DomainWidth(DomainWidth)
  ) u_caches (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .judge_i(judge),
    .judge_domain_i(domain_q[judge_id]),
    .judge_page_i(judge_request.page),
    .judge_walk_i(judge_asked),
    .judge_fills_tlb_i(judge_fills_tlb),
    .judge_fills_table_i(judge_fills_table),
    .judge_cached_o(judge_cached),
    .launch_domain_i(launch_domain),
    .launch_page_i(launch_request.page),
    .launch_walk_i(launch_asked),
    .launch_table_o(launch_table),
    .launch_cached_o(launch_cached),
    .invalidate_i(invalidate),
    .invalidate_domain_i(invalidate_domain_i),
    .invalidation_i(invalidate_i)
  );

  // ---- Events
  always_comb begin
    events_o = '0;
    events_o.read = memory_request_valid_o && memory_request_ready_i && !memory_request_o.exchange;
    events_o.exchange = memory_request_valid_o && memory_request_ready_i && memory_request_o.exchange;
    events_o.lost_exchange = judge && judge_lost;
    events_o.restart = launch && !launch_new && issue_walk.op == walk_pkg::OpRestart;
    events_o.squashed = answered && response_o.result == walk_pkg::ResultSquashed;
    events_o.fault = answered && response_o.result != walk_pkg::ResultMapped && !events_o.squashed;
    events_o.walk_cache_hit = launch && launch_table_hit;
    events_o.nested_tlb_hit = (judge && judge_tlb_hit) || (launch && launch_tlb_hit);
  end
endmodule
