// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "core/preflight/preflight_fix.h"

class QPushButton;

namespace llavakd {

class ProjectDocument;

/// A button for each thing that mends a finding. What changes the project is one step that can be undone.
class FixBar : public QWidget {
  Q_OBJECT

 public:
  FixBar(const std::vector<PreflightFix>& fixes, ProjectDocument* document, QWidget* parent = nullptr);

 Q_SIGNALS:
  /// The option of this key is to be shown: "stages[2].data".
  void fieldRequested(const QString& key);
  /// The samples that a run leaves out of "stages[2]" or "evaluations[0]" are to be shown.
  void samplesRequested(const QString& key);
  void failed(const QString& message);

 private:
  void mend(const PreflightFix& fix, QPushButton* button);
  void choose(const PreflightFix& fix);
  void set(const QString& text, const std::vector<std::string>& settings);
  ProjectDocument* m_document;
};

}  // namespace llavakd
