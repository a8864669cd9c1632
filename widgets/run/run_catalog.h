// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "widgets/document/newest_request.h"
#include "widgets/run/run_row.h"

namespace llavakd {

class RunSelection;
class RunWatcher;

/// All runs next to the open project's file, for lists of them: read in the background, and again when the folder
/// changes. What hasn't changed since the last look isn't read again. Changes of notes are written one after the other.
class RunCatalog : public QObject {
  Q_OBJECT

 public:
  /// Goes with the project whose runs `run` follows; tells `selection` which run is the baseline. Both outlive it.
  RunCatalog(RunWatcher* run, RunSelection* selection, QObject* parent = nullptr);

  /// Newest first.
  const std::vector<RunRow>& rows() const { return m_rows; }
  const RunRow* find(const QString& folder) const;
  /// The project's runs haven't been read for the first time yet.
  bool isLoading() const { return m_loading; }
  /// Why the runs can't be listed, for people.
  QString fault() const { return m_fault; }

  /// Whether somebody looks at the list: then it looks at running runs every few seconds.
  void setWatched(bool watched);
  /// Looks at the folder now.
  void refresh();

  /// Changes a run's notes in its folder. What they say shows at once; a fault comes as failed().
  void setNotes(const QString& folder, const QString& text, const QStringList& tags);
  /// The run that others are compared with; empty: none.
  void setBaseline(const QString& folder);

 Q_SIGNALS:
  /// rows(), isLoading() or fault() changed.
  void changed();
  /// A change couldn't be written: a sentence for people.
  void failed(const QString& message);

 private:
  /// What a run's files looked like when its row was read.
  struct Known {
    QString files;    ///< Sizes and times of those that the row is made from.
    QString folders;  ///< The same of what its size on disk depends on.
    RunRow row;
  };
  using KnownRuns = QHash<QString, Known>;
  struct Look {
    std::vector<RunRow> rows;
    std::shared_ptr<const KnownRuns> known;
    QString fault;
    qint64 milliseconds = 0;
    bool complete = true;  ///< No size is left to be counted.
  };
  static Look look(const QString& projectFile, const std::shared_ptr<const KnownRuns>& known);
  void takeProject();
  void take(Look look);
  void write(std::function<void()> change);
  void writeNext();

  RunWatcher* m_run;
  RunSelection* m_selection;
  QString m_projectFile, m_fault;
  std::vector<RunRow> m_rows;
  std::shared_ptr<const KnownRuns> m_known;
  NewestRequest m_looks;
  std::deque<std::function<void()>> m_changes;  ///< Those that aren't written yet; the first is being written.
  QTimer m_timer;
  bool m_loading = false, m_busy = false, m_again = false, m_watched = false;
};

}  // namespace llavakd
