// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <cmath>
#include <vector>

#include "widgets/document/newest_request.h"
#include "widgets/run/run_row.h"

namespace llavakd {

class Sparkline;
class TextLabel;

/// The total of a run over its steps at a glance, with its first and its newest value. Reads in the background; hidden
/// where the run has no total.
class RunPreview : public QWidget {
  Q_OBJECT

 public:
  explicit RunPreview(QWidget* parent = nullptr);

  /// Shows this run's; the same run again is only read again when it has got on by a hundredth.
  void setRun(const RunRow& run);

 private:
  struct Course {
    std::vector<double> means;  ///< Of stretches of equally many steps.
    double first = NAN, last = NAN;
  };
  static Course courseOf(const QString& folder);
  void showCourse(const Course& course);

  QString m_folder;
  qint64 m_step = -1;
  NewestRequest m_readings;
  Sparkline* m_line;
  TextLabel* m_caption;
};

}  // namespace llavakd
