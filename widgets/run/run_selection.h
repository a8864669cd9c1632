// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>
#include <vector>

namespace llavakd {

class RunWatcher;

/// A run whose curves are drawn over those of the followed run.
struct OverlaidRun {
  QString folder;
  QString name;
  bool baseline = false;  ///< The others are compared with it.
  bool operator==(const OverlaidRun&) const = default;
};

/// The runs that a person has ticked on the Runs page, and the one that is the baseline: the page changes it, and
/// charts read it. The ticks of a project are kept from one session to the next; the baseline is noted with the run.
class RunSelection : public QObject {
  Q_OBJECT

 public:
  /// More curves than these can't be told apart.
  static constexpr int mostOverlaid = 8;

  /// Goes with the project whose runs are followed.
  explicit RunSelection(RunWatcher* run, QObject* parent = nullptr);

  /// The ticked runs in the order in which they were ticked, the baseline first if it is one; the followed run may be
  /// one, too.
  std::vector<OverlaidRun> overlaid() const;
  bool isTicked(const QString& folder) const;
  /// Whether one more can be ticked.
  bool hasRoom() const;
  void setTicked(const QString& folder, bool ticked);

  /// Empty: none.
  QString baseline() const { return m_baseline; }
  /// The run that the others are compared with, also where it isn't ticked, as its notes say (RunNotes::baseline);
  /// empty: none.
  void setBaseline(const QString& folder);

  /// A run that was deleted.
  void forget(const QString& folder);

 Q_SIGNALS:
  void changed();

 private:
  void setProjectFile(const QString& projectFile);
  QString settingsKey() const;
  void keep();

  QString m_projectFile, m_baseline;
  QStringList m_ticked;
};

}  // namespace llavakd
