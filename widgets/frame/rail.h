// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QButtonGroup>
#include <QHash>
#include <QWidget>

#include "widgets/frame/page.h"

class QToolButton;

namespace llavakd {

class MachineLoad;

/// The pages' names at the left edge, only their icons while the window is narrow; at its foot how busy the machine is.
class Rail : public QWidget {
  Q_OBJECT

 public:
  explicit Rail(const std::vector<PageDescriptor>& pages, QWidget* parent = nullptr);
  /// Marks the page of this id; none for an id that is not on the rail.
  void setPage(const QString& id);
  void setPagesEnabled(bool enabled);
  void setFolded(bool folded);
  bool isFolded() const { return m_folded; }
  QToolButton* button(const QString& id) const { return m_buttons.value(id); }

 Q_SIGNALS:
  void pageRequested(const QString& id);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QButtonGroup m_group;
  QHash<QString, QToolButton*> m_buttons;
  MachineLoad* m_load;
  bool m_folded = false;
};

}  // namespace llavakd
