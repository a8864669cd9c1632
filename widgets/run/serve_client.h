// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

namespace llavakd {

/// Talks to `llavakd serve PROJECT`, which holds the models for answers and relation maps: JSON-RPC 2.0, one message a
/// line over its stdin and stdout. The process starts with the first call and is the window's child: it ends with it.
class ServeClient : public QObject {
  Q_OBJECT

 public:
  /// Exactly one of the two is meaningful: `error` is empty when the call worked, otherwise a sentence for people.
  using Callback = std::function<void(const nlohmann::json& result, const QString& error)>;

  explicit ServeClient(QObject* parent = nullptr);
  ~ServeClient() override;

  /// The saved project file that the engine is to read. A change ends the present process.
  void setProjectFile(const QString& projectFile);

  /// Calls `method`; `done` comes later on this thread, unless `context` is gone. Calls are answered one by one.
  void call(const QString& method, const nlohmann::json& params, QObject* context, Callback done);

  /// Ends the process; calls under way get an error. The next call starts it again.
  void stop();

  bool isBusy() const { return !m_calls.empty(); }

 Q_SIGNALS:
  void busyChanged(bool busy);

 private:
  struct Call {
    QPointer<QObject> context;
    Callback done;
  };
  bool startProcess(QString* error);
  void readLines();
  void takeMessage(const QByteArray& line);
  void failAll(const QString& error);
  void finish(qint64 id, const nlohmann::json& result, const QString& error);

  QProcess m_process;
  QString m_projectFile;
  QByteArray m_buffer, m_errors;
  std::map<qint64, Call> m_calls;
  qint64 m_nextId = 1;
};

}  // namespace llavakd
