// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QPushButton;

namespace llavakd {

class ProjectDocument;
class TextLabel;

/// The weights of all stages as the paper or the released code has them: shows which they are, and sets them.
class WeightPresets : public QWidget {
  Q_OBJECT

 public:
  explicit WeightPresets(ProjectDocument* document, QWidget* parent = nullptr);

 private:
  void refresh();
  void apply(const char* preset, const QString& name);

  ProjectDocument* m_document;
  QPushButton *m_paper, *m_code;
  TextLabel* m_own;
};

}  // namespace llavakd
