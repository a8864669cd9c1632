// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QByteArray>
#include <QTimer>
#include <vector>

#include "widgets/document/newest_request.h"

namespace llavakd {

class ProjectDocument;
class RunController;
class RunWatcher;

/// A run that waits for its turn.
struct QueuedRun {
  QString projectFile = {};  ///< Whose run it will be.
  QString projectName = {};
  QString runName = {};     ///< As a person has named it; empty: it will be named by the time of its start.
  QByteArray project = {};  ///< The options as they were when it was added; later edits don't reach it.
  double added = 0;         ///< Seconds since 1970.
  QString fault = {};       ///< Why it could not be started; it is passed over until it is tried again.
};

/// Runs of one or several projects, one started after the other has ended: never two at a time, and none while another
/// run of these projects is at work. A list model of those that wait, first to start on top; EditRole is a run's name.
/// Kept from one session to the next, in which it begins held.
class RunQueue : public QAbstractListModel {
  Q_OBJECT

 public:
  /// All outlive the queue.
  RunQueue(ProjectDocument* document, RunWatcher* run, RunController* controller, QObject* parent = nullptr);

  const std::vector<QueuedRun>& waiting() const { return m_waiting; }
  /// The open project as it is in the window.
  void addOpenProject();
  /// Another project as its file has it, read in the background; failed() tells when that can't be.
  void addProject(const QString& file);
  /// One place up (-1) or down (1).
  void move(int row, int by);
  void remove(int row);
  /// An entry that could not be started waits again.
  void tryAgain(int row);

  /// While held, nothing is started.
  bool isHeld() const { return m_held; }
  void setHeld(bool held);
  /// What happens now, in words: "Waits for 2026-11-30-1015", "Held".
  QString stateText() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 Q_SIGNALS:
  /// Entries, isHeld() or stateText() changed.
  void changed();
  void failed(const QString& message);

 private:
  /// What is at work, as the files say.
  struct Look {
    bool currentIsThere = false, currentIsAtWork = false, currentWasStopped = false;
    QString other;  ///< A run that isn't the queue's.
    qint64 milliseconds = 0;
  };
  static Look look(const QString& current, const QStringList& projectFiles);
  int next() const;
  void schedule(qint64 milliseconds);
  void lookAround();
  void take(const Look& seen);
  void start(int row);
  void takeFailure(const QString& message);
  void append(QueuedRun run);
  void keep();
  void restore();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunController* m_controller;
  std::vector<QueuedRun> m_waiting;
  QueuedRun m_started;        ///< The entry that became the current run.
  QString m_current;          ///< Folder of the run that was started last and hasn't ended.
  QString m_other, m_reason;  ///< What is waited for; why the queue is held.
  NewestRequest m_looks;
  QTimer m_timer;
  bool m_held = false;
};

}  // namespace llavakd
