// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMainWindow;

namespace llavakd {

/// Shows every key of the window in a dialog: those of its menus, and those of parts of pages under the heading that
/// their actions name in the property "group".
void showShortcutSheet(QMainWindow* window);

}  // namespace llavakd
