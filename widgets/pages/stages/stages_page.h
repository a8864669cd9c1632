// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>
#include <vector>

#include "widgets/frame/page.h"

class QHBoxLayout;

namespace llavakd {

class InlineMessage;
class StageCard;

/// The stages as cards with arrows between them.
class StagesPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// The page compares its values with those of the run.
  StagesPage(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);
  InlineMessage* runMessage() const { return m_runMessage; }
  const std::vector<StageCard*>& cards() const { return m_cards; }
  InlineMessage* message() const { return m_message; }

 private:
  void refresh();
  void refreshFacts();
  void rebuild();
  void showFaults();
  void showRun();
  void applyPreset(const char* preset, const QString& name);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  InlineMessage *m_message, *m_runMessage;
  QHBoxLayout* m_row;
  std::vector<StageCard*> m_cards;
  std::vector<std::string> m_names;
  QString m_path;
};

}  // namespace llavakd
