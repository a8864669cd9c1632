// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/frame/page.h"

namespace llavakd {

/// All pages of an open project in the order of the rail. The start page, which shows while none is open, is not one
/// of them.
std::vector<PageDescriptor> pageTable();

}  // namespace llavakd
