// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "core/model_spec/matching.h"
#include "widgets/theme/theme.h"

namespace llavakd {

/// The state whose colour and badge a finding of this level has.
theme::State stateOf(MatchLevel level);

/// A check mark, a warning or a cross before a finding.
class LevelMark : public QWidget {
  Q_OBJECT

 public:
  explicit LevelMark(MatchLevel level, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  MatchLevel m_level;
};

}  // namespace llavakd
