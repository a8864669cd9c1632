# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# llavakd_test(NAME SOURCES file... LIBS target... [LABELS label...] [TIMEOUT seconds] [TORCH])
# One Qt Test program as one ctest; TORCH for those that link LibTorch. The target core_tests makes those of core/ that
# don't link it: with the preset asan the quickest look with sanitizers (ctest -L core_tests).
add_custom_target(core_tests)
# Tests of what uses threads, and of the program where it does; the target thread_tests makes them: with the preset tsan
# all that it compiles (ctest -L threads). Tests that link LibTorch would show what ThreadSanitizer can't see of it.
set(llavakd_thread_tests
  tst_parallel_for tst_machine tst_interruption tst_mapped_file tst_row_store tst_tokenizer tst_run_queue_file
  tst_queue_runner tst_control_socket tst_events tst_run_reader tst_browsed_dataset tst_data_check tst_image_scan
  tst_loader tst_preflight tst_runs_queue_command tst_serve tst_signals)
add_custom_target(thread_tests)
# Some 200 programs: gold links each in a third of the time. Where sanitizers are, the compiler's own linker does it.
find_program(GOLD_PROGRAM NAMES ld.gold)
mark_as_advanced(GOLD_PROGRAM)
function(llavakd_test name)
  cmake_parse_arguments(ARG "TORCH" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  llavakd_moc(${name})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE llavakd_settings Qt6::Test ${ARG_LIBS})
  if(GOLD_PROGRAM AND NOT LLAVAKD_SANITIZE)
    target_link_options(${name} PRIVATE -fuse-ld=gold)
  endif()
  if(ARG_TORCH)
    llavakd_precompile(${name} torch_test)
  else()
    llavakd_precompile(${name} test)
  endif()
  target_compile_definitions(${name} PRIVATE
    LLAVAKD_TEST_DATA_DIR="${CMAKE_SOURCE_DIR}/tests/data"
    LLAVAKD_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared"
    LLAVAKD_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    LLAVAKD_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TORCH AND CMAKE_CURRENT_SOURCE_DIR MATCHES "/tests/core/")
    add_dependencies(core_tests ${name})
    list(APPEND ARG_LABELS core_tests)
  endif()
  if(name IN_LIST llavakd_thread_tests)
    add_dependencies(thread_tests ${name})
    list(APPEND ARG_LABELS threads)
  endif()
  # The window must answer within seconds, and its tests check that: they run alone.
  set(serial OFF)
  if("widgets" IN_LIST ARG_LABELS)
    set(serial ON)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 400)  # for the slowest machines; what hangs is found all the same
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    RUN_SERIAL ${serial}
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OMP_NUM_THREADS=1;XDG_RUNTIME_DIR=${CMAKE_BINARY_DIR}")
endfunction()
