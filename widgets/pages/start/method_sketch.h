// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace llavakd {

/// What the program does in one line: a teacher, three stages, a student.
class MethodSketch : public QWidget {
  Q_OBJECT

 public:
  explicit MethodSketch(QWidget* parent = nullptr);
  QSize sizeHint() const override { return {640, 72}; }
  QSize minimumSizeHint() const override { return {320, 72}; }

 protected:
  void paintEvent(QPaintEvent*) override;
};

}  // namespace llavakd
