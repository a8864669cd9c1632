// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/run/event_types.h"
#include "core/run/run_control.h"
#include "widgets/theme/parts.h"

class QLineEdit;
class QPushButton;

namespace llavakd {

class ActionButton;
struct RunProgress;

/// A gate that isn't met, at which the run waits or has stopped: its numbers, and what can be done. The reason goes
/// into the run's record.
class GatePanel : public Card {
  Q_OBJECT

 public:
  explicit GatePanel(QWidget* parent = nullptr);
  /// Shows the gate where the run is at one, else nothing.
  void setProgress(const RunProgress& progress);
  /// The answer didn't arrive: it can be given again.
  void askAgain();

 Q_SIGNALS:
  void answered(llavakd::GateAnswer::What what, const QString& reason);

 private:
  void makeButtons(QVBoxLayout* column);
  void showNumbers(const GateEvent& gate);
  void refreshButtons();
  void answer(GateAnswer::What what);

  TextLabel *m_title, *m_state;
  QWidget* m_numbers;
  QLineEdit* m_reason;
  ActionButton* m_goOn;
  QPushButton *m_rollBack, *m_stop;
  QString m_shown;          ///< Which gate, so that a reason that is being typed stays.
  bool m_answered = false;  ///< And the run hasn't gone on yet.
};

}  // namespace llavakd
