#include "platforms/output/descriptor_buffer.h"

#include <cerrno>
#include <unistd.h>

namespace nestwalk::platforms {

descriptor_buffer::descriptor_buffer(int descriptor) : descriptor_(descriptor), bytes_(capacity) {
  setp(bytes_.data(), bytes_.data() + bytes_.size());
}

descriptor_buffer::int_type descriptor_buffer::overflow(int_type next) {
  if (sync() != 0) return traits_type::eof();
  if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
  return sputc(traits_type::to_char_type(next));
}

int descriptor_buffer::sync() {
  const char* at = pbase();
  while (failure_ == 0 && at != pptr()) {
    const ssize_t count = write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
    if (count >= 0)
      at += count;
    else if (errno != EINTR)
      failure_ = errno;
  }
  setp(bytes_.data(), bytes_.data() + bytes_.size());
  return failure_ == 0 ? 0 : -1;
}

}  // namespace nestwalk::platforms
