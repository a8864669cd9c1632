# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The window. Its library is apart so that tests can click through the real main window.
add_library(llavakd_window STATIC
  ${CMAKE_SOURCE_DIR}/app/fault_report.cpp ${CMAKE_SOURCE_DIR}/app/fault_report.h
  ${CMAKE_SOURCE_DIR}/app/home_folder.cpp ${CMAKE_SOURCE_DIR}/app/home_folder.h
  ${CMAKE_SOURCE_DIR}/app/main_window.cpp ${CMAKE_SOURCE_DIR}/app/main_window.h
  ${CMAKE_SOURCE_DIR}/app/main_window_actions.cpp
  ${CMAKE_SOURCE_DIR}/app/screenshots.cpp ${CMAKE_SOURCE_DIR}/app/screenshots.h
  ${CMAKE_SOURCE_DIR}/app/shortcut_sheet.cpp ${CMAKE_SOURCE_DIR}/app/shortcut_sheet.h)
llavakd_moc(llavakd_window)
llavakd_precompile(llavakd_window window)
target_link_libraries(llavakd_window PUBLIC llavakd_widgets PRIVATE llavakd_settings)
target_compile_definitions(llavakd_window PRIVATE LLAVAKD_VERSION="${PROJECT_VERSION}")

add_executable(llavakd-studio ${CMAKE_SOURCE_DIR}/app/studio_main.cpp)
target_link_libraries(llavakd-studio PRIVATE llavakd_settings llavakd_window)
target_compile_definitions(llavakd-studio PRIVATE LLAVAKD_VERSION="${PROJECT_VERSION}" QT_NO_KEYWORDS QT_NO_FOREACH)
set_target_properties(llavakd-studio PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
