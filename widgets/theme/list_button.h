// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractButton>
#include <QPixmap>

#include "widgets/theme/theme.h"

namespace llavakd {

/// A card that is one button: picture, title, one sentence, and a muted remark; at its right edge perhaps a drawing.
class ListButton : public QAbstractButton {
  Q_OBJECT

 public:
  explicit ListButton(QWidget* parent = nullptr);
  void setPicture(const QString& resource) { m_picture = resource; }
  void setTexts(const QString& title, const QString& sentence, const QString& remark = {});
  /// A small widget of fixed size for the right edge, which takes no clicks; a narrow card hides it.
  void setDrawing(QWidget* drawing);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void enterEvent(QEnterEvent*) override { update(); }
  void leaveEvent(QEvent*) override { update(); }

 private:
  /// What the drawing takes of the width.
  int drawingWidth(int width) const;
  /// What is kept at the right edge for the mark of the chosen one.
  int markWidth() const { return isCheckable() ? theme::iconSize : 0; }
  QRect textRect(int width) const;
  int textHeight(int width) const;
  QString m_picture, m_sentence, m_remark;
  QWidget* m_drawing = nullptr;
};

}  // namespace llavakd
