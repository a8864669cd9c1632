// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>
#include <utility>
#include <vector>

#include "widgets/theme/theme.h"

namespace llavakd {

/// The likeliest next tokens of one model, the likeliest first: a row each with its text, its probability and a bar of
/// that length.
class TokenChoices : public QWidget {
  Q_OBJECT

 public:
  explicit TokenChoices(theme::Who who, QWidget* parent = nullptr);
  /// Texts and probabilities.
  void setChoices(std::vector<std::pair<QString, double>> choices);
  /// The rows as one text, as a screen reader gets it.
  QString text() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  theme::Who m_who;
  std::vector<std::pair<QString, double>> m_choices;
};

}  // namespace llavakd
