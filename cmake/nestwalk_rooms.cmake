# nestwalk_add_room(<room> SOURCES ... HEADERS ... DEPENDS ...): one static library a room, nestwalk::<room>.
# nestwalk_add_tests(<room> SOURCES ... DEPENDS ...): its GoogleTest executable, one ctest entry a test.
include_guard(GLOBAL)

add_library(nestwalk_warnings INTERFACE)
target_compile_options(nestwalk_warnings INTERFACE -Wall -Wextra -Wconversion -Werror)
# SystemC is a shared library that every access calls into: by its address, not by way of the linkage table.
add_library(nestwalk_code INTERFACE)
target_compile_options(nestwalk_code INTERFACE -fno-plt)

# A test runs once for each time that it is compiled; the rooms that it tests keep the optimisation of the build type.
set(NESTWALK_TEST_OPTIONS -Og CACHE STRING "Options for the tests' own sources, after those of the build type")

function(nestwalk_add_room room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPENDS")
  set(library "nestwalk_${room}")
  if(arg_SOURCES)
    add_library(${library} STATIC)
    set(scope PUBLIC)
    target_sources(${library} PRIVATE ${arg_SOURCES})
    target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:nestwalk_warnings> $<BUILD_INTERFACE:nestwalk_code>)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${library} ${scope} FILE_SET headers TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/models" FILES
                                     ${arg_HEADERS})
  target_compile_features(${library} ${scope} cxx_std_17)
  target_link_libraries(${library} ${scope} ${arg_DEPENDS})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${room})
  add_library(nestwalk::${room} ALIAS ${library})
endfunction()

function(nestwalk_add_tests room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(test_${room} ${arg_SOURCES})
  target_link_libraries(test_${room} PRIVATE ${arg_DEPENDS} nestwalk::test_support nestwalk_warnings)
  target_compile_options(test_${room} PRIVATE ${NESTWALK_TEST_OPTIONS})
  gtest_discover_tests(test_${room} TEST_PREFIX "${room}/" DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
