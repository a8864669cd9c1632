// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>
#include <vector>

class QHBoxLayout;

namespace llavakd {

class InlineMessage;
class ProjectDocument;
class RunWatcher;
class StageCard;

/// The stages as cards with arrows between them.
class StagesPage : public QWidget {
  Q_OBJECT

 public:
  explicit StagesPage(QWidget* parent = nullptr);
  void setDocument(ProjectDocument* document);
  /// Whose values the page compares itself with.
  void setRun(RunWatcher* run);
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

  ProjectDocument* m_document = nullptr;
  RunWatcher* m_run = nullptr;
  InlineMessage* m_runMessage = nullptr;
  InlineMessage* m_message;
  QHBoxLayout* m_row;
  std::vector<StageCard*> m_cards;
  std::vector<std::string> m_names;
  QString m_path;
};

}  // namespace llavakd
