// The keys of each room; one table a room.
#pragma once

namespace nestwalk::platforms {

class key_table;

void add_core_keys(key_table& keys);
void add_mmu_keys(key_table& keys);
void add_memory_keys(key_table& keys);
void add_guest_keys(key_table& keys);
void add_vmm_keys(key_table& keys);
void add_workload_keys(key_table& keys);
void add_checks_keys(key_table& keys);

}  // namespace nestwalk::platforms
