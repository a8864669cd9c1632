// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/answer_source.h"

#include <QDir>
#include <QFileInfo>
#include <QStringList>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/run/answer_files.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/engine_command.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

struct FoundAnswers {
  std::shared_ptr<const PairedAnswers> answers;
  std::shared_ptr<const PictureMap> map;
  QString mapFile, fault;
};

RunFolder runOfCheckpoint(const QString& checkpoint) {
  return {toPath(checkpoint).parent_path().parent_path()};
}

AskedModel askedStudent(const AnswerSubject& subject) {
  return asked_student(subject.project, toPath(subject.projectFile), subject.evaluation, toPath(subject.checkpoint));
}

// For worker threads.
FoundAnswers findAnswers(const AnswerSubject& subject) {
  FoundAnswers found;
  try {
    const RunFolder run = runOfCheckpoint(subject.checkpoint);
    const auto teacher =
        kept_answers_path(run, asked_teacher(subject.project, toPath(subject.projectFile), subject.evaluation));
    const auto student = kept_answers_path(run, askedStudent(subject));
    if (!teacher || !student) return found;
    found.mapFile = toQString(picture_map_path(run, askedStudent(subject)));
    const auto paired =
        std::make_shared<const PairedAnswers>(pair_answers(read_answers(*teacher), read_answers(*student), true));
    found.answers = paired;
    if (QFileInfo::exists(found.mapFile)) {
      auto map = std::make_shared<PictureMap>(read_picture_map(toPath(found.mapFile)));
      count_outcomes(*map, *paired);
      found.map = map;
    }
  } catch (const std::exception& error) {
    found.fault = toQString(error.what());
  }
  return found;
}

}  // namespace

AnswerSource::AnswerSource(QObject* parent) : QObject(parent) {}

void AnswerSource::look(const AnswerSubject& subject) {
  const bool same = subject == m_subject;
  if (same && m_state == State::asking) return;
  endProcess();
  m_subject = subject;
  if (!same) {
    m_answers.reset();
    m_map.reset();
  }
  const NewestRequest::Ticket reading = m_readings.begin();
  if (subject.checkpoint.isEmpty() || subject.evaluation.file.empty()) return setState(State::nothing);
  if (!same || m_state != State::known) setState(State::reading);
  inBackground(
      this, [subject] { return findAnswers(subject); }, reading.only([this](const FoundAnswers& found) {
        m_answers = found.answers;
        m_map = found.map;
        m_mapFile = found.mapFile;
        if (!found.fault.isEmpty()) return setState(State::failed, found.fault);
        setState(m_answers ? State::known : State::missing);
      }));
}

void AnswerSource::ask(bool map) {
  if (m_state == State::asking || m_subject.checkpoint.isEmpty()) return;
  QStringList arguments = {QStringLiteral("failures"), m_subject.projectFile,    QStringLiteral("--checkpoint"),
                           m_subject.checkpoint,       QStringLiteral("--file"), toQString(m_subject.evaluation.file)};
  arguments << QStringLiteral("--common") << QStringLiteral("--json") << QStringLiteral("--progress");
  if (map && !m_mapFile.isEmpty()) {
    QDir().mkpath(QFileInfo(m_mapFile).path());
    arguments << QStringLiteral("--map") << m_mapFile;
  }
  m_readings.begin();  // what is kept now is out of date then
  m_asked.clear();
  m_progress = tr("Opening the models…");
  const auto done = [this](const EngineResult& result) {
    m_process = nullptr;
    // A program that was killed leaves how far it was, and no sentence.
    const bool sentence = !result.error.startsWith(QLatin1Char('{'));
    if (!result.ok) return setState(State::failed, sentence ? result.error : tr("The engine ended unexpectedly."));
    m_state = State::nothing;
    look(m_subject);
  };
  m_process = runEngineCommand(arguments, this, done, [this](const QByteArray& line) { takeProgress(line); });
  setState(State::asking);
}

void AnswerSource::cancel() {
  if (!m_process) return;
  endProcess();
  m_state = State::nothing;
  look(m_subject);
}

void AnswerSource::endProcess() {
  if (!m_process) return;
  QProcess* process = m_process;
  m_process = nullptr;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->terminate();
}

// A line of `--progress`; anything else is a sentence for people, which comes at the end.
void AnswerSource::takeProgress(const QByteArray& line) {
  const auto json = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object() || !json.contains("total")) return;
  const QString who = toQString(json.value("who", std::string()));
  const qint64 done = json.value("done", qint64(0)), total = json.value("total", qint64(0));
  if (who != m_asked) {
    m_asked = who;
    m_doneAtFirst = done;
    m_since.start();
  }
  const bool map = who == QStringLiteral("map");
  const QString name = map                                ? tr("Map of the pictures")
                       : who == QStringLiteral("teacher") ? tr("Teacher")
                                                          : tr("Student");
  const QString count = (map ? tr("%1 of %2 pictures") : tr("%1 of %2 questions"))
                            .arg(theme::wholeNumber(done), theme::wholeNumber(total));
  m_progress = tr("%1: %2").arg(name, count);
  if (done > m_doneAtFirst && done < total) {
    const double each = double(m_since.elapsed()) / 1000 / double(done - m_doneAtFirst);
    m_progress = tr("%1, %2 left").arg(m_progress, theme::durationText(each * double(total - done)));
  }
  Q_EMIT progressed();
}

void AnswerSource::setState(State state, const QString& fault) {
  m_state = state;
  m_fault = fault;
  Q_EMIT changed();
}

}  // namespace llavakd
