# Gives the target SystemC::systemc: the one that the project has already, else that of SystemC's own CMake package, else
# what pkg-config knows (Debian ships no CMake package). The installed package reads this file too. Where there is no
# SystemC there is no target, and NESTWALK_SYSTEMC_MISSING says what was looked for.
if(NOT TARGET SystemC::systemc)
  find_package(SystemCLanguage CONFIG QUIET)
endif()
if(NOT TARGET SystemC::systemc)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(NESTWALK_SYSTEMC QUIET IMPORTED_TARGET GLOBAL systemc)
  endif()
  if(TARGET PkgConfig::NESTWALK_SYSTEMC)
    add_library(SystemC::systemc INTERFACE IMPORTED GLOBAL)
    target_link_libraries(SystemC::systemc INTERFACE PkgConfig::NESTWALK_SYSTEMC)
  endif()
endif()
if(NOT TARGET SystemC::systemc)
  set(NESTWALK_SYSTEMC_MISSING
      "SystemC is not found: neither a target SystemC::systemc, nor a CMake package SystemCLanguage (name its prefix in \
CMAKE_PREFIX_PATH), nor a pkg-config file systemc.pc (name its folder in PKG_CONFIG_PATH; Debian: libsystemc-dev)")
endif()
