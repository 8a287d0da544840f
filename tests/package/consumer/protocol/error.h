// A user's header whose path is also one of the library's rooms.
#pragma once

namespace user {

inline constexpr int own_error = 17;

}  // namespace user
