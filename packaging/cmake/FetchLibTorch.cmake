# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Finds or obtains LibTorch and sets LIBTORCH_ROOT for FindLibTorch.
#   LIBTORCH_DIR (cache) or $LLAVAKD_TORCH   a folder with include/ and lib/ (an unpacked torch wheel or a LibTorch zip)
#   LIBTORCH_ARCHIVE                         a torch-*.whl or libtorch-*.zip on this disk
#   otherwise                                `pip download` of the wheel; nothing of Python is installed or needed at run time
set(LIBTORCH_VERSION 2.13.0 CACHE STRING "LibTorch version to obtain")
set(LIBTORCH_FLAVOUR cpu CACHE STRING "local version label of the wheel: cpu, cu126, cu130, ...")
set(LIBTORCH_DIR "$ENV{LLAVAKD_TORCH}" CACHE PATH "LibTorch or torch folder of yours (has include/ and lib/)")
set(LIBTORCH_ARCHIVE "" CACHE FILEPATH "torch-*.whl or libtorch-*.zip on this disk")

# One copy serves every preset.
set(_libtorch_folder ${CMAKE_SOURCE_DIR}/build/_deps/libtorch-${LIBTORCH_VERSION}-${LIBTORCH_FLAVOUR})

# Downloads the wheel into `folder`. The local label (+cpu) pins the flavour whatever the index offers.
function(llavakd_download_torch folder archive)
  find_program(PYTHON_PROGRAM NAMES python3 python)
  if(NOT PYTHON_PROGRAM)
    message(FATAL_ERROR "LibTorch is missing and there is no python3 whose pip could download it. "
      "Install python3-pip, or set LLAVAKD_TORCH to an unpacked LibTorch ${LIBTORCH_VERSION}.")
  endif()
  set(arguments -m pip download --no-deps --only-binary=:all: --no-cache-dir --retries 1 --timeout 60
    --python-version 3.11 --implementation cp --abi cp311 --platform manylinux_2_28_x86_64
    -d ${folder} torch==${LIBTORCH_VERSION}+${LIBTORCH_FLAVOUR})
  message(STATUS "LibTorch: downloading torch ${LIBTORCH_VERSION}+${LIBTORCH_FLAVOUR}")
  foreach(index "" "--extra-index-url;https://download.pytorch.org/whl/${LIBTORCH_FLAVOUR}")
    execute_process(COMMAND ${PYTHON_PROGRAM} ${arguments} ${index} OUTPUT_QUIET ERROR_VARIABLE error)
    file(GLOB wheel ${folder}/torch-*.whl)
    if(wheel)
      set(${archive} ${wheel} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "LibTorch: pip could not download torch ${LIBTORCH_VERSION}+${LIBTORCH_FLAVOUR}:\n${error}"
    "Set LLAVAKD_TORCH to an unpacked LibTorch, or -DLIBTORCH_ARCHIVE to a wheel or zip.")
endfunction()

if(LIBTORCH_DIR)
  set(LIBTORCH_ROOT ${LIBTORCH_DIR})
else()
  if(NOT EXISTS ${_libtorch_folder}/complete)
    file(MAKE_DIRECTORY ${_libtorch_folder}/download)
    set(_archive ${LIBTORCH_ARCHIVE})
    if(NOT _archive)
      llavakd_download_torch(${_libtorch_folder}/download _archive)
    endif()
    message(STATUS "LibTorch: unpacking ${_archive}")
    if(_archive MATCHES "\\.zip$")
      set(_patterns libtorch/lib/* libtorch/include/*)
    else()
      set(_patterns torch/lib/* torch/include/* torch-*.dist-info/licenses/*)
    endif()
    file(ARCHIVE_EXTRACT INPUT ${_archive} DESTINATION ${_libtorch_folder} PATTERNS ${_patterns})
    file(REMOVE_RECURSE ${_libtorch_folder}/download)
    file(REMOVE ${_libtorch_folder}/torch/lib/libtorch_python.so)
    file(TOUCH ${_libtorch_folder}/complete)
  endif()
  set(LIBTORCH_ROOT ${_libtorch_folder}/torch)
  if(NOT EXISTS ${LIBTORCH_ROOT})
    set(LIBTORCH_ROOT ${_libtorch_folder}/libtorch)
  endif()
endif()
