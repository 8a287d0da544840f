// Judges one answer of memory: the entry that a walk read, or the outcome of its exchange, and says what it does next.
module walk_step #(
  parameter bit FlagUpdates = 1'b1,
  parameter bit NestedTlb = 1'b0,
  parameter int unsigned PhysWidth = 52
) (
  input  walk_pkg::request_t         request_i,
  input  walk_pkg::walk_t            walk_i,
  input  logic                       squashed_i,
  input  walk_pkg::memory_response_t answer_i,
  output walk_pkg::walk_t            walk_o,
  output walk_pkg::walk_t            asked_o,        // the walk as it asks the nested TLB
  input  walk_pkg::nested_entry_t    cached_i,
  output logic                       keep_value_o,   // the entry may be exchanged later
  output logic                       fill_tlb_o,     // asked_o holds a nested mapping
  output logic                       fill_table_o,   // asked_o.gpa is a guest table's entry, one level down
  output logic                       lost_o,
  output logic                       cache_hit_o
);
  logic nested, read;
  logic [1:0] format;
  logic [2:0] level, guest_rights, type_index;
  logic [3:0] nested_rights, key;
  logic [51:12] beyond, address;
  logic present, malformed, leaf, accessed, dirty, ignore_pat, is_global;
  logic guest_permits, key_denies, nested_permits, table_write;
  logic [2:0] gathered_guest;
  logic [3:0] gathered_nested;
  logic sets_dirty, dirty_due;
  logic [5:1] here, due, due_left;
  logic enter, resolve, fail;
  logic [51:3] gpa;
  logic [63:12] page;
  walk_pkg::walk_t w;

  assign gpa = walk_i.gpa;
  assign page = request_i.page;

  assign nested = walk_i.nested;
  assign read = walk_i.op == walk_pkg::OpRead;
  assign format = !nested ? walk_pkg::FormatGuest
                          : request_i.nested_npt ? walk_pkg::FormatNpt : walk_pkg::FormatEpt;
  assign level = nested ? walk_i.nested_level : walk_i.guest_level;
  assign beyond = walk_pkg::beyond(request_i.phys_width) | walk_pkg::beyond(PhysWidth[5:0]);

  entry_decoder u_decoder (
    .format_i(format),
    .level_i(level),
    .entry_i(answer_i.data),
    .beyond_i(beyond),
    .nxe_i(nested ? request_i.npt_nxe : request_i.nxe),
    .gigabyte_i(request_i.gigabyte),
    .amd_i(nested || request_i.guest_amd),
    .mode_based_i(request_i.ept_mode_based),
    .execute_only_i(request_i.ept_execute_only),
    .ept_flags_i(request_i.ept_flags),
    .present_o(present),
    .malformed_o(malformed),
    .leaf_o(leaf),
    .address_o(address),
    .guest_rights_o(guest_rights),
    .nested_rights_o(nested_rights),
    .accessed_o(accessed),
    .dirty_o(dirty),
    .type_o(type_index),
    .ignore_pat_o(ignore_pat),
    .key_o(key),
    .is_global_o(is_global)
  );

  guest_rights u_rights (
    .request_i(request_i),
    .rights_i(gathered_guest),
    .key_i(key),
    .permits_o(guest_permits),
    .key_denies_o(key_denies)
  );

  assign gathered_guest = walk_i.guest_rights & guest_rights;
  assign gathered_nested = walk_i.nested_rights & nested_rights;
  assign table_write = request_i.nested_npt || request_i.ept_flags;
  assign nested_permits = (walk_pkg::nested_need(walk_i.purpose, request_i.access, walk_i.guest_rights[1], table_write) &
                           ~gathered_nested) == 4'd0;
  assign sets_dirty = nested ? walk_pkg::counts_as_write(walk_i.purpose, request_i.access, table_write)
                             : request_i.access == walk_pkg::AccessWrite;
  assign here = walk_pkg::one_hot(level);
  assign due = (nested ? walk_i.nested_due : walk_i.guest_due) | (accessed ? 5'd0 : here);
  assign dirty_due = sets_dirty && !dirty;
  // After an exchange at this level. The leaf is the lowest, so its dirty flag goes with the last one.
  assign due_left = (nested ? walk_i.nested_due : walk_i.guest_due) & ~here;

  always_comb begin
    w = walk_i;
    enter = 1'b0;
    resolve = 1'b0;
    fail = 1'b0;
    fill_tlb_o = 1'b0;
    fill_table_o = 1'b0;
    lost_o = 1'b0;
    if (read && walk_i.reads != 8'hff) w.reads = walk_i.reads + 8'd1;
    if (squashed_i) begin
      w.op = walk_pkg::OpDone;
      w.result = walk_pkg::ResultSquashed;
    end else if (answer_i.error) begin
      w.result = walk_pkg::ResultMemoryError;
      fail = 1'b1;
    end else if (!read && !answer_i.swapped) begin
      // The entry changed meanwhile: it is read and judged again.
      lost_o = 1'b1;
      if (nested) enter = 1'b1;
      else begin
        w.op = walk_pkg::OpRestart;
        w.uncached = 1'b1;
      end
    end else if (!read && nested) begin
      w.nested_due = due_left;
      if (level == walk_i.nested_leaf) begin
        w.nested_dirty = walk_i.nested_dirty || walk_i.nested_dirty_due;
        resolve = 1'b1;
        fill_tlb_o = 1'b1;
      end else if (due_left == 5'd0 && !walk_i.nested_dirty_due) begin
        resolve = 1'b1;
        fill_tlb_o = 1'b1;
      end else begin
        w.op = walk_pkg::OpPlanNested;
      end
    end else if (!read) begin
      w.guest_due = due_left;
      if (level == walk_i.guest_leaf) begin
        w.guest_dirty = walk_i.guest_dirty || walk_i.guest_dirty_due;
        w.guest_dirty_due = 1'b0;
      end
      w.op = walk_pkg::OpPlanGuest;
    end else if (nested) begin
      w.nested_rights = gathered_nested;
      w.nested_due = due;
      if (!present) begin
        w.result = walk_pkg::ResultNotPresent;
        fail = 1'b1;
      end else if (malformed) begin
        w.result = walk_pkg::ResultMalformed;
        fail = 1'b1;
      end else if (!leaf) begin
        w.nested_level = walk_i.nested_level - 3'd1;
        w.addr = {address, walk_pkg::index_of({5'd0, gpa[51:12]}, walk_i.nested_level - 3'd1)};
      end else if (!nested_permits) begin
        w.result = walk_pkg::ResultForbidden;
        fail = 1'b1;
      end else begin
        w.page = address | (gpa[51:12] & walk_pkg::offset_mask(level));
        w.nested_leaf = level;
        w.nested_type = type_index;
        w.nested_ignore_pat = ignore_pat;
        w.nested_dirty = dirty;
        w.nested_dirty_due = dirty_due;
        if (due == 5'd0 && !dirty_due) begin
          resolve = 1'b1;
          fill_tlb_o = 1'b1;
        end else if (FlagUpdates) begin
          w.op = walk_pkg::OpPlanNested;
        end else begin
          w.result = walk_pkg::ResultFlagDue;
          fail = 1'b1;
        end
      end
    end else begin
      w.guest_rights = gathered_guest;
      w.guest_due = due;
      if (!present) begin
        w.result = walk_pkg::ResultNotPresent;
        fail = 1'b1;
      end else if (malformed) begin
        w.result = walk_pkg::ResultMalformed;
        fail = 1'b1;
      end else if (!leaf) begin
        w.guest_level = walk_i.guest_level - 3'd1;
        w.gpa = {address, walk_pkg::index_of(page[56:12], walk_i.guest_level - 3'd1)};
        enter = 1'b1;
        fill_table_o = due == 5'd0;
      end else if (!guest_permits) begin
        w.result = walk_pkg::ResultForbidden;
        w.guest_key_denies = key_denies;
        fail = 1'b1;
      end else begin
        w.guest_leaf = level;
        w.guest_key = request_i.pke ? key : 4'd0;
        w.guest_global = request_i.pge && is_global;
        w.guest_type = type_index;
        w.guest_dirty = dirty;
        w.guest_dirty_due = dirty_due;
        w.gpa = {address | (page[51:12] & walk_pkg::offset_mask(level)), 9'd0};
        if (due == 5'd0 && !dirty_due) begin
          w.purpose = walk_pkg::PurposeData;
          enter = 1'b1;
        end else if (FlagUpdates) begin
          w.op = walk_pkg::OpPlanGuest;
        end else begin
          w.result = walk_pkg::ResultFlagDue;
          fail = 1'b1;
        end
      end
    end
  end

  assign asked_o = w;
  assign keep_value_o = FlagUpdates && read;

  walk_enter #(.NestedTlb(NestedTlb)) u_enter (
    .request_i(request_i),
    .walk_i(w),
    .enter_i(enter),
    .resolve_i(resolve),
    .fail_i(fail),
    .cached_i(cached_i),
    .walk_o(walk_o),
    .cache_hit_o(cache_hit_o)
  );

  logic unused_bits;
  assign unused_bits = ^{gpa, page};
endmodule
