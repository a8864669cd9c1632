// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QButtonGroup>
#include <QWidget>

#include "widgets/frame/page.h"

class QToolButton;

namespace llavakd {

/// The pages' names at the left edge; only their icons while the window is narrow.
class Rail : public QWidget {
  Q_OBJECT

 public:
  explicit Rail(QWidget* parent = nullptr);
  void setPage(Page page);
  void setPagesEnabled(bool enabled);
  void setFolded(bool folded);
  bool isFolded() const { return m_folded; }
  QToolButton* button(Page page) const;

 Q_SIGNALS:
  void pageRequested(llavakd::Page page);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QButtonGroup m_group;
  bool m_folded = false;
};

}  // namespace llavakd
