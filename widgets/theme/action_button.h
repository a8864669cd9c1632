// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPushButton>

namespace llavakd {

/// A button that can be the page's one main action: filled with the accent then, otherwise as the style draws it.
class ActionButton : public QPushButton {
  Q_OBJECT

 public:
  explicit ActionButton(const QString& text = {}, bool primary = false, QWidget* parent = nullptr);
  void setPrimary(bool primary);
  bool isPrimary() const { return m_primary; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  bool m_primary = false;
};

}  // namespace llavakd
