# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# llavakd_moc(TARGET): meta-objects for the classes with Q_OBJECT in the sources and headers that TARGET lists. A class
# in NAME.cpp is reached by #include "NAME.moc" at that file's end; those of all headers are compiled together.
#
# CMake's AUTOMOC hands moc the include folders of the target. moc then reads every header below nlohmann-json, which
# takes longer than compiling the test and tells it nothing: our Q_OBJECT classes need no macro of any header.
function(llavakd_moc target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_moc)
  file(MAKE_DIRECTORY ${folder})
  get_target_property(sources ${target} SOURCES)
  set(together "")
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    cmake_path(GET source STEM name)
    if(source MATCHES "\\.cpp$")
      set(made ${folder}/${name}.moc)
    elseif(source MATCHES "\\.h$")
      set(made ${folder}/moc_${name}.cpp)
      string(APPEND together "#include \"moc_${name}.cpp\"\n")
      set_source_files_properties(${made} PROPERTIES HEADER_FILE_ONLY ON)
    else()
      continue()
    endif()
    add_custom_command(OUTPUT ${made} DEPENDS ${source} Qt6::moc VERBATIM
      COMMAND Qt6::moc --no-notes ${source} -o ${made})
    target_sources(${target} PRIVATE ${made})
  endforeach()
  if(together)
    file(CONFIGURE OUTPUT ${folder}/headers.cpp CONTENT "${together}")
    target_sources(${target} PRIVATE ${folder}/headers.cpp)
  endif()
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
