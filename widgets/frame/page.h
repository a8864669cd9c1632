// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QKeySequence>
#include <QString>
#include <functional>
#include <vector>

class QWidget;

namespace llavakd {

class ProjectDocument;
class RunController;
class RunSelection;
class RunWatcher;
class ServeClient;

/// What there is to make pages from. All of it outlives the pages.
struct PageContext {
  ProjectDocument* document;
  RunWatcher* run;
  RunController* controller;
  ServeClient* serve;
  RunSelection* selection;
};

/// A page as rail, menu, window and screenshots know it. Each page's folder has its own; widgets/pages/page_table.cpp
/// lists them.
struct PageDescriptor {
  QString id;     ///< In file names of screenshots: "train".
  QString icon;   ///< A name of resources/icons.
  QString title;  ///< In the menu, with its mnemonic: "&Train".
  QKeySequence shortcut;
  std::function<QWidget*(const PageContext&)> make;

  /// The title without the mark of its mnemonic.
  QString name() const { return QString(title).remove(QLatin1Char('&')); }
};

}  // namespace llavakd
