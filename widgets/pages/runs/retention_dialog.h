// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QHash>
#include <QStringList>
#include <vector>

#include "core/project/options.h"
#include "core/run/retention.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/run_row.h"

class QCheckBox;
class QPushButton;
class QTreeWidget;

namespace llavakd {

class OptionForm;
class ProjectDocument;
class TextLabel;

/// Which checkpoints shall stay: the rules that a project has for its runs, what they would remove of runs that are
/// there, in bytes, and two things to do with them: delete now, or keep them in the project for runs to come.
class RetentionDialog : public QDialog {
  Q_OBJECT

 public:
  /// `run`: the one that was looked at; `runs`: all of the project, it among them. The document outlives the dialog.
  RetentionDialog(ProjectDocument* document, const RunRow& run, const std::vector<RunRow>& runs,
                  QWidget* parent = nullptr);

 Q_SIGNALS:
  /// Files of runs were removed.
  void changed();

 private:
  void connectParts();
  void readProject();
  void readCheckpoints();
  void refresh();
  void keepInProject();
  void remove();
  /// The runs that the rules are tried on: folders.
  QStringList chosenRuns() const;

  /// What goes of one run.
  struct Surplus {
    QString folder;
    std::vector<RunCheckpoint> checkpoints;
  };
  std::vector<Surplus> surplus() const;

  ProjectDocument* m_document;
  RunRow m_run;
  QStringList m_all;                                         ///< Folders of the project's runs that may be changed.
  int m_atWork = 0;                                          ///< Runs that may not, as an engine is at work on them.
  RunOptions m_options;                                      ///< With the rules as the form has them.
  QHash<QString, std::vector<RunCheckpoint>> m_checkpoints;  ///< By folder, as far as they have been read.
  QString m_fault, m_refusal;                                ///< Why they can't be read, or weren't deleted.
  NewestRequest m_readings;
  bool m_busy = false;
  OptionForm* m_form;
  QCheckBox* m_everywhere;
  TextLabel *m_summary, *m_state;
  QTreeWidget* m_list;
  QPushButton *m_keep, *m_delete, *m_close;
};

}  // namespace llavakd
