// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/document/project_document.h"

namespace llavakd {

class InlineMessage;
class ProjectFileWatch;
class ProjectRecovery;

/// What the open project's files ask of people: edits that an earlier window left, and what another program did to the
/// project's file. Each question goes with its cause; no room is taken while nothing is asked.
class ProjectBands : public QWidget {
  Q_OBJECT

 public:
  explicit ProjectBands(ProjectDocument* document, QWidget* parent = nullptr);
  InlineMessage* recoveryMessage() const { return m_recoveryMessage; }
  InlineMessage* fileMessage() const { return m_fileMessage; }

 public Q_SLOTS:
  /// Looks at the project's file now.
  void look();

 private:
  enum class Because { noticed, refused };
  void showRecovery();
  void showOutside(const OutsideChange& change, Because because);
  void askAboutChange(const Project& theirs, Because because);
  void settle();

  ProjectDocument* m_document;
  ProjectRecovery* m_recovery;
  ProjectFileWatch* m_watch;
  InlineMessage *m_recoveryMessage, *m_fileMessage;
  Project m_asked;  ///< What the question about the file is of.
};

}  // namespace llavakd
