#include "platforms/configuration/key.h"

namespace nestwalk::platforms {

value key::get(unsigned readers) const {
  for (const place& each : places_)
    if ((each.read_by & readers) != 0) return each.described->get();
  return places_.front().described->get();
}

value key::read(value given) const {
  const std::string* const text = std::get_if<std::string>(&given);
  return text == nullptr ? given : parsed(allowed, *text, unit);
}

void key::set(const value& v) const {
  for (const place& each : places_) each.described->set(v);
}

}  // namespace nestwalk::platforms
