// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>
#include <vector>

#include "core/run/probe_file.h"
#include "core/run/worst_pairs.h"

namespace llavakd {

/// Those pairs in a list; choosing one asks for both patches.
class DisagreementList : public QListWidget {
  Q_OBJECT

 public:
  explicit DisagreementList(QWidget* parent = nullptr);
  void setPairs(const ProbeFile& probe, const std::vector<DisagreeingPair>& pairs);
  /// No look, or one without a teacher.
  void setNothing();
  static QString title();

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void pairChosen(int first, int second);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  std::vector<DisagreeingPair> m_pairs;
};

}  // namespace llavakd
