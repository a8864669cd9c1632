// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QToolButton>

#include "widgets/pages/compare/asked_thread.h"

class QSpinBox;

namespace llavakd {

class NumberBox;

/// "greedy", or "T 0.7 · top-p 0.9 · seed 5"; with the limit of tokens where it isn't the usual one.
QString settingsText(const AskSettings& settings);
/// The same for a tooltip.
QString settingsSentence(const AskSettings& settings);

/// How the next question is answered; opens a small form.
class AskSettingsButton : public QToolButton {
  Q_OBJECT

 public:
  explicit AskSettingsButton(QWidget* parent = nullptr);
  AskSettings settings() const;
  NumberBox* temperature() const { return m_temperature; }

 private:
  void showSettings();

  NumberBox *m_temperature, *m_topP, *m_seed, *m_mostTokens;
};

}  // namespace llavakd
