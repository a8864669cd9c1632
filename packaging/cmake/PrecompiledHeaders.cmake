# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# llavakd_precompile(TARGET KIND): TARGET's sources begin with what nearly all of that kind include, compiled once:
#   plain   the standard library, fmt and nlohmann-json        torch   these and LibTorch's tensors
#   test    plain and QtCore, without optimisation             torch_test   the same with LibTorch's tensors
#   window  plain and Qt Widgets
# LibTorch's custom_function.h is in none of them: its templates would be instantiated again in each source, also in
# those that don't use it.
# A precompiled header fits only code with its own -O and -fPIC and with its own definitions, as far as it reads them;
# one that doesn't fit is a warning (-Winvalid-pch).
set(llavakd_standard_headers <algorithm> <array> <cmath> <filesystem> <fstream> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <utility> <vector> <fmt/format.h> <nlohmann/json.hpp>)

function(llavakd_precompile target kind)
  set(library llavakd_precompiled_${kind})
  if(NOT TARGET ${library})
    set(headers ${llavakd_standard_headers})
    set(libraries fmt::fmt nlohmann_json::nlohmann_json)
    if(kind MATCHES "torch")
      list(APPEND headers <ATen/ATen.h>)
      list(APPEND libraries LibTorch::cpu OpenMP::OpenMP_CXX)
    endif()
    if(kind MATCHES "test")
      list(APPEND headers <QtCore/QtCore>)
      list(APPEND libraries Qt6::Core)
    elseif(kind STREQUAL "window")
      list(APPEND headers <QtCore/QtCore> <QtWidgets/QtWidgets>)
      list(APPEND libraries Qt6::Widgets)
    endif()
    set(empty ${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp)
    file(CONFIGURE OUTPUT ${empty} CONTENT "")
    add_library(${library} OBJECT ${empty})
    target_link_libraries(${library} PRIVATE llavakd_settings ${libraries})
    llavakd_precompile_options(${library} ${kind})
    target_precompile_headers(${library} PRIVATE ${headers})
  endif()
  llavakd_precompile_options(${target} ${kind})
  target_precompile_headers(${target} REUSE_FROM ${library})
endfunction()

# What a header and the sources that use it must agree on.
function(llavakd_precompile_options target kind)
  target_compile_options(${target} PRIVATE -fPIC)
  if(kind MATCHES "test")
    target_compile_options(${target} PRIVATE -O0)
  endif()
  if(kind MATCHES "test|window")
    target_compile_definitions(${target} PRIVATE QT_NO_KEYWORDS QT_NO_FOREACH)
  endif()
endfunction()
