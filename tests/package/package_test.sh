#!/usr/bin/env bash
# package_test.sh CASE: runs one case_CASE below. The environment names the build to install (BUILD), the sources (SOURCE),
# the folder to work in (WORK), and what the build was compiled with (CXX, CXXFLAGS, STANDARD).
set -euo pipefail
here=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")")
prefix=$WORK/prefix
export CMAKE_GENERATOR=Ninja SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1 CMAKE_PREFIX_PATH=$prefix${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}

fail() { echo "failed: $*" >&2; exit 1; }

# configure SOURCE NAME [ARGUMENT]...: a user's project, compiled as the library was, but not optimised: it runs for a moment.
configure() {
  cmake -S "$1" -B "$WORK/$2" --fresh -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_FLAGS="$CXXFLAGS" -DCMAKE_CXX_STANDARD="$STANDARD" "${@:3}"
}
build() { ninja -C "$WORK/$1" "${@:2}"; }

# refused NAME WORDS ARGUMENT...: a project that asks for a package that is not to be found is told so, in these words.
refused() {
  mkdir -p "$WORK/$1.source"
  printf 'cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES CXX)\nfind_package(%s)\n' "$3" >"$WORK/$1.source/CMakeLists.txt"
  ! configure "$WORK/$1.source" "$1" "${@:4}" >"$WORK/$1.log" 2>&1 || fail "find_package($3) succeeded"
  tr -s ' \n' ' ' <"$WORK/$1.log" | grep -qF "$2" || fail "find_package($3) says: $(cat "$WORK/$1.log")"
}

# The others use what this one leaves.
case_installs() {
  rm -rf "$WORK"
  mkdir -p "$WORK"
  cmake --install "$BUILD" --prefix "$prefix" >"$WORK/install.log"
  "$prefix/bin/nestwalk" run --limit 1000 --quiet >/dev/null
  ! grep -rlF -e "$SOURCE" -e "$prefix" "$prefix/lib/cmake" "$prefix/lib/pkgconfig" || fail "these name the machine's folders"
}

# An empty entry of a search path is the current folder, whose libraries are anybody's.
case_loads_nothing_from_the_current_folder() {
  local program path
  for program in "$BUILD/platforms/nestwalk" "$prefix/bin/nestwalk"; do
    path=$(readelf -d "$program" | sed -n 's/.*R\(UN\)\?PATH.*\[\(.*\)\]/:\2:/p')
    [[ $path != *::* ]] || fail "$program looks for its libraries in $path"
  done
}

case_serves_a_project_with_everything_in_its_way() {
  configure "$here/consumer" consumer
  build consumer
  "$WORK/consumer/consumer"
  "$WORK/consumer/walk"
}

case_serves_paging_without_systemc() {
  local nowhere=(-DCMAKE_DISABLE_FIND_PACKAGE_SystemCLanguage=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON)
  refused no_systemc "SystemC is not found: neither a target SystemC::systemc" "nestwalk 0.2 REQUIRED" "${nowhere[@]}"
  mkdir -p "$WORK/paging.source"
  cat >"$WORK/paging.source/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(nestwalk 0.2 REQUIRED COMPONENTS paging OPTIONAL_COMPONENTS mmu)
if(TARGET SystemC::systemc OR nestwalk_mmu_FOUND)
  message(SEND_ERROR "there is SystemC")
endif()
add_executable(walk "${WALK}")
target_link_libraries(walk PRIVATE nestwalk::paging)
CMAKE
  configure "$WORK/paging.source" paging -DWALK="$here/consumer/walk.cpp" "${nowhere[@]}"
  build paging
  "$WORK/paging/walk"
}

case_refuses_another_version_and_unknown_rooms() {
  refused newer "version: 0." "nestwalk 0.99 REQUIRED"
  refused major "version: 0." "nestwalk 1.0 REQUIRED"
  refused room "there is no component mmmu; there are" "nestwalk 0.2 REQUIRED COMPONENTS mmmu"
}

# SystemC as a CMake package: a stand-in that names what pkg-config knows, which is then not asked.
case_takes_systemc_from_its_cmake_package() {
  mkdir -p "$WORK/systemc/lib/cmake/SystemCLanguage"
  cat >"$WORK/systemc/lib/cmake/SystemCLanguage/SystemCLanguageConfig.cmake" <<CMAKE
add_library(SystemC::systemc INTERFACE IMPORTED)
target_include_directories(SystemC::systemc INTERFACE $(pkg-config --variable=includedir systemc))
target_link_libraries(SystemC::systemc INTERFACE "$(pkg-config --libs systemc | xargs)")
CMAKE
  configure "$here/consumer" with_cmake_systemc -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DCMAKE_PREFIX_PATH="$WORK/systemc;$prefix"
  build with_cmake_systemc walk
}

# And docs/integration.md holds what they print, and quotes the first of them as it is.
case_builds_the_examples_as_the_documents_say() {
  configure "$SOURCE/examples" examples
  build examples
  local example line document=$SOURCE/docs/integration.md
  for example in foreign_initiator own_processor plain_memory at_memory dma_behind_iommu; do
    "$WORK/examples/$example" >"$WORK/$example.out" || fail "$example: $(cat "$WORK/$example.out")"
    while read -r line; do
      [[ $example == own_processor && $line == "#PF"* ]] || grep -qF -e "$line" "$document" || fail "$document lacks: $line"
    done <"$WORK/$example.out"
  done
  local quoted=0
  while IFS= read -r line; do
    grep -qxF -e "$line" "$SOURCE/examples/foreign_initiator.cpp" || fail "$document quotes: $line"
    quoted=$((quoted + 1))
  done < <(sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$document")
  ((quoted > 10)) || fail "nothing is quoted"
  (($(wc -l <"$SOURCE/examples/foreign_initiator.cpp") < 100)) || fail "the first example is long"
}

# By the compiler that is named: archives of one link into position-independent programs of the other.
case_serves_pkg_config() {
  local compiler=$1 flags
  mkdir -p "$WORK/by_$(basename "$compiler")"
  cd "$WORK/by_$(basename "$compiler")"
  read -ra flags <<<"$CXXFLAGS $(pkg-config --cflags --libs nestwalk)"
  "$compiler" -std=c++"$STANDARD" -O0 -fPIE -pie -o consumer "$here/consumer/main.cpp" "$here/consumer/user_part.cpp" "${flags[@]}"
  ./consumer
  "$compiler" -std=c++"$STANDARD" -O0 -fPIE -pie -o dma "$SOURCE/examples/dma_behind_iommu.cpp" "${flags[@]}"
  ./dma
}

case_serves_as_a_subproject() {
  configure "$here/subproject" subproject -DNESTWALK="$SOURCE"
  build subproject walk
  "$WORK/subproject/walk"
}

"case_$1" "${@:2}"
