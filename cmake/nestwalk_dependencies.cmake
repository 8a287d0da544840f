# Finds what the project builds on. Every library here is a Debian package; ./nestwalk installs them.
include_guard(GLOBAL)
find_package(PkgConfig REQUIRED)

# SystemC: its own CMake package where there is one, pkg-config otherwise (Debian ships no CMake package).
find_package(SystemCLanguage CONFIG QUIET)
if(NOT TARGET SystemC::systemc)
  pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET GLOBAL systemc tlm)
  add_library(nestwalk_systemc INTERFACE)
  target_link_libraries(nestwalk_systemc INTERFACE PkgConfig::SYSTEMC)
  add_library(SystemC::systemc ALIAS nestwalk_systemc)
endif()

find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
