# What `cmake --install` puts in place: libraries and headers, a CMake package, a pkg-config file (component `dev`), shared
# libraries where they are shared (`library`), and the program with what it reads (`program`).
include(CMakePackageConfigHelpers)

set(cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/nestwalk")
set(pkg_config_archives "")
foreach(kind plain systemc machine)
  get_property(NESTWALK_${kind}_ROOMS GLOBAL PROPERTY NESTWALK_${kind}_ROOMS)
  get_property(archives GLOBAL PROPERTY NESTWALK_${kind}_ARCHIVES)
  if(NOT NESTWALK_${kind}_ROOMS)
    continue()
  endif()
  list(TRANSFORM NESTWALK_${kind}_ROOMS PREPEND nestwalk_ OUTPUT_VARIABLE targets)
  install(
    TARGETS ${targets}
    EXPORT nestwalk_${kind}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT dev
    FILE_SET headers DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT dev)
  install(
    EXPORT nestwalk_${kind}
    NAMESPACE nestwalk::
    FILE nestwalk-${kind}-targets.cmake
    DESTINATION "${cmake_folder}"
    COMPONENT dev)
  if(NOT kind STREQUAL machine)
    list(APPEND pkg_config_archives ${archives})
  endif()
endforeach()

configure_package_config_file(cmake/nestwalk-config.cmake.in nestwalk-config.cmake INSTALL_DESTINATION "${cmake_folder}")
# Before 1.0 a minor version may change what a user sees.
write_basic_package_version_file(nestwalk-config-version.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES "${CMAKE_CURRENT_BINARY_DIR}/nestwalk-config.cmake" "${CMAKE_CURRENT_BINARY_DIR}/nestwalk-config-version.cmake"
        cmake/nestwalk_systemc.cmake
  DESTINATION "${cmake_folder}"
  COMPONENT dev)

list(REVERSE pkg_config_archives)
list(TRANSFORM pkg_config_archives PREPEND "-l")
list(JOIN pkg_config_archives " " pkg_config_archives)
# The file names its prefix relative to itself, so that what is installed may be moved.
file(RELATIVE_PATH pkg_config_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" pkg_config_prefix "${pkg_config_prefix}")
# A SystemC that came as a CMake package has no pkg-config file to require.
set(pkg_config_requires "")
set(pkg_config_systemc_libs "")
set(pkg_config_systemc_flags "")
get_target_property(systemc_type SystemC::systemc TYPE)
if(TARGET PkgConfig::NESTWALK_SYSTEMC)
  set(pkg_config_requires systemc)
elseif(NOT systemc_type STREQUAL INTERFACE_LIBRARY)
  set(pkg_config_systemc_libs " -L$<TARGET_FILE_DIR:SystemC::systemc> -lsystemc -lpthread")
  set(pkg_config_systemc_flags
      " -I$<JOIN:$<TARGET_PROPERTY:SystemC::systemc,INTERFACE_INCLUDE_DIRECTORIES>, -I>")
endif()
configure_file(cmake/nestwalk.pc.in nestwalk.pc.in @ONLY)
file(GENERATE OUTPUT nestwalk.pc INPUT "${CMAKE_CURRENT_BINARY_DIR}/nestwalk.pc.in")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/nestwalk.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)

if(NESTWALK_PLATFORMS)
  # Only where it finds something: in the build CMake keeps the place with colons, which is the current folder to the loader.
  if(BUILD_SHARED_LIBS)
    set_target_properties(nestwalk PROPERTIES INSTALL_RPATH "\$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  endif()
  install(TARGETS nestwalk RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  set(shipped_folder "${CMAKE_INSTALL_DATADIR}/nestwalk")
  file(GLOB configurations CONFIGURE_DEPENDS platforms/*.toml)
  install(FILES ${configurations} DESTINATION "${shipped_folder}/platforms" COMPONENT program)
  install(DIRECTORY traces DESTINATION "${shipped_folder}" COMPONENT program)
endif()

if(PROJECT_IS_TOP_LEVEL)
  include(nestwalk_debian)
endif()
