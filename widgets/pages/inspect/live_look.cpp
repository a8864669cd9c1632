// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/live_look.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <nlohmann/json.hpp>

#include "widgets/document/conversions.h"
#include "widgets/run/serve_client.h"

namespace llavakd {
namespace {

// Memory, where the session has such a folder; nothing of it stays.
QString templateOfFolder() {
  const QString session = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
  return (session.isEmpty() ? QDir::tempPath() : session) + QStringLiteral("/llavakd-looks-XXXXXX");
}

QString textOf(const nlohmann::json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? toQString(found->get<std::string>()) : QString();
}

}  // namespace

LiveLook::LiveLook(ServeClient* serve, QObject* parent)
    : QObject(parent), m_serve(serve), m_folder(templateOfFolder()) {}

void LiveLook::cancel() {
  m_requests.cancel();
  m_asked.reset();
}

void LiveLook::ask(const LiveQuestion& question) {
  if (m_asked == question) {
    if (!m_file.isEmpty()) Q_EMIT arrived();
    return;
  }
  const NewestRequest::Ticket asking = m_requests.begin();
  if (!m_file.isEmpty()) QFile::remove(m_file);
  m_file.clear();
  m_asked = question;
  if (!m_folder.isValid()) {
    Q_EMIT failed(tr("There is no room for the maps in %1.").arg(QDir::tempPath()));
    return;
  }
  const QString file = m_folder.filePath(QStringLiteral("%1.safetensors").arg(m_files++));
  nlohmann::json asked = {{"image", question.image.toStdString()},
                          {"question", question.question.toStdString()},
                          {"source", question.source.toStdString()},
                          {"out", file.toStdString()}};
  if (!question.checkpoint.isEmpty()) asked["checkpoint"] = question.checkpoint.toStdString();
  m_serve->setProjectFile(question.projectFile);
  m_serve->call(QStringLiteral("relations"), asked, this,
                [this, asking, file](const nlohmann::json& result, const QString& error) {
                  if (asking.isNewest())
                    take(result, file, error);
                  else
                    QFile::remove(file);
                });
}

void LiveLook::take(const nlohmann::json& result, const QString& file, const QString& error) {
  if (!error.isEmpty()) {
    m_asked.reset();
    Q_EMIT failed(error);
    return;
  }
  m_file = file;
  const nlohmann::json student = result.value("student", nlohmann::json()),
                       teacher = result.value("teacher", nlohmann::json());
  m_sourceText = tr("Student: %1.").arg(textOf(student, "what"));
  if (teacher.is_object()) m_sourceText = tr("Teacher: %1. %2").arg(textOf(teacher, "what"), m_sourceText);
  const bool trained = result.value("trained", nlohmann::json()) == true;
  m_trainedText = (trained ? tr("Trained on. %1") : tr("Not trained on. %1")).arg(textOf(result, "why"));
  Q_EMIT arrived();
}

}  // namespace llavakd
