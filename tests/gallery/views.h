// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <vector>

namespace llavakd {

class MainWindow;

/// A page, a part of one, or a dialog over one, as the gallery shows it.
struct GalleryView {
  QString id;                              ///< In the names of pictures.
  QString page;                            ///< Its id in the window.
  QStringList states = {};                 ///< Those that it is shown in; empty: all.
  void (*begin)(MainWindow&) = nullptr;    ///< Called once, when the page is shown.
  void (*open)(MainWindow&) = nullptr;     ///< Then opens a dialog or a menu, and may wait for its end.
  void (*arrange)(MainWindow&) = nullptr;  ///< Called when the window has got another size.
  void (*end)(MainWindow&) = nullptr;      ///< Takes back what these did.
  bool isShownIn(const QString& state) const { return states.isEmpty() || states.contains(state); }
};

/// Pages first, dialogs last.
const std::vector<GalleryView>& galleryViews();

}  // namespace llavakd
