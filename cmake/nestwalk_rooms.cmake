# nestwalk_add_rooms(<kind> <room>...): the folders of models/nestwalk; rooms of one kind need the same libraries.
# nestwalk_add_room(<room> SOURCES ... HEADERS ... DEPENDS ...): one library a room, nestwalk::<room>, static or shared by
# BUILD_SHARED_LIBS.
# nestwalk_add_whole_library(): nestwalk::nestwalk, all rooms that need no more than SystemC.
# nestwalk_add_tests(<room> SOURCES ... DEPENDS ...): its GoogleTest executable, one ctest entry a test.
include_guard(GLOBAL)

# A warning that another compiler finds, or that SystemC's headers give, must not stop somebody else's build.
option(NESTWALK_WARNINGS_AS_ERRORS "Let a warning in nestwalk's own sources end the build" ${PROJECT_IS_TOP_LEVEL})
add_library(nestwalk_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL OR NESTWALK_WARNINGS_AS_ERRORS)
  target_compile_options(nestwalk_warnings INTERFACE -Wall -Wextra -Wconversion $<$<BOOL:${NESTWALK_WARNINGS_AS_ERRORS}>:-Werror>)
endif()
# SystemC is a shared library that every access calls into: by its address, not by way of the linkage table. And our own
# functions are nobody's to replace, so position-independent code may inline them.
add_library(nestwalk_code INTERFACE)
target_compile_options(nestwalk_code INTERFACE -fno-plt -fno-semantic-interposition)

# A test runs once for each time that it is compiled; the rooms that it tests keep the optimisation of the build type.
set(NESTWALK_TEST_OPTIONS -Og CACHE STRING "Options for the tests' own sources, after those of the build type")
mark_as_advanced(NESTWALK_TEST_OPTIONS)

function(nestwalk_add_rooms kind)
  foreach(room IN LISTS ARGN)
    set(NESTWALK_KIND ${kind})
    add_subdirectory("${PROJECT_SOURCE_DIR}/models/nestwalk/${room}")
  endforeach()
endfunction()

function(nestwalk_add_room room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPENDS")
  set(library "nestwalk_${room}")
  if(arg_SOURCES)
    add_library(${library})
    set(scope PUBLIC)
    target_sources(${library} PRIVATE ${arg_SOURCES})
    target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:nestwalk_warnings> $<BUILD_INTERFACE:nestwalk_code>)
    # A user's shared library takes an archive, too.
    set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON VERSION ${PROJECT_VERSION}
                          SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}" INSTALL_RPATH "\$ORIGIN"
                          BUILD_RPATH "\$ORIGIN") # as without one CMake keeps the place with colons: the current folder
    set_property(GLOBAL APPEND PROPERTY NESTWALK_${NESTWALK_KIND}_ARCHIVES ${library})
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
  set_property(GLOBAL APPEND PROPERTY NESTWALK_${NESTWALK_KIND}_ROOMS ${room})
endfunction()

function(nestwalk_add_whole_library)
  add_library(nestwalk_nestwalk INTERFACE)
  get_property(plain GLOBAL PROPERTY NESTWALK_plain_ROOMS)
  get_property(systemc GLOBAL PROPERTY NESTWALK_systemc_ROOMS)
  list(TRANSFORM plain PREPEND nestwalk::)
  list(TRANSFORM systemc PREPEND nestwalk::)
  target_link_libraries(nestwalk_nestwalk INTERFACE ${systemc} ${plain})
  set_target_properties(nestwalk_nestwalk PROPERTIES EXPORT_NAME nestwalk)
  add_library(nestwalk::nestwalk ALIAS nestwalk_nestwalk)
  set_property(GLOBAL APPEND PROPERTY NESTWALK_systemc_ROOMS nestwalk)
endfunction()

function(nestwalk_add_tests room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(test_${room} ${arg_SOURCES})
  target_link_libraries(test_${room} PRIVATE ${arg_DEPENDS} nestwalk::test_support nestwalk::sanitizers nestwalk_warnings)
  target_compile_options(test_${room} PRIVATE ${NESTWALK_TEST_OPTIONS})
  gtest_discover_tests(test_${room} TEST_PREFIX "${room}/" DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
