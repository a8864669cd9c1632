// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QSize>
#include <QStringList>

namespace llavakd {

class MainWindow;

/// Renders every page of the window, light and dark, to PNG files: start-light.png, project-dark.png, …
class Screenshots : public QObject {
  Q_OBJECT

 public:
  Screenshots(MainWindow* window, const QString& folder, QSize size, QObject* parent = nullptr);
  /// Begins; the program ends with 0 when all are written, with 1 when one couldn't be.
  void start(const QString& projectFile);

 private:
  void wait(int milliseconds);
  void take();
  QStringList m_pages;  ///< Their ids.
  MainWindow* m_window;
  QString m_folder, m_project;
  qsizetype m_shot = 0;
  bool m_dark = false;
};

}  // namespace llavakd
