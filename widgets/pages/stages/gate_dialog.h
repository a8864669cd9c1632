// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <functional>
#include <vector>

#include "core/project/options.h"

class QPushButton;
class QVBoxLayout;

namespace llavakd {

class LimitRow;
class ProjectDocument;
class TextLabel;

/// What must hold at a stage's end before the next one begins: its limits, each change a step that can be undone.
class GateDialog : public QDialog {
  Q_OBJECT

 public:
  GateDialog(ProjectDocument* document, int stage, QWidget* parent = nullptr);

 private:
  const StageOptions* stage() const;
  void refresh();
  void addLimit();
  void edit(const QString& text, const std::function<void(std::vector<LimitOptions>&)>& change,
            const QString& key = {});

  ProjectDocument* m_document;
  int m_stage;
  TextLabel* m_text;
  QVBoxLayout* m_limits;
  QPushButton* m_add;
  std::vector<LimitRow*> m_rows;
};

}  // namespace llavakd
