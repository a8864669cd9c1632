// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>
#include <vector>

#include "core/run/run_checkpoints.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/run_row.h"

class QPushButton;
class QTreeWidget;

namespace llavakd {

class ExportMenu;
class TextLabel;

/// The checkpoints of one run with their sizes: to pin, to export, and to delete with the bytes that this frees. Reads
/// and removes in the background.
class CheckpointList : public QWidget {
  Q_OBJECT

 public:
  explicit CheckpointList(QWidget* parent = nullptr);

  /// Shows this run's; the same run again is only read anew when its files have changed.
  void setRun(const RunRow& run);
  void clear();
  const RunRow& run() const { return m_run; }
  ExportMenu* exportMenu() const { return m_exportMenu; }

 Q_SIGNALS:
  /// Files of the run were changed or removed.
  void changed();
  void failed(const QString& message);
  /// A person wants rules to say what stays.
  void rulesRequested();

 private:
  void read();
  void showCheckpoints(const std::vector<RunCheckpoint>& checkpoints);
  void refreshButtons();
  std::vector<RunCheckpoint> selected() const;
  void pin();
  void remove();
  void write(std::function<void()> change);

  RunRow m_run;
  std::vector<RunCheckpoint> m_checkpoints;  ///< Newest first, as shown.
  NewestRequest m_readings;
  bool m_busy = false;
  QTreeWidget* m_list;
  TextLabel* m_state;
  ExportMenu* m_exportMenu;
  QPushButton *m_rules, *m_export, *m_pin, *m_delete;
};

}  // namespace llavakd
