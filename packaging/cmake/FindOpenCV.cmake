# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Finds single OpenCV modules (COMPONENTS core imgproc ...) as opencv_<module>. OpenCV's own configuration file insists on
# every module that the distribution builds: 237 more packages on Debian 12, for two libraries.
find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
find_path(OpenCV_MODULES_INCLUDE_DIR opencv2/opencv_modules.hpp PATH_SUFFIXES opencv4)
set(_opencv_needed OpenCV_INCLUDE_DIR OpenCV_MODULES_INCLUDE_DIR)
foreach(_module ${OpenCV_FIND_COMPONENTS})
  find_library(OpenCV_${_module}_LIBRARY opencv_${_module})
  list(APPEND _opencv_needed OpenCV_${_module}_LIBRARY)
  mark_as_advanced(OpenCV_${_module}_LIBRARY)
endforeach()
mark_as_advanced(OpenCV_INCLUDE_DIR OpenCV_MODULES_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCV REQUIRED_VARS ${_opencv_needed})

if(OpenCV_FOUND)
  foreach(_module ${OpenCV_FIND_COMPONENTS})
    if(NOT TARGET opencv_${_module})
      add_library(opencv_${_module} UNKNOWN IMPORTED)
      set_target_properties(opencv_${_module} PROPERTIES
        IMPORTED_LOCATION ${OpenCV_${_module}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR};${OpenCV_MODULES_INCLUDE_DIR}")
    endif()
  endforeach()
endif()
