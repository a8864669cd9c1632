// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

class QWidget;

namespace llavakd {

/// Asks whether something may be deleted; the button says how many bytes that frees, and Cancel is what Enter presses.
bool confirmDelete(QWidget* parent, const QString& question, const QString& what, qint64 bytes);

}  // namespace llavakd
