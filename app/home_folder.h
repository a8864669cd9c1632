// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace llavakd {

/// Sets HOME to a folder that can be written, where it is missing, "/" or closed: Qt takes "/" for a missing one and
/// would write settings and caches there. The account's own folder does, or for accounts without one a temporary one;
/// what is set in that is forgotten with it. Call it before there is an application.
void prepare_home_folder();

}  // namespace llavakd
