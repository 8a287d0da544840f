// What a finished walk answers: the mapping of both stages, or the fault and what the manuals report of it.
module walk_response (
  input  walk_pkg::request_t  request_i,
  input  walk_pkg::walk_t     walk_i,
  output walk_pkg::response_t response_o
);
  logic data, fetch, write, user_access, mapped, admitted, was_present, table_write, nested_write;
  logic [11:0] page_fault, violation, nested_page_fault, code;
  logic [3:0] had;
  logic [2:0] guest_type, nested_type, combined;

  assign data = walk_i.purpose == walk_pkg::PurposeData;
  assign fetch = request_i.access == walk_pkg::AccessFetch;
  assign write = request_i.access == walk_pkg::AccessWrite;
  assign user_access = request_i.cpl == 2'd3;
  assign mapped = walk_i.result == walk_pkg::ResultMapped;
  assign admitted = walk_i.result != walk_pkg::ResultNotAdmitted;
  assign was_present = walk_i.result == walk_pkg::ResultMalformed || walk_i.result == walk_pkg::ResultForbidden;
  assign table_write = request_i.nested_npt || request_i.ept_flags;
  assign nested_write = walk_pkg::counts_as_write(walk_i.purpose, request_i.access, table_write);

  assign page_fault = {6'd0, walk_i.guest_key_denies, fetch && (request_i.smep || request_i.nxe),
                       walk_i.result == walk_pkg::ResultMalformed, user_access, write, was_present};

  assign had = admitted ? walk_i.nested_rights : 4'd0;
  assign violation = {
    data && request_i.ept_advanced ? {!walk_i.guest_rights[2], walk_i.guest_rights[0], walk_i.guest_rights[1]} : 3'd0,
    data, 1'b1, had[3] && request_i.ept_mode_based, had[2:0],
    data && fetch, nested_write, data ? request_i.access == walk_pkg::AccessRead : 1'b1};

  assign nested_page_fault = {2'd0, !data, data, 3'd0, data && fetch && request_i.npt_fetch,
                              walk_i.result == walk_pkg::ResultMalformed, 1'b1, nested_write, was_present};

  always_comb begin
    code = 12'd0;
    if (walk_i.result >= walk_pkg::ResultNotPresent && walk_i.result <= walk_pkg::ResultForbidden || !admitted) begin
      if (!walk_i.nested) code = admitted ? page_fault : 12'd0;
      else if (request_i.nested_npt) code = nested_page_fault;
      else code = walk_i.result == walk_pkg::ResultMalformed ? 12'd0 : violation;
    end
  end

  function automatic logic [2:0] selected(input logic [23:0] pat, input logic [2:0] entry);
    case (entry)
      3'd0: selected = pat[2:0];
      3'd1: selected = pat[5:3];
      3'd2: selected = pat[8:6];
      3'd3: selected = pat[11:9];
      3'd4: selected = pat[14:12];
      3'd5: selected = pat[17:15];
      3'd6: selected = pat[20:18];
      default: selected = pat[23:21];
    endcase
  endfunction

  assign guest_type = request_i.cd         ? walk_pkg::TypeUc
                    : !request_i.guest_on ? walk_pkg::TypeWb
                                          : selected(request_i.guest_pat, walk_i.guest_type);
  assign nested_type = request_i.nested_npt ? selected(request_i.npt_pat, walk_i.nested_type) : walk_i.nested_type;

  // The guest's PAT type over the second stage's: EPT's takes the place of an MTRR's, NPT's is a PAT type too.
  always_comb begin
    case (guest_type)
      walk_pkg::TypeUc: combined = walk_pkg::TypeUc;
      walk_pkg::TypeUcMinus:
        combined = nested_type == walk_pkg::TypeWc || (nested_type == walk_pkg::TypeWp && !request_i.nested_npt)
                 ? walk_pkg::TypeWc
                 : walk_pkg::TypeUc;
      walk_pkg::TypeWc: combined = walk_pkg::TypeWc;
      walk_pkg::TypeWt, walk_pkg::TypeWp:
        if (request_i.nested_npt)
          combined = nested_type == guest_type || nested_type == walk_pkg::TypeWb ? guest_type : walk_pkg::TypeUc;
        else
          combined = nested_type == walk_pkg::TypeUc || nested_type == walk_pkg::TypeWc ? walk_pkg::TypeUc : guest_type;
      default: combined = nested_type == walk_pkg::TypeUcMinus ? walk_pkg::TypeUc : nested_type;
    endcase
  end

  always_comb begin
    response_o = '0;
    response_o.result = walk_i.result;
    response_o.reads = walk_i.reads;
    if (mapped) begin
      response_o.addr = {walk_i.page, 9'd0};
      response_o.rights = {walk_i.guest_dirty && walk_i.nested_dirty, walk_i.nested_rights, walk_i.guest_rights};
      response_o.key = walk_i.guest_key;
      response_o.is_global = walk_i.guest_global;
      response_o.guest_level = walk_i.guest_leaf;
      response_o.nested_level = request_i.nested_on ? walk_i.nested_leaf : 3'd0;
      response_o.memory_type = !request_i.nested_on || request_i.cd                ? guest_type
                             : walk_i.nested_ignore_pat && !request_i.nested_npt ? nested_type
                                                                                  : combined;
    end else if (walk_i.result != walk_pkg::ResultSquashed) begin
      response_o.stage = walk_i.nested;
      response_o.level = walk_i.nested ? walk_i.nested_level : walk_i.guest_level;
      response_o.purpose = walk_i.nested ? walk_i.purpose : walk_pkg::PurposeData;
      response_o.code = code;
      response_o.gpa = walk_i.nested ? walk_i.gpa : 49'd0;
      response_o.addr = walk_i.result == walk_pkg::ResultMemoryError ? walk_i.addr : 49'd0;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{request_i, walk_i};
endmodule
