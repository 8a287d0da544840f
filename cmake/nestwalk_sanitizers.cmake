# nestwalk::sanitizers: what a program that simulates needs under AddressSanitizer; nothing in other builds.
add_library(nestwalk_sanitizers INTERFACE)
add_library(nestwalk::sanitizers ALIAS nestwalk_sanitizers)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*address")
  target_sources(nestwalk_sanitizers INTERFACE "${CMAKE_CURRENT_LIST_DIR}/main_stack.cpp")
  target_link_libraries(nestwalk_sanitizers INTERFACE SystemC::systemc)
  target_link_options(
    nestwalk_sanitizers INTERFACE "LINKER:--wrap=_ZN7sc_core8sc_startEv"
    "LINKER:--wrap=_ZN7sc_core8sc_startERKNS_7sc_timeENS_20sc_starvation_policyE")
endif()
