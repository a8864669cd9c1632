// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/run/ablation_list.h"
#include "widgets/document/newest_request.h"

class QComboBox;
class QTreeWidget;

namespace llavakd {

class TextLabel;

/// What `llavakd ablate` has found out: a line for each arm with its score for each seed, mean and spread, and its
/// difference to the arm that a person has chosen as baseline, seed by seed, with the 95 % interval.
class AblationPanel : public QWidget {
  Q_OBJECT

 public:
  explicit AblationPanel(QWidget* parent = nullptr);

  /// Reads the ablations next to this project file in the background; what is chosen stays so.
  void read(const QString& projectFile);
  void clear();

 Q_SIGNALS:
  /// A person wants to look at the run behind a score.
  void openRequested(const QString& folder, const QString& page);

 private:
  void showAblations(std::vector<AblationList> ablations);
  void showArms();
  void showTable();
  void addArm(const std::string& name, const nlohmann::ordered_json& table);
  void openRun(int row, int column);
  void copy() const;

  QString m_projectFile;
  std::vector<AblationList> m_ablations;
  NewestRequest m_readings;
  QComboBox *m_which, *m_baseline;
  TextLabel *m_baselineLabel, *m_state;
  QTreeWidget* m_table;
};

}  // namespace llavakd
