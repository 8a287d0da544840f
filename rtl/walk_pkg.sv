// Types and small functions of the two-stage page walker.
//
// Levels count from 1, the lowest. A right is 1 where an entry gives it. Structs hold plain vectors, not enumerations:
// Yosys 0.23 reads no user-defined types inside them.
package walk_pkg;

  // Entry formats.
  localparam logic [1:0] FormatGuest = 2'd0;
  localparam logic [1:0] FormatEpt = 2'd1;
  localparam logic [1:0] FormatNpt = 2'd2;

  // What an access does.
  localparam logic [1:0] AccessRead = 2'd0;
  localparam logic [1:0] AccessWrite = 2'd1;
  localparam logic [1:0] AccessFetch = 2'd2;

  // Why the second stage is asked for an address.
  localparam logic [1:0] PurposeData = 2'd0;
  localparam logic [1:0] PurposeTable = 2'd1;
  localparam logic [1:0] PurposeFlag = 2'd2;

  // What a walk waits for: memory's answer to a read or an exchange, or its turn in the launch stage, which finds the
  // next flag to set or begins again at the root.
  localparam logic [2:0] OpRead = 3'd0;
  localparam logic [2:0] OpExchange = 3'd1;
  localparam logic [2:0] OpPlanNested = 3'd2;
  localparam logic [2:0] OpPlanGuest = 3'd3;
  localparam logic [2:0] OpRestart = 3'd4;
  localparam logic [2:0] OpDone = 3'd5;

  // How a walk ended.
  localparam logic [2:0] ResultMapped = 3'd0;
  localparam logic [2:0] ResultNotAdmitted = 3'd1;
  localparam logic [2:0] ResultNotPresent = 3'd2;
  localparam logic [2:0] ResultMalformed = 3'd3;
  localparam logic [2:0] ResultForbidden = 3'd4;
  localparam logic [2:0] ResultMemoryError = 3'd5;
  localparam logic [2:0] ResultSquashed = 3'd6;
  localparam logic [2:0] ResultFlagDue = 3'd7;  // a flag is due and the walker was built without updates

  // Memory types in their PAT and EPT encoding.
  localparam logic [2:0] TypeUc = 3'd0;
  localparam logic [2:0] TypeWc = 3'd1;
  localparam logic [2:0] TypeWt = 3'd4;
  localparam logic [2:0] TypeWp = 3'd5;
  localparam logic [2:0] TypeWb = 3'd6;
  localparam logic [2:0] TypeUcMinus = 3'd7;

  // One request: the access and all that its translation hangs on.
  typedef struct packed {
    logic [63:12] page;             // linear address
    logic [1:0]   access;
    logic [1:0]   cpl;
    logic         ac;               // EFLAGS.AC
    logic         wp;               // CR0.WP
    logic         cd;               // CR0.CD: every access is UC
    logic         nxe;              // EFER.NXE
    logic         smep;
    logic         smap;
    logic         pke;
    logic         pge;
    logic [31:0]  pkru;
    logic [5:0]   phys_width;       // MAXPHYADDR
    logic         gigabyte;         // 1-GByte pages in tables of x86 format
    logic         guest_amd;        // G is reserved in the guest's upper levels
    logic         guest_on;         // CR0.PG
    logic         guest_five;       // CR4.LA57
    logic [51:12] guest_root;
    logic [23:0]  guest_pat;        // eight types of three bits
    logic         nested_on;
    logic         nested_npt;       // NPT, not EPT
    logic         nested_five;
    logic [51:12] nested_root;
    logic         ept_flags;        // EPTP bit 6: accessed and dirty flags
    logic         ept_mode_based;   // mode-based execute control
    logic         ept_execute_only; // entries that allow fetches and no reads
    logic         ept_advanced;     // advanced information in exit qualifications
    logic         npt_nxe;          // the host's EFER.NXE
    logic         npt_fetch;        // EXITINFO1 reports I/D: the host's EFER.NXE or CR4.SMEP
    logic [23:0]  npt_pat;          // the host's
  } request_t;

  // One walk under way.
  typedef struct packed {
    logic [2:0]   op;
    logic [2:0]   result;
    logic         nested;           // `op` is about a nested entry
    logic [1:0]   purpose;          // of the second stage's part
    logic [2:0]   guest_level;
    logic [2:0]   guest_leaf;
    logic [2:0]   guest_began;
    logic [51:12] guest_table;      // where the first guest entry's table begins
    logic [2:0]   guest_rights;     // executable, user, writable: ANDed over the levels
    logic [3:0]   guest_key;
    logic         guest_key_denies;
    logic         guest_global;
    logic [2:0]   guest_type;
    logic [5:1]   guest_due;        // levels whose accessed flag is to be set
    logic         guest_dirty_due;  // of the leaf
    logic         guest_dirty;
    logic [51:3]  gpa;              // what the second stage translates
    logic [2:0]   nested_level;
    logic [2:0]   nested_leaf;
    logic [3:0]   nested_rights;    // user fetch, fetch, write, read
    logic [2:0]   nested_type;
    logic         nested_ignore_pat;
    logic [5:1]   nested_due;
    logic         nested_dirty_due;
    logic         nested_dirty;
    logic [51:12] page;             // host-physical, of the 4 KBytes that hold `gpa`
    logic [51:3]  addr;             // of the entry that `op` is about
    logic         uncached;         // walks from the tables alone
    logic         used_cache;
    logic [7:0]   reads;
  } walk_t;

  // One response.
  typedef struct packed {
    logic [2:0]   result;
    logic         stage;            // 1: the second stage's entry, or rights
    logic [2:0]   level;            // of the entry that ended the walk, 0 where none did
    logic [1:0]   purpose;          // of a second stage's fault
    logic [11:0]  code;             // #PF error code, exit qualification, or EXITINFO1 with bits 33:32 as 9:8
    logic [51:3]  gpa;              // a fault's; for PurposeData bits 11:3 are the linear address's
    logic [51:3]  addr;             // page (mapped), or the entry whose access failed (memory error)
    logic [7:0]   rights;           // dirty; user fetch, fetch, write, read; executable, user, writable
    logic [3:0]   key;
    logic [2:0]   memory_type;
    logic         is_global;
    logic [2:0]   guest_level;      // of the leaf: 1 is 4 KBytes, 2 is 2 MBytes, 3 is 1 GByte
    logic [2:0]   nested_level;
    logic [7:0]   reads;            // entries read, no more than 255 reported
  } response_t;

  // What the memory port carries.
  typedef struct packed {
    logic         exchange;
    logic [51:3]  addr;
    logic [63:0]  expected;
    logic [63:0]  desired;
  } memory_request_t;

  typedef struct packed {
    logic         error;
    logic         swapped;          // exchange: `desired` was stored
    logic [63:0]  data;
  } memory_response_t;

  // An invalidation: which cached entries go. It squashes every walk of the domains that it names.
  typedef struct packed {
    logic         every_domain;
    logic         guest;            // walk-cache entries
    logic         nested;           // nested-TLB entries
    logic         by_gpa;           // of these only the ones that map `gpa`
    logic [51:12] gpa;
  } invalidation_t;

  // What happened in a cycle.
  typedef struct packed {
    logic read;                     // an entry was asked for
    logic exchange;                 // an exchange was asked for
    logic lost_exchange;
    logic restart;                  // a walk began again at the root
    logic squashed;                 // a walk was dropped by an invalidation
    logic fault;
    logic walk_cache_hit;
    logic nested_tlb_hit;
  } events_t;

  // A nested-TLB entry as a look-up answers it.
  typedef struct packed {
    logic         hit;
    logic [51:12] page;             // of the 4 KBytes asked for
    logic [2:0]   level;
    logic [3:0]   rights;
    logic         dirty;
    logic [2:0]   memory_type;
    logic         ignore_pat;
  } nested_entry_t;

  // A walk-cache entry as a look-up answers it.
  typedef struct packed {
    logic         hit;
    logic [2:0]   level;            // of the table
    logic [51:12] table_page;
    logic [2:0]   rights;
  } table_entry_t;

  // Widths of what is kept in arrays: Yosys 0.23 has arrays of plain vectors only, and no $bits of a type.
  localparam int unsigned RequestBits = 243;
  localparam int unsigned WalkBits = 246;
  localparam int unsigned NestedEntryBits = 53;
  localparam int unsigned TableEntryBits = 47;

  // The index of a page in a table of `level`.
  function automatic logic [8:0] index_of(input logic [56:12] page, input logic [2:0] level);
    case (level)
      3'd1: index_of = page[20:12];
      3'd2: index_of = page[29:21];
      3'd3: index_of = page[38:30];
      3'd4: index_of = page[47:39];
      default: index_of = page[56:48];
    endcase
  endfunction

  // Bits of a page number that a leaf of `level` leaves to the address: those of its offset.
  function automatic logic [51:12] offset_mask(input logic [2:0] level);
    case (level)
      3'd2: offset_mask = 40'h00_0000_01ff;
      3'd3: offset_mask = 40'h00_0003_ffff;
      default: offset_mask = 40'h00_0000_0000;
    endcase
  endfunction

  function automatic logic [5:1] one_hot(input logic [2:0] level);
    case (level)
      3'd1: one_hot = 5'b00001;
      3'd2: one_hot = 5'b00010;
      3'd3: one_hot = 5'b00100;
      3'd4: one_hot = 5'b01000;
      default: one_hot = 5'b10000;
    endcase
  endfunction

  // The highest level of a set; 0 of none.
  function automatic logic [2:0] highest(input logic [5:1] levels);
    if (levels[5]) highest = 3'd5;
    else if (levels[4]) highest = 3'd4;
    else if (levels[3]) highest = 3'd3;
    else if (levels[2]) highest = 3'd2;
    else if (levels[1]) highest = 3'd1;
    else highest = 3'd0;
  endfunction

  // Page-number bits beyond the physical width, which are reserved in every entry.
  function automatic logic [51:12] beyond(input logic [5:0] phys_width);
    beyond = phys_width < 6'd12 ? 40'hff_ffff_ffff : 40'hff_ffff_ffff << (phys_width - 6'd12);
  endfunction

  // Whether the second stage's part counts as a write of its page.
  function automatic logic counts_as_write(input logic [1:0] purpose, input logic [1:0] access,
                                           input logic table_write);
    case (purpose)
      PurposeData: counts_as_write = access == AccessWrite;
      PurposeFlag: counts_as_write = 1'b1;
      default: counts_as_write = table_write;
    endcase
  endfunction

  // The nested rights that the second stage's part needs.
  function automatic logic [3:0] nested_need(input logic [1:0] purpose, input logic [1:0] access,
                                             input logic user_page, input logic table_write);
    if (purpose != PurposeData) nested_need = {2'b00, counts_as_write(purpose, access, table_write), 1'b1};
    else if (access == AccessRead) nested_need = 4'b0001;
    else if (access == AccessWrite) nested_need = 4'b0010;
    else nested_need = user_page ? 4'b1000 : 4'b0100;
  endfunction

endpackage
