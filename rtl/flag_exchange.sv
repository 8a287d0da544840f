// The exchange that sets the flags that are due in an entry.
module flag_exchange (
  input  walk_pkg::request_t request_i,
  input  walk_pkg::walk_t    walk_i,
  input  logic [63:0]        entry_i,    // as it was read
  output logic [63:0]        desired_o
);
  logic is_ept, accessed, dirty;
  logic [2:0] level;
  logic [5:1] due;

  assign is_ept = walk_i.nested && !request_i.nested_npt;
  assign level = walk_i.nested ? walk_i.nested_level : walk_i.guest_level;
  assign due = walk_i.nested ? walk_i.nested_due : walk_i.guest_due;
  assign accessed = (due & walk_pkg::one_hot(level)) != 5'd0;
  assign dirty = walk_i.nested ? walk_i.nested_dirty_due && level == walk_i.nested_leaf
                               : walk_i.guest_dirty_due && level == walk_i.guest_leaf;
  // EPT keeps the flags in bits 8 and 9, the x86 formats in 5 and 6.
  assign desired_o = entry_i | (is_ept ? {54'd0, dirty, accessed, 8'd0} : {57'd0, dirty, accessed, 5'd0});

  logic unused_bits;
  assign unused_bits = ^{request_i, walk_i};
endmodule
