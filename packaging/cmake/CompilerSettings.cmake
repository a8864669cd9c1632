# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings, sanitizers and ccache for our own targets: link `llavakd_settings` privately.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

add_library(llavakd_settings INTERFACE)
target_compile_options(llavakd_settings INTERFACE -Wall -Wextra -Wshadow -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC sees copies beyond the end in std::string and std::vector<bool> that are not there; before 13 overlapping and
  # endless ones, too (GCC bug 105651), since 13 references to temporaries where a function returns one to a tensor of a
  # map.
  target_compile_options(llavakd_settings INTERFACE -Wno-array-bounds)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(llavakd_settings INTERFACE -Wno-restrict -Wno-stringop-overflow)
  else()
    target_compile_options(llavakd_settings INTERFACE -Wno-dangling-reference)
  endif()
endif()
if(LLAVAKD_WARNINGS_AS_ERRORS)
  target_compile_options(llavakd_settings INTERFACE -Werror)
endif()
if(LLAVAKD_SANITIZE)
  target_compile_options(llavakd_settings INTERFACE -fsanitize=${LLAVAKD_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(llavakd_settings INTERFACE -fsanitize=${LLAVAKD_SANITIZE})
endif()
target_include_directories(llavakd_settings INTERFACE ${CMAKE_SOURCE_DIR})

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # A precompiled header is hashed by content; without these two ccache would refuse to cache what uses one. The base
  # folder lets clones share what they compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
