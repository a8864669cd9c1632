// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/serve_client.h"

#include <QTimer>

#include "widgets/run/engine_process.h"

namespace llavakd {
namespace {

// An engine that makes an answer listens at each token; one that reads a model doesn't.
constexpr int patienceMilliseconds = 3000;

QByteArray messageLine(const nlohmann::json& message) {
  return QByteArray::fromStdString(message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) + '\n';
}

}  // namespace

ServeClient::ServeClient(QObject* parent) : QObject(parent) {
  connect(&m_process, &QProcess::readyReadStandardOutput, this, &ServeClient::readLines);
  connect(&m_process, &QProcess::readyReadStandardError, this,
          [this] { m_errors = (m_errors + m_process.readAllStandardError()).right(8192); });
  connect(&m_process, &QProcess::finished, this, [this] {
    if (m_startsAgain) return;
    const QString last = QString::fromUtf8(m_errors).trimmed().section(QLatin1Char('\n'), -1);
    failAll(last.isEmpty() ? tr("The engine ended before it answered.")
                           : last.section(QStringLiteral("llavakd: "), -1));
  });
}

ServeClient::~ServeClient() {
  m_process.disconnect(this);
  stop();
}

void ServeClient::setProjectFile(const QString& projectFile) {
  if (projectFile == m_projectFile) return;
  stop();
  m_projectFile = projectFile;
}

bool ServeClient::startProcess(QString* error) {
  if (m_process.state() != QProcess::NotRunning) return true;
  const QString program = engineProgram();
  if (program.isEmpty() || m_projectFile.isEmpty()) {
    *error = m_projectFile.isEmpty() ? tr("Open a project first.") : engineMissingText();
    return false;
  }
  m_buffer.clear();
  m_errors.clear();
  m_process.start(program, {QStringLiteral("serve"), m_projectFile});
  return true;
}

qint64 ServeClient::call(const QString& method, const nlohmann::json& params, QObject* context, Callback done,
                         Piece piece) {
  const bool wasBusy = isBusy();
  const qint64 id = m_nextId++;
  const QByteArray message =
      messageLine({{"jsonrpc", "2.0"}, {"id", id}, {"method", method.toStdString()}, {"params", params}});
  m_calls[id] = {context, std::move(done), std::move(piece), message};
  if (!wasBusy) Q_EMIT busyChanged(true);
  QString error;
  if (startProcess(&error))
    m_process.write(message);
  else  // Never from within the call: the caller may not have set itself up for an answer yet.
    QMetaObject::invokeMethod(
        this, [this, id, error] { finish(id, {}, error); }, Qt::QueuedConnection);
  return id;
}

void ServeClient::cancel(qint64 id) {
  const auto found = m_calls.find(id);
  if (found == m_calls.end()) return;
  const bool atWork = found == m_calls.begin();  // they are answered in order
  m_process.write(messageLine({{"jsonrpc", "2.0"}, {"method", "cancel"}, {"params", {{"id", id}}}}));
  if (!atWork) return finish(id, {}, tr("Stopped"));
  QTimer::singleShot(patienceMilliseconds, this, [this, id] {
    if (m_calls.contains(id)) startAgainWithout(id);
  });
}

void ServeClient::startAgainWithout(qint64 id) {
  m_startsAgain = true;
  endProcess();
  m_startsAgain = false;
  finish(id, {}, tr("Stopped"));
  QString error;
  if (m_calls.empty()) return;
  if (!startProcess(&error)) return failAll(error);
  for (const auto& [number, call] : m_calls) {
    if (call.piece && call.context) call.piece({}, 0);
    m_process.write(call.message);
  }
}

void ServeClient::readLines() {
  m_buffer += m_process.readAllStandardOutput();
  for (qsizetype end; (end = m_buffer.indexOf('\n')) >= 0;) {
    const QByteArray line = m_buffer.left(end);
    m_buffer.remove(0, end + 1);
    takeMessage(line);
  }
}

void ServeClient::takeMessage(const QByteArray& line) {
  const nlohmann::json message = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
  if (!message.is_object()) return;
  if (message.value("method", nlohmann::json()) == "token") return takePiece(message.value("params", nlohmann::json()));
  if (!message.contains("id") || !message["id"].is_number_integer()) return;
  const qint64 id = message["id"].get<qint64>();
  if (const auto error = message.find("error"); error != message.end()) {
    const bool said = error->is_object() && error->contains("message") && (*error)["message"].is_string();
    finish(id, {}, said ? QString::fromStdString((*error)["message"].get<std::string>()) : tr("The engine refused."));
  } else {
    finish(id, message.value("result", nlohmann::json::object()), {});
  }
}

void ServeClient::takePiece(const nlohmann::json& params) {
  if (!params.is_object() || !params.contains("id") || !params["id"].is_number_integer()) return;
  const auto found = m_calls.find(params["id"].get<qint64>());
  const auto piece = params.find("piece"), tokens = params.find("tokens");
  if (found == m_calls.end() || piece == params.end() || !piece->is_string()) return;
  if (tokens == params.end() || !tokens->is_number_integer()) return;
  const Call& call = found->second;
  if (call.piece && call.context) call.piece(QString::fromStdString(piece->get<std::string>()), tokens->get<int>());
}

void ServeClient::finish(qint64 id, const nlohmann::json& result, const QString& error) {
  const auto found = m_calls.find(id);
  if (found == m_calls.end()) return;
  const Call call = std::move(found->second);
  m_calls.erase(found);
  if (call.context) call.done(result, error);
  if (m_calls.empty()) Q_EMIT busyChanged(false);
}

void ServeClient::failAll(const QString& error) {
  while (!m_calls.empty()) finish(m_calls.begin()->first, {}, error);
}

void ServeClient::stop() {
  if (m_process.state() == QProcess::NotRunning) return;
  m_process.write("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"shutdown\"}\n");
  m_process.closeWriteChannel();
  // It may be in the middle of an answer; the window doesn't wait for it.
  if (!m_process.waitForFinished(50)) endProcess();
}

void ServeClient::endProcess() {
  m_process.kill();
  m_process.waitForFinished(1000);
}

}  // namespace llavakd
