// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <exception>
#include <string>

namespace llavakd {

/// An error for people. Ours are told as they are; LibTorch's lose their backtrace; memory, threads and open files that
/// ran out are called that, with what helps.
std::string describe_error(const std::exception& error);

}  // namespace llavakd
