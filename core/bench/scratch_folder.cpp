// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/scratch_folder.h"

#include <stdlib.h>

#include <string>

#include "core/base/errors.h"

namespace llavakd {

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "llavakd-bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw RunError(name + " can't be made: the folder for temporary files is closed or full.");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace llavakd
