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

  /// What comes of an answer while it is made; 0 tokens: it begins anew, and what came before counts no longer.
  using Piece = std::function<void(const QString& piece, int tokens)>;

  /// Calls `method`; `done` comes later on this thread, unless `context` is gone. Calls are answered one by one.
  /// Returns the call's number.
  qint64 call(const QString& method, const nlohmann::json& params, QObject* context, Callback done, Piece piece = {});

  /// Ends one call at any token: what was said by then is its result. One that waits fails at once. An engine that
  /// doesn't listen (it reads a model, or hangs) is ended and goes on with the other calls.
  void cancel(qint64 call);

  /// Ends the process; calls under way get an error. The next call starts it again.
  void stop();

  bool isBusy() const { return !m_calls.empty(); }

 Q_SIGNALS:
  void busyChanged(bool busy);

 private:
  struct Call {
    QPointer<QObject> context;
    Callback done;
    Piece piece;
    QByteArray message;  ///< As the engine gets it; once more where it had to be started again.
  };
  bool startProcess(QString* error);
  void readLines();
  void takeMessage(const QByteArray& line);
  void takePiece(const nlohmann::json& params);
  void startAgainWithout(qint64 call);
  void endProcess();
  void failAll(const QString& error);
  void finish(qint64 id, const nlohmann::json& result, const QString& error);

  QProcess m_process;
  QString m_projectFile;
  QByteArray m_buffer, m_errors;
  std::map<qint64, Call> m_calls;
  qint64 m_nextId = 1;
  bool m_startsAgain = false;  ///< The process ends, and its calls don't.
};

}  // namespace llavakd
