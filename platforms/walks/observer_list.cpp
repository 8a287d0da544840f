#include "platforms/walks/observer_list.h"

#include <algorithm>

namespace nestwalk::platforms {

void observer_list::remove(walker::walk_observer& observer) {
  observers_.erase(std::remove(observers_.begin(), observers_.end(), &observer), observers_.end());
}

void observer_list::begins(const protocol::translation<paging::gva>& t, const sc_core::sc_time& now) {
  for (auto* each : observers_) each->begins(t, now);
}
void observer_list::begins(const protocol::translation<paging::gpa>& t, const sc_core::sc_time& now) {
  for (auto* each : observers_) each->begins(t, now);
}
void observer_list::begins_again(std::uint64_t walk, paging::stage_kind stage) {
  for (auto* each : observers_) each->begins_again(walk, stage);
}
void observer_list::spends(std::uint64_t walk, paging::stage_kind stage, walker::walker_work what,
                           sc_core::sc_time time) {
  for (auto* each : observers_) each->spends(walk, stage, what, time);
}
void observer_list::starts_from_cache(const walker::walk_cache_hit& hit) {
  for (auto* each : observers_) each->starts_from_cache(hit);
}
void observer_list::reads(const walker::table_read& read) {
  for (auto* each : observers_) each->reads(read);
}
void observer_list::exchanges(const walker::table_exchange& exchange) {
  for (auto* each : observers_) each->exchanges(exchange);
}
void observer_list::logs(const walker::page_record& record) {
  for (auto* each : observers_) each->logs(record);
}
void observer_list::second_stage_answered(const protocol::translation<paging::gpa>& t, bool mapped,
                                          sc_core::sc_time latency) {
  for (auto* each : observers_) each->second_stage_answered(t, mapped, latency);
}
void observer_list::ends(const protocol::translation<paging::gva>& t, bool mapped, sc_core::sc_time latency) {
  for (auto* each : observers_) each->ends(t, mapped, latency);
}
void observer_list::ends(const protocol::translation<paging::gpa>& t, bool mapped, sc_core::sc_time latency) {
  for (auto* each : observers_) each->ends(t, mapped, latency);
}

}  // namespace nestwalk::platforms
