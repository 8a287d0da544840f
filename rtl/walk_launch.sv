// Begins a walk, new or again, and finds the next flag that a walk is to set.
module walk_launch #(
  parameter bit NestedTlb = 1'b0,
  parameter bit WalkCache = 1'b0,
  parameter int unsigned PhysWidth = 52
) (
  input  walk_pkg::request_t      request_i,
  input  walk_pkg::walk_t         walk_i,
  input  logic                    new_i,           // a request arrives; walk_i says nothing
  input  logic                    squashed_i,
  input  walk_pkg::table_entry_t  table_i,         // the walk cache's answer for request_i.page
  output logic                    value_nested_o,  // which kept entry is wanted
  output logic [2:0]              value_level_o,
  input  logic [51:12]            value_i,
  output walk_pkg::walk_t         walk_o,
  output walk_pkg::walk_t         asked_o,         // the walk as it asks the nested TLB
  input  walk_pkg::nested_entry_t cached_i,
  output logic                    walk_cache_hit_o,
  output logic                    cache_hit_o
);
  logic begins, canonical, table_hit, enter, fail, guest_flag_left;
  logic [2:0] guest_top, nested_top, guest_next, nested_next;
  logic [51:12] beyond, kept;
  logic [51:3] gpa;
  logic [63:12] page;
  walk_pkg::walk_t w;

  assign gpa = walk_i.gpa;
  assign page = request_i.page;

  assign begins = new_i || walk_i.op == walk_pkg::OpRestart;
  assign guest_top = request_i.guest_five ? 3'd5 : 3'd4;
  assign nested_top = request_i.nested_five ? 3'd5 : 3'd4;
  assign canonical = (page[63:56] == {8{page[63]}}) &&
                     (request_i.guest_five || page[55:47] == {9{page[63]}});
  assign table_hit = WalkCache && begins && request_i.guest_on && canonical && table_i.hit &&
                     (new_i || !walk_i.uncached);
  assign walk_cache_hit_o = table_hit && !squashed_i;

  // Root to leaf; the leaf's dirty flag goes with its accessed flag.
  assign guest_flag_left = walk_i.guest_due != 5'd0 || walk_i.guest_dirty_due;
  assign guest_next = walk_i.guest_due != 5'd0 ? walk_pkg::highest(walk_i.guest_due) : walk_i.guest_leaf;
  assign nested_next = walk_i.nested_due != 5'd0 ? walk_pkg::highest(walk_i.nested_due) : walk_i.nested_leaf;

  // The entry above the next flag names its table; with no flag left the leaf names the page.
  assign value_nested_o = walk_i.op == walk_pkg::OpPlanNested;
  assign value_level_o = value_nested_o ? nested_next + 3'd1
                                        : guest_flag_left ? guest_next + 3'd1 : walk_i.guest_leaf;
  assign beyond = walk_pkg::beyond(request_i.phys_width) | walk_pkg::beyond(PhysWidth[5:0]);
  assign kept = value_i & ~beyond;

  always_comb begin
    w = walk_i;
    enter = 1'b0;
    fail = 1'b0;
    if (squashed_i) begin
      w.op = walk_pkg::OpDone;
      w.result = walk_pkg::ResultSquashed;
    end else if (begins) begin
      w = '0;
      w.reads = new_i ? 8'd0 : walk_i.reads;
      w.uncached = !new_i && walk_i.uncached;
      w.guest_rights = 3'b111;
      w.nested_rights = 4'b1111;
      w.nested_dirty = 1'b1;
      if (!request_i.guest_on) begin
        // Linear addresses have 32 bits and pass, as pages of 1 GByte with every right.
        w.purpose = walk_pkg::PurposeData;
        w.guest_leaf = 3'd3;
        w.guest_dirty = 1'b1;
        w.gpa = {20'd0, page[31:12], 9'd0};
        enter = 1'b1;
      end else if (!canonical) begin
        w.result = walk_pkg::ResultNotAdmitted;
        fail = 1'b1;
      end else begin
        w.purpose = walk_pkg::PurposeTable;
        w.guest_level = table_hit ? table_i.level : guest_top;
        w.guest_began = w.guest_level;
        w.guest_table = table_hit ? table_i.table_page : request_i.guest_root;
        w.guest_rights = table_hit ? table_i.rights : 3'b111;
        w.used_cache = table_hit;
        w.gpa = {w.guest_table, walk_pkg::index_of(page[56:12], w.guest_level)};
        enter = 1'b1;
      end
    end else if (walk_i.op == walk_pkg::OpPlanNested) begin
      w.op = walk_pkg::OpExchange;
      w.nested_level = nested_next;
      w.addr = {nested_next == nested_top ? request_i.nested_root : kept,
                walk_pkg::index_of({5'd0, gpa[51:12]}, nested_next)};
    end else if (guest_flag_left) begin
      w.guest_level = guest_next;
      w.purpose = walk_pkg::PurposeFlag;
      w.gpa = {guest_next == walk_i.guest_began ? walk_i.guest_table : kept,
               walk_pkg::index_of(page[56:12], guest_next)};
      enter = 1'b1;
    end else begin
      w.purpose = walk_pkg::PurposeData;
      w.gpa = {(kept & ~walk_pkg::offset_mask(walk_i.guest_leaf)) |
               (page[51:12] & walk_pkg::offset_mask(walk_i.guest_leaf)), 9'd0};
      enter = 1'b1;
    end
  end

  assign asked_o = w;

  walk_enter #(.NestedTlb(NestedTlb)) u_enter (
    .request_i(request_i),
    .walk_i(w),
    .enter_i(enter),
    .resolve_i(1'b0),
    .fail_i(fail),
    .cached_i(cached_i),
    .walk_o(walk_o),
    .cache_hit_o(cache_hit_o)
  );

  logic unused_bits;
  assign unused_bits = ^{request_i, table_i, gpa};
endmodule
