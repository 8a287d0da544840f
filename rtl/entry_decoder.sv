// Decodes one table entry of any format: the guest's, EPT's or NPT's.
module entry_decoder (
  input  logic [1:0]   format_i,
  input  logic [2:0]   level_i,
  input  logic [63:0]  entry_i,
  input  logic [51:12] beyond_i,        // bits that the physical width reserves
  input  logic         nxe_i,           // x86 formats: XD is a right, not reserved
  input  logic         gigabyte_i,      // x86 formats: level 3 may map a page
  input  logic         amd_i,           // x86 formats: G is reserved in upper levels
  input  logic         mode_based_i,    // EPT
  input  logic         execute_only_i,  // EPT
  input  logic         ept_flags_i,     // EPT: accessed and dirty flags are on
  output logic         present_o,
  output logic         malformed_o,
  output logic         leaf_o,
  output logic [51:12] address_o,       // next table, or page
  output logic [2:0]   guest_rights_o,  // executable, user, writable
  output logic [3:0]   nested_rights_o, // user fetch, fetch, write, read
  output logic         accessed_o,      // or there is no such flag
  output logic         dirty_o,         // or there is no such flag
  output logic [2:0]   type_o,          // index into the PAT; EPT: the type
  output logic         ignore_pat_o,
  output logic [3:0]   key_o,
  output logic         is_global_o
);
  logic is_ept, upper;
  logic [51:12] low_bits;  // of a leaf's page number: its offset
  logic reserved_common, reserved_x86, reserved_ept;
  logic ept_user_fetch, bad_rights, bad_type;
  logic npt_user;

  assign is_ept = format_i == walk_pkg::FormatEpt;
  assign upper = level_i > 3'd3;
  assign low_bits = walk_pkg::offset_mask(level_i);
  assign leaf_o = (level_i == 3'd1) ||
                  (entry_i[7] && (level_i == 3'd2 || (level_i == 3'd3 && (is_ept || gigabyte_i))));
  assign address_o = entry_i[51:12] & ~beyond_i & ~(leaf_o ? low_bits : 40'd0);

  assign reserved_common = (entry_i[51:12] & beyond_i) != '0;
  // Bit 12 of a large leaf is its PAT bit.
  assign reserved_x86 = (entry_i[63] && !nxe_i) ||
                        (leaf_o ? (entry_i[51:13] & low_bits[51:13]) != '0
                                : (entry_i[7] && level_i >= 3'd3) || (entry_i[8] && upper && amd_i));
  assign reserved_ept = leaf_o ? (entry_i[51:12] & low_bits) != '0 : entry_i[6:3] != 4'd0 || (upper && entry_i[7]);

  assign ept_user_fetch = mode_based_i && entry_i[10];
  assign bad_rights = !entry_i[0] && (entry_i[1] || ((entry_i[2] || ept_user_fetch) && !execute_only_i));
  assign bad_type = leaf_o && (entry_i[5:4] == 2'b01 || entry_i[5:3] == 3'd7);

  assign present_o = is_ept ? entry_i[2:0] != 3'd0 || ept_user_fetch : entry_i[0];
  assign malformed_o = reserved_common || (is_ept ? reserved_ept || bad_rights || bad_type : reserved_x86);

  assign guest_rights_o = {!entry_i[63], entry_i[2], entry_i[1]};
  // Every nested access is a user access under NPT.
  assign npt_user = entry_i[2];
  assign nested_rights_o = is_ept ? {mode_based_i ? entry_i[10] : entry_i[2], entry_i[2:0]}
                                  : {4{npt_user}} & {!entry_i[63], !entry_i[63], entry_i[1], 1'b1};

  assign accessed_o = is_ept ? entry_i[8] || !ept_flags_i : entry_i[5];
  assign dirty_o = is_ept ? entry_i[9] || !ept_flags_i : entry_i[6];
  assign type_o = is_ept ? entry_i[5:3] : {level_i == 3'd1 ? entry_i[7] : entry_i[12], entry_i[4:3]};
  assign ignore_pat_o = is_ept && entry_i[6];
  assign key_o = entry_i[62:59];
  assign is_global_o = entry_i[8];

  logic unused_bits;
  assign unused_bits = ^{entry_i[58:52], entry_i[11]};
endmodule
