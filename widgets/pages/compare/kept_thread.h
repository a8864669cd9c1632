// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>
#include <map>

#include "widgets/document/newest_request.h"
#include "widgets/pages/compare/asked_thread.h"

namespace llavakd {

/// Keeps the thread of the open project on disk: reads it when the project opens, and writes it a moment after each
/// change, at the latest when it goes.
class ThreadKeeper : public QObject {
  Q_OBJECT

 public:
  explicit ThreadKeeper(AskedThread* thread, QObject* parent = nullptr);
  ~ThreadKeeper() override;

  /// Another project, or the same one under another name; empty: none. What the old one has is written first.
  void setProjectFile(const QString& projectFile);
  /// The same thread goes with this project from now on: it was saved under another name.
  void moveTo(const QString& projectFile);
  bool isReading() const { return m_reading; }

 Q_SIGNALS:
  /// The kept thread is here; `written`: when the folders of its models were, in seconds since 1970.
  void read(const std::map<QString, double>& written);
  /// The thread can't be read or kept: a sentence for people.
  void failed(const QString& message);

 private:
  void write();

  AskedThread* m_thread;
  QString m_projectFile, m_unreadable;
  QThreadPool m_writer;  ///< One thread: the newest state is written last.
  QTimer m_timer;
  NewestRequest m_readings;
  bool m_reading = false;
};

}  // namespace llavakd
