// Whether the guest's rights, gathered over all levels, allow an access.
module guest_rights (
  input  walk_pkg::request_t request_i,
  input  logic [2:0]         rights_i,      // executable, user, writable
  input  logic [3:0]         key_i,
  output logic               permits_o,
  output logic               key_denies_o
);
  logic user_access, user_page, write, fetch, write_judged;
  logic mode_denies, right_denies;
  logic [31:0] key_bits;

  assign user_access = request_i.cpl == 2'd3;
  assign user_page = rights_i[1];
  assign write = request_i.access == walk_pkg::AccessWrite;
  assign fetch = request_i.access == walk_pkg::AccessFetch;
  assign write_judged = write && (user_access || request_i.wp);

  assign mode_denies = user_access ? !user_page
                                   : user_page && (fetch ? request_i.smep : request_i.smap && !request_i.ac);
  assign right_denies = (fetch && !rights_i[2]) || (write_judged && !rights_i[0]);

  assign key_bits = request_i.pkru >> {key_i, 1'b0};
  assign key_denies_o = request_i.pke && user_page && !fetch && (key_bits[0] || (key_bits[1] && write_judged));
  assign permits_o = !mode_denies && !right_denies && !key_denies_o;

  logic unused_bits;
  assign unused_bits = ^{request_i, key_bits};
endmodule
