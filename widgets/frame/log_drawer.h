// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QPlainTextEdit;

namespace llavakd {

class RunWatcher;

/// The engine's log under every page (Ctrl+L).
class LogDrawer : public QWidget {
  Q_OBJECT

 public:
  explicit LogDrawer(RunWatcher* run, QWidget* parent = nullptr);
  QPlainTextEdit* text() const { return m_text; }

 private:
  QPlainTextEdit* m_text;
};

}  // namespace llavakd
