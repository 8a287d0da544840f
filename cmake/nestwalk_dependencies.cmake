# Finds what the project builds on. Every library here is a Debian package; ./nestwalk installs them.
include_guard(GLOBAL)

include(nestwalk_systemc)
if(NOT TARGET SystemC::systemc)
  message(FATAL_ERROR "nestwalk: ${NESTWALK_SYSTEMC_MISSING}")
endif()

# For the machines only: whoever uses the parts needs none of these.
if(NESTWALK_PLATFORMS)
  find_package(PkgConfig REQUIRED)
  find_package(fmt REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(LibArchive REQUIRED)
  find_package(ZLIB REQUIRED)
  # A static library asks its users, in other folders, for what it links.
  set_target_properties(LibArchive::LibArchive ZLIB::ZLIB PROPERTIES IMPORTED_GLOBAL TRUE)
endif()
