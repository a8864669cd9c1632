// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>
#include <vector>

#include "core/project/options.h"
#include "widgets/document/newest_request.h"
#include "widgets/theme/parts.h"

namespace llavakd {

class ProjectDocument;

/// The pictures that the Inspect page follows through a run, with their questions, which are edited in place: a double
/// click, F2 or Return. Drop pictures on it to add them;
/// what can't be read as a picture is not taken, and one that can't be read any more says why.
class ProbeStrip : public Card {
  Q_OBJECT

 public:
  explicit ProbeStrip(ProjectDocument* document, QWidget* parent = nullptr);
  QListWidget* list() const { return m_list; }
  InlineMessage* message() const { return m_message; }

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  /// `again`: reads the pictures again although the project names the same.
  void refresh(bool again = false);
  /// Adds those that can be read.
  void add(const QStringList& files);
  void append(const QStringList& pictures, const QStringList& faults);
  void showPicture(int index, const QImage& image, const QString& fault);
  void removeSelected();
  /// The question under a picture was edited.
  void takeQuestion(QListWidgetItem* item);

  ProjectDocument* m_document;
  QListWidget* m_list;
  TextLabel* m_empty;
  InlineMessage* m_message;
  QToolButton* m_remove;
  std::vector<ProbeOptions> m_shown;
  QString m_shownPath;
  NewestRequest m_readings;
};

}  // namespace llavakd
