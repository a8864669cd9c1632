// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>

#include "widgets/document/newest_request.h"

namespace llavakd {

/// One picture as large as its place allows, with its name below; hatched with a reason when there is none.
class PictureView : public QWidget {
  Q_OBJECT

 public:
  explicit PictureView(QWidget* parent = nullptr);
  /// What it says while there is no picture to show.
  void setEmptyText(const QString& text);
  /// Reads the file on a worker thread. Empty: no picture.
  void setFile(const QString& file);
  QString file() const { return m_file; }
  bool hasPicture() const { return !m_picture.isNull(); }
  QString whyEmpty() const { return m_why; }
  QSize sizeHint() const override { return {320, 320}; }
  QSize minimumSizeHint() const override { return {120, 120}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString m_file, m_why, m_emptyText;
  QImage m_picture;
  NewestRequest m_readings;
};

}  // namespace llavakd
