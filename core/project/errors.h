// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <stdexcept>
#include <string>

namespace llavakd {

/// A mistake in what a person gave us: a file, a project, an option, an image. The message is one or two sentences that
/// name the value, where it stands (file, key, line) and the remedy. The command line prints it and exits with 2.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The run cannot go on although the input was right: NaN, full disk, out of memory. The command line exits with 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace llavakd
