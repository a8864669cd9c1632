// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QFileSystemWatcher>
#include <QTimer>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/run/queue_runner.h"

namespace llavakd {

class ProjectDocument;
class RunController;
class RunWatcher;

/// Runs of one or several projects, one started after the other has ended: never two at a time, and none while another
/// run of these projects is at work. A list model of those that wait, first to start on top; EditRole is a run's name.
/// The queue is a user's, and kept: all windows and `llavakd runs queue` show and change the same, and one of them
/// starts its runs. What waits since an earlier session is held.
class RunQueue : public QAbstractListModel {
  Q_OBJECT

 public:
  /// All outlive the queue.
  RunQueue(ProjectDocument* document, RunWatcher* run, RunController* controller, QObject* parent = nullptr);

  const std::vector<QueuedRun>& waiting() const { return m_queue.waiting; }
  /// The open project as it is in the window.
  void addOpenProject();
  /// Another project as its file has it, read in the background; failed() tells when that can't be.
  void addProject(const QString& file);
  /// Entries that are made already.
  void add(const std::vector<QueuedRun>& runs);
  /// One place up (-1) or down (1).
  void move(int row, int by);
  void remove(int row);
  /// An entry that could not be started waits again.
  void tryAgain(int row);

  /// While held, nothing is started.
  bool isHeld() const { return m_queue.held; }
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
  using Change = std::function<void(StoredQueue&)>;
  /// Changes that the file doesn't have yet. Whoever writes them goes on when the window is closed.
  struct Unwritten {
    std::mutex mutex;
    std::vector<Change> changes;
    bool isWriting = false;
  };
  /// What a look at the files found, and whether this window is the one that starts the runs.
  struct Look {
    QueueStep step;
    std::shared_ptr<QueueRunner> runner;
    QString fault;
    qint64 milliseconds = 0;
  };
  static Look look(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& projectFiles,
                   std::shared_ptr<QueueRunner> runner);
  static StoredQueue writeAll(const std::filesystem::path& folder, Unwritten& unwritten);
  void open();
  void schedule(qint64 milliseconds);
  void lookAround();
  void take(const Look& seen, bool isCurrent);
  void takeFailure(const QString& message);
  void edit(Change change);
  void write();
  bool hasUnwritten() const;
  void show(StoredQueue queue);
  void showEntries(const std::vector<QueuedRun>& entries);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunController* m_controller;
  std::filesystem::path m_folder;
  StoredQueue m_queue;  ///< As the file has it, with what isn't written yet.
  std::shared_ptr<Unwritten> m_unwritten = std::make_shared<Unwritten>();
  StartedRun m_started;             ///< What this window started last.
  QString m_waitsFor, m_lastFault;  ///< Another run at work; what was told last.
  std::shared_ptr<QueueRunner> m_runner;
  QFileSystemWatcher m_watcher;  ///< Tells when others change the queue.
  QTimer m_timer;
  int m_version = 0;  ///< Counts what changes the queue here: what was read before is out of date.
  bool m_opened = false, m_looking = false, m_again = false;
};

}  // namespace llavakd
