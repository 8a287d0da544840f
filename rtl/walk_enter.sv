// The last part of a step: asks the second stage for an address, goes on with one that it gave, or ends the walk.
module walk_enter #(
  parameter bit NestedTlb = 1'b0
) (
  input  walk_pkg::request_t      request_i,
  input  walk_pkg::walk_t         walk_i,
  input  logic                    enter_i,    // translate walk_i.gpa for walk_i.purpose
  input  logic                    resolve_i,  // the second stage gave walk_i.page
  input  logic                    fail_i,     // the walk ends as walk_i.result says
  input  walk_pkg::nested_entry_t cached_i,   // the nested TLB's answer for walk_i.gpa
  output walk_pkg::walk_t         walk_o,
  output logic                    cache_hit_o
);
  logic table_write, write, permitted, admitted, hit, fail, resolve;
  logic [3:0] need;
  logic [2:0] top;
  logic [51:3] gpa;
  walk_pkg::walk_t w;

  assign gpa = walk_i.gpa;

  assign table_write = request_i.nested_npt || request_i.ept_flags;
  assign write = walk_pkg::counts_as_write(walk_i.purpose, request_i.access, table_write);
  assign need = walk_pkg::nested_need(walk_i.purpose, request_i.access, walk_i.guest_rights[1], table_write);
  assign top = request_i.nested_five ? 3'd5 : 3'd4;
  // A 4-level table reaches 48 bits.
  assign admitted = !request_i.nested_on || request_i.nested_five || gpa[51:48] == 4'd0;
  // A hit that does not permit the access is a miss.
  assign permitted = (need & ~cached_i.rights) == 4'd0 && (cached_i.dirty || !write);
  assign hit = NestedTlb && cached_i.hit && permitted && !walk_i.uncached && request_i.nested_on && admitted;
  assign cache_hit_o = enter_i && hit;
  assign fail = fail_i || (enter_i && !admitted);
  assign resolve = resolve_i || (enter_i && admitted && (hit || !request_i.nested_on));

  always_comb begin
    w = walk_i;
    if (enter_i && !admitted) begin
      w.result = walk_pkg::ResultNotAdmitted;
      w.nested = 1'b1;
      w.nested_level = 3'd0;
    end else if (enter_i && hit) begin
      w.page = cached_i.page;
      w.nested_leaf = cached_i.level;
      w.nested_rights = cached_i.rights;
      w.nested_dirty = cached_i.dirty;
      w.nested_type = cached_i.memory_type;
      w.nested_ignore_pat = cached_i.ignore_pat;
      w.used_cache = 1'b1;
    end else if (enter_i && !request_i.nested_on) begin
      w.page = gpa[51:12];
    end else if (enter_i) begin
      w.op = walk_pkg::OpRead;
      w.nested = 1'b1;
      w.nested_level = top;
      w.nested_rights = 4'b1111;
      w.nested_due = 5'd0;
      w.addr = {request_i.nested_root, walk_pkg::index_of({5'd0, gpa[51:12]}, top)};
    end

    if (fail) begin
      // Only a walk with nothing cached faults.
      w.op = walk_i.used_cache ? walk_pkg::OpRestart : walk_pkg::OpDone;
      w.uncached = walk_i.uncached || walk_i.used_cache;
    end else if (resolve) begin
      w.nested = 1'b0;
      w.addr = {w.page, gpa[11:3]};
      case (walk_i.purpose)
        walk_pkg::PurposeTable: w.op = walk_pkg::OpRead;
        walk_pkg::PurposeFlag: w.op = walk_pkg::OpExchange;
        default: begin
          w.op = walk_pkg::OpDone;
          w.result = walk_pkg::ResultMapped;
        end
      endcase
    end
  end
  assign walk_o = w;

  logic unused_bits;
  assign unused_bits = ^{request_i, cached_i};
endmodule
