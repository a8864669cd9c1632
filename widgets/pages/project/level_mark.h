// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "core/model_spec/matching.h"

namespace llavakd {

/// A check mark, a warning or a cross before a finding; muted while it is disabled.
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
