// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>
#include <vector>

#include "core/run/events.h"
#include "core/run/step_profile.h"
#include "widgets/charts/step_chart.h"

class QCheckBox;
class QLabel;
class QPlainTextEdit;
class QSlider;
class QTabWidget;
class QToolButton;

namespace llavakd {

class LegendEntry;
class PhaseBar;
class ScoreTile;
class TermTile;

/// The numbers of a run: tiles of the terms and of the newest score, the chart of all terms with its controls, and the
/// charts of gradient norm, learning rate, speed (with what a step's time goes to) and memory next to the log. Fed with
/// events; knows no files.
class RunCharts : public QWidget {
  Q_OBJECT

 public:
  explicit RunCharts(QWidget* parent = nullptr);
  void clear();
  void append(const std::vector<Event>& events);
  void appendLog(const QString& text);
  /// What each stage was trained with, as text; empty: nothing is known.
  void setRecord(const QString& text);

  StepChart* chart() const { return m_chart; }
  QTabWidget* tabs() const { return m_tabs; }
  const std::vector<TermTile*>& tiles() const { return m_tiles; }
  PhaseBar* phaseBar() const { return m_phaseBar; }
  ScoreTile* score() const { return m_score; }

 Q_SIGNALS:
  /// A stage's end or a checkpoint was clicked.
  void stepChosen(qint64 step);
  void warned(const QString& message);

 private:
  QWidget* makeControls();
  using StepValue = std::function<double(const StepEvent&)>;
  void addMetric(const QString& title, const std::vector<std::pair<QString, StepValue>>& lines, QString (*text)(double),
                 QWidget* above = nullptr);
  void appendStep(const Event& event, const StepEvent& done);
  void beginBand(const Event& event);
  void appendWarning(const Event& event, const WarningEvent& warning);
  void goBackTo(double step);
  void showTiles();
  void link(StepChart* chart);
  void restoreSettings();

  struct Metric {
    StepChart* chart = nullptr;
    std::vector<StepValue> values;
  };
  StepChart* m_chart;
  std::vector<TermTile*> m_tiles;
  ScoreTile* m_score;
  std::vector<LegendEntry*> m_legend;
  std::vector<Metric> m_metrics;
  StepProfile m_profile;
  PhaseBar* m_phaseBar;
  std::vector<StepBand> m_bandList;
  std::vector<StepMark> m_marks;
  QTabWidget* m_tabs;
  QPlainTextEdit *m_log, *m_record;
  QSlider* m_smoothing;
  QLabel* m_smoothingText;
  QCheckBox *m_logarithmic, *m_showBands;
  QToolButton* m_fit;
  int m_warnings = 0;
  bool m_linking = false;
};

}  // namespace llavakd
