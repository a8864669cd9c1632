// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "widgets/pages/train/chart_settings.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QMenu;
class QSlider;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

class LegendEntry;

/// The column beside a run's charts: the legend, and how all of the charts are shown. Remembers what is chosen.
class ChartControls : public QWidget {
  Q_OBJECT

 public:
  /// The terms by name and label, in the order of their lines.
  explicit ChartControls(const std::vector<std::pair<std::string, QString>>& terms, QWidget* parent = nullptr);
  const ChartSettings& settings() const { return m_settings; }
  bool isTermShown(std::size_t term) const;
  /// The only term that is shown; nothing where there are others or none.
  std::optional<std::size_t> termShownAlone() const;
  /// Shows this term and no other; nothing: all of them.
  void showTermAlone(std::optional<std::size_t> term);
  /// Other runs by name, under the terms in the legend; the second says whether it is the baseline.
  void setRuns(const std::vector<std::pair<QString, bool>>& runs);
  bool isRunShown(std::size_t run) const;
  /// Of the button "Export"; whoever knows the charts fills it.
  QMenu* exportMenu() const { return m_exports; }
  /// The same of the button "Table".
  QMenu* tableMenu() const { return m_tables; }
  /// Whether all of the run is in view already.
  void setFitted(bool fitted);

 Q_SIGNALS:
  void changed();
  void termToggled(int term, bool shown);
  void runToggled();
  void fitRequested();

 private:
  QComboBox* addChoice(const QString& name, const QString& toolTip, const QStringList& choices, int chosen,
                       std::function<void(int)> choose);
  QCheckBox* addSwitch(const QString& text, const QString& toolTip, bool ChartSettings::*value);
  void addSmoothing();
  QMenu* addMenu(const QString& icon, const QString& text, const QString& toolTip, const QString& name);
  void take();
  void showState();

  ChartSettings m_settings;
  QVBoxLayout* m_layout;
  QVBoxLayout* m_runLayout;
  std::vector<LegendEntry*> m_legend, m_runs;
  QLabel* m_smoothingText;
  QSlider* m_smoothing;
  QCheckBox *m_logSteps, *m_band;
  QToolButton* m_fit;
  QMenu *m_tables, *m_exports;
};

}  // namespace llavakd
