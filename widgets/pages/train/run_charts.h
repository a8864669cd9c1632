// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/run/alerts.h"
#include "core/run/events.h"
#include "core/run/step_profile.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/newest_request.h"
#include "widgets/pages/train/chart_settings.h"
#include "widgets/shared/chart_export.h"

class QLabel;
class QMenu;
class QPlainTextEdit;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

class AlertList;
class ChartControls;
class FlowLayout;
class PhaseBar;
class ScoreTile;
class TermTile;

/// The numbers of a run: tiles of the terms and of the newest score, the chart of all terms, and under it, on the same
/// grid and with the same controls, the panels that are switched on: gradient norm, learning rate, speed (with what a
/// step's time goes to), memory, relations of the probes, alerts, log and record. Fed with a run's steps and its other
/// events; knows no files.
class RunCharts : public QWidget {
  Q_OBJECT

 public:
  explicit RunCharts(QWidget* parent = nullptr);
  void clear();
  /// All steps so far; what is drawn over the steps comes from these.
  void setSteps(const std::shared_ptr<const StepHistory>& steps);
  /// What happened besides. Of steps the newest are enough.
  void append(const std::vector<Event>& events);
  /// Other runs, drawn in the same colours; the legend has an entry for each.
  void setOverlays(std::vector<OverlaidHistory> runs);
  /// How much of a long history has been read, 0 to 1; nothing once all has been.
  void setLoading(std::optional<double> share);
  /// What exported files say of where they come from, and where they go first.
  void setOrigin(const ChartOrigin& origin) { m_origin = origin; }
  /// What each stage was trained with, as text; empty: nothing is known.
  void setRecord(const QString& text);

  StepChart* chart() const { return m_chart; }
  /// The checkpoints and evaluations so far; all evaluations of a step are one mark.
  const std::vector<StepMark>& marks() const { return m_marks; }
  ChartControls* controls() const { return m_controls; }
  /// The chart of a panel: "gradient_norm", "learning_rate", "speed", "memory", "probes"; null for others.
  StepChart* panelChart(const QString& panel) const;
  /// The switch that shows a panel; "alerts" and "record" have one too.
  QToolButton* panelSwitch(const QString& panel) const;
  const std::vector<TermTile*>& tiles() const { return m_tiles; }
  PhaseBar* phaseBar() const { return m_phaseBar; }
  ScoreTile* score() const { return m_score; }
  AlertList* alerts() const { return m_alerts; }
  /// Its least height is what counts: in a page that scrolls, what wraps would ask for the charts' full height.
  bool hasHeightForWidth() const override { return false; }

 Q_SIGNALS:
  /// A checkpoint or a score was clicked.
  void stepChosen(qint64 step);
  void warned(const QString& message);
  /// The log is one for all pages; its button here counts the warnings.
  void logRequested();

 private:
  static constexpr const char* lookKey = "relations";  ///< Of a look at the probes, in their history.
  struct Panel {
    QString id;
    QToolButton* shown = nullptr;
    StepChart* chart = nullptr;
  };
  QWidget* makeTiles();
  void makeMetrics();
  void addMetric(const QString& id, const QString& title, const QString& axis, std::vector<StepLine> lines, bool shown,
                 QWidget* above = nullptr);
  void markClicked(double step);
  void showStep(double step);
  void addText(const QString& id, const QString& title, QPlainTextEdit* text);
  void addPanel(const Panel& panel, const QString& title, bool shown, QWidget* content);
  void showOverlays();
  void showBands();
  void lookForAlerts();
  void showAlerts();
  void appendMark(const Event& event);
  void appendWarning(const WarningEvent& warning);
  void addScoreMark(double step, const TaskResult& result);
  void goBackTo(double step);
  void showTiles();
  void showLines();
  void applySettings();
  void fillChartMenu(QMenu* menu, const QString& action);
  void link(StepChart* chart);
  std::vector<StepChart*> allCharts() const;

  ChartOrigin m_origin;
  std::shared_ptr<const StepHistory> m_steps = std::make_shared<const StepHistory>();
  std::shared_ptr<const StepHistory> m_looks;  ///< The probes' relations over the steps.
  StepChart* m_chart;
  ChartControls* m_controls;
  std::vector<TermTile*> m_tiles;
  ScoreTile* m_score;
  std::vector<Panel> m_panels;
  StepProfile m_profile;
  PhaseBar* m_phaseBar;
  std::vector<OverlaidHistory> m_overlays;
  std::vector<StepMark> m_marks;
  double m_lastStep = 0;             ///< Of the events.
  std::optional<double> m_stageEnd;  ///< The step at which the newest stage was finished.
  FlowLayout* m_switches;
  QVBoxLayout* m_column;
  std::shared_ptr<const AlertFinder> m_finder = std::make_shared<const AlertFinder>();  ///< It holds many steps.
  NewestRequest m_searches;  ///< For alerts, in the background.
  bool m_searching = false;
  AlertList* m_alerts;
  QToolButton* m_log;
  QPlainTextEdit* m_record;
  QLabel* m_loading;
  LossView m_view = LossView::raw;  ///< That the values are fitted to.
  int m_warnings = 0;
  bool m_linking = false;
};

}  // namespace llavakd
