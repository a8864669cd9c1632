// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QString>
#include <QWidget>

#include "widgets/theme/theme.h"

namespace llavakd {

/// A picture with its heading above, under the bar of whom it belongs to, and its size below.
class PreparedPicture : public QWidget {
  Q_OBJECT

 public:
  explicit PreparedPicture(theme::Who who = theme::Who::none, QWidget* parent = nullptr);
  /// A null picture: `note` says why there is none.
  void setPicture(const QString& heading, const QImage& picture, const QString& note);
  const QImage& picture() const { return m_picture; }
  QString note() const { return m_note; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {sizeHint().width() / 2, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  theme::Who m_who;
  QString m_heading, m_note;
  QImage m_picture;
};

}  // namespace llavakd
