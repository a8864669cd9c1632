# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Own imported targets for LibTorch below LIBTORCH_ROOT: no CUDA toolkit and no find_package(Torch) is needed.
# Output: LibTorch::cpu, LibTorch_VERSION, LibTorch_LIBRARY_DIR. A CUDA build of the same version can be put in place at
# run time (LD_LIBRARY_PATH), since the headers don't depend on the flavour.
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h HINTS ${LIBTORCH_ROOT} PATH_SUFFIXES include NO_DEFAULT_PATH)
foreach(_name torch_cpu c10)
  find_library(LibTorch_${_name}_LIBRARY ${_name} HINTS ${LIBTORCH_ROOT} PATH_SUFFIXES lib NO_DEFAULT_PATH)
endforeach()

set(_version_header ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h)
if(EXISTS ${_version_header})
  file(READ ${_version_header} _text)
  foreach(_part MAJOR MINOR PATCH)
    string(REGEX MATCH "TORCH_VERSION_${_part} ([0-9]+)" _ "${_text}")
    set(_${_part} ${CMAKE_MATCH_1})
  endforeach()
  set(LibTorch_VERSION ${_MAJOR}.${_MINOR}.${_PATCH})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION)

# The wheel brings headers of another fmt version along, whose functions no library here has: the system's come first.
find_path(_fmt_headers fmt/format.h PATHS /usr/include /usr/local/include NO_DEFAULT_PATH)
if(_fmt_headers)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/system_fmt)
  file(CREATE_LINK ${_fmt_headers}/fmt ${CMAKE_BINARY_DIR}/system_fmt/fmt SYMBOLIC)
endif()

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  get_filename_component(LibTorch_LIBRARY_DIR ${LibTorch_torch_cpu_LIBRARY} DIRECTORY)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_c10_LIBRARY} IMPORTED_SONAME libc10.so)
  add_library(LibTorch::torch_cpu SHARED IMPORTED)
  set_target_properties(LibTorch::torch_cpu PROPERTIES IMPORTED_LOCATION ${LibTorch_torch_cpu_LIBRARY}
    IMPORTED_SONAME libtorch_cpu.so INTERFACE_LINK_LIBRARIES LibTorch::c10)
  add_library(LibTorch::cpu INTERFACE IMPORTED)
  set_target_properties(LibTorch::cpu PROPERTIES
    INTERFACE_LINK_LIBRARIES "LibTorch::torch_cpu;LibTorch::c10"
    INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_BINARY_DIR}/system_fmt;${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_COMPILE_DEFINITIONS "_GLIBCXX_USE_CXX11_ABI=1"
    INTERFACE_COMPILE_FEATURES cxx_std_20)
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY)
