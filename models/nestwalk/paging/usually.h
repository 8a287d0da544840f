// Which way a branch mostly goes.
#pragma once

namespace nestwalk::paging {

/// `condition`, which mostly holds: the compiler lays the code out so that this way runs straight on. For the few
/// branches that every read of a table entry passes; elsewhere the compiler guesses well enough. Not named `likely`,
/// which is a macro of many users.
constexpr bool usually(bool condition) {
  return __builtin_expect(static_cast<long>(condition), 1) != 0;
}

}  // namespace nestwalk::paging
