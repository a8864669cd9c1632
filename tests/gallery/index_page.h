// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace llavakd {

/// Writes index.html, which shows the gallery's pictures in the folder, of earlier calls too, and lets one choose among
/// them. Throws RunError.
void writeIndexPage(const QString& folder);

}  // namespace llavakd
