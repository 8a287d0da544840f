// The one exception that leaves the models: bad input, seen at the edge, with what was wrong, where, and what is right.
#pragma once

#include <stdexcept>
#include <string>

namespace nestwalk {

/// Bad configuration or bad input. `what()` is one message for the user: where (file, line, key), what was wrong, what
/// would be right.
class input_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nestwalk
