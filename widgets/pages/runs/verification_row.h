// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/run_row.h"

class QPushButton;

namespace llavakd {

class RunVerifier;
class StateBadge;
class TextLabel;

/// Whether a run is what it wrote: when that was looked at, what was found, and a button that looks.
class VerificationRow : public QWidget {
  Q_OBJECT

 public:
  explicit VerificationRow(RunVerifier* verifier, QWidget* parent = nullptr);
  void setRun(const RunRow& run);

 private:
  void refresh();

  RunVerifier* m_verifier;
  QString m_folder;
  bool m_possible = false;
  StateBadge* m_badge;
  TextLabel* m_facts;
  QPushButton* m_button;
};

}  // namespace llavakd
