// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>

namespace llavakd {

/// The course of a stage's learning rate, 40 pixels high: warm-up, then the schedule.
class ScheduleSketch : public QWidget {
  Q_OBJECT

 public:
  explicit ScheduleSketch(QWidget* parent = nullptr);
  void setCourse(const std::string& schedule, double warmupRatio, double peak);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  double at(double progress) const;
  std::string m_schedule = "cosine";
  double m_warmup = 0.03;
};

}  // namespace llavakd
