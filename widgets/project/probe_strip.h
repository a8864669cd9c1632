// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>
#include <vector>

#include "core/project/options.h"
#include "widgets/theme/parts.h"

namespace llavakd {

class ProjectDocument;

/// The pictures that the Inspect page follows through a run, with their questions. Drop pictures on it to add them.
class ProbeStrip : public Card {
  Q_OBJECT

 public:
  explicit ProbeStrip(QWidget* parent = nullptr);
  void setDocument(ProjectDocument* document);
  QListWidget* list() const { return m_list; }

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void refresh();
  void add(const QStringList& files);
  void removeSelected();
  void renameCurrent();

  ProjectDocument* m_document = nullptr;
  QListWidget* m_list;
  TextLabel* m_empty;
  QToolButton* m_remove;
  std::vector<ProbeOptions> m_shown;
  QString m_shownPath;
  int m_generation = 0;
};

}  // namespace llavakd
