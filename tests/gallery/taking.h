// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include "choice.h"

namespace llavakd {

/// Opens windows on the projects below `home` and writes what is chosen as PNG files into `folder`; everything is
/// enlarged to `percent` already. Throws RunError.
void takePictures(const GalleryChoice& choice, const QString& home, const QString& folder, int percent);

}  // namespace llavakd
