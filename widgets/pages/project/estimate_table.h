// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>
#include <vector>

#include "widgets/run/estimated_stage.h"

class QGridLayout;

namespace llavakd {

/// Time, memory and disk of each stage; opened, what each goes to, predicted and measured.
class EstimateTable : public QWidget {
  Q_OBJECT

 public:
  EstimateTable(const std::vector<EstimatedStage>& estimates, bool open, QWidget* parent = nullptr);

 Q_SIGNALS:
  /// Some steps of each stage are to be done, so that time and memory are known.
  void measureRequested();
  void openChanged(bool open);

 private:
  void addStages(QGridLayout* grid);
  void addParts(QGridLayout* grid, bool open);
  void addCaption(QGridLayout* grid, const QString& text);
  void addRow(QGridLayout* grid, const QString& name, const std::function<QString(const EstimatedStage&)>& text);
  void addItems(QGridLayout* grid, const QString& caption, EstimatedStage::Parts EstimatedStage::*parts,
                QString (*text)(double));
  const std::vector<EstimatedStage> m_estimates;
};

}  // namespace llavakd
