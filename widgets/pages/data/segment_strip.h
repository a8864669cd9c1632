// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>

#include "widgets/pages/data/sample_details.h"

class QPainter;

namespace llavakd {

/// "visual", "prompt", "response" or "ignored" for people.
QString nameOfUse(TokenUse use);

/// The whole sequence as one bar, its runs coloured by their use and to scale; beneath it a line for each term along
/// the positions that it reads; above it the counts.
class SegmentStrip : public QWidget {
  Q_OBJECT

 public:
  explicit SegmentStrip(QWidget* parent = nullptr);
  void setSample(const SampleOfModel& sample);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;
  bool event(QEvent* event) override;

 private:
  QRectF barRect() const;
  double xOf(int64_t position) const;
  void paintCounts(QPainter& painter) const;
  void paintBar(QPainter& painter) const;
  void paintLimit(QPainter& painter) const;
  void paintTerms(QPainter& painter) const;
  int labelWidth() const;
  int lineHeight() const;

  SampleOfModel m_sample;
};

}  // namespace llavakd
