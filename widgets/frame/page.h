// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace llavakd {

/// The pages in the order of the rail. The start page stands in front of them while no project is open.
enum class Page { start = -1, project = 0, stages, train, inspect, compare };

}  // namespace llavakd
