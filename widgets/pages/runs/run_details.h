// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/run_row.h"

class QPushButton;

namespace llavakd {

class CheckpointList;
class ElidedLabel;
class RunVerifier;
class RunPreview;
class StateBadge;
class TextLabel;
class VerificationRow;

/// One run: its course at a glance, what became of it, the pages that show it, and its checkpoints.
class RunDetails : public QWidget {
  Q_OBJECT

 public:
  explicit RunDetails(RunVerifier* verifier, QWidget* parent = nullptr);
  void setRun(const RunRow& run);
  CheckpointList* checkpoints() const { return m_checkpoints; }

 Q_SIGNALS:
  void openRequested(const QString& folder, const QString& page);
  void deleteRequested();

 private:
  QWidget* makeFacts();
  QWidget* makeButtons();

  RunRow m_run;
  QString m_folder;
  ElidedLabel* m_name;
  StateBadge* m_state;
  TextLabel *m_facts, *m_scores, *m_gates, *m_message;
  QPushButton *m_train, *m_inspect, *m_compare, *m_bundle, *m_report, *m_delete;
  VerificationRow* m_verification;
  RunPreview* m_preview;
  CheckpointList* m_checkpoints;
};

}  // namespace llavakd
