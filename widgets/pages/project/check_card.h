// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/theme/parts.h"

namespace llavakd {

class ProjectCheck;
class ProjectDocument;

/// Whether a run can start: what `llavakd check` says, the worst first, each with what to do.
class CheckCard : public Card {
  Q_OBJECT

 public:
  explicit CheckCard(ProjectDocument* document, QWidget* parent = nullptr);
  /// The verdict's words.
  QString verdict() const;

 private:
  void refresh();
  ProjectDocument* m_document;
  ProjectCheck* m_check;
  StateBadge* m_verdict;
  TextLabel* m_hint;
  QWidget* m_table = nullptr;
};

}  // namespace llavakd
