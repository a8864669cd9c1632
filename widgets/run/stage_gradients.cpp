// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/stage_gradients.h"

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"
#include "widgets/run/engine_process.h"

namespace llavakd {
namespace {

/// The stage of that name; null where the project has none.
const StageOptions* stageNamed(const Project& project, const QString& name) {
  const auto found = std::ranges::find(project.stages, name.toStdString(), &StageOptions::name);
  return found == project.stages.end() ? nullptr : &*found;
}

}  // namespace

StageGradients* StageGradients::of(ProjectDocument* document) {
  auto* gradients = document->findChild<StageGradients*>(QString(), Qt::FindDirectChildrenOnly);
  return gradients ? gradients : new StageGradients(document);
}

StageGradients::StageGradients(ProjectDocument* document) : QObject(document), m_document(document) {
  m_path = document->path();
  connect(document, &ProjectDocument::changed, this, &StageGradients::takeProject);
  connect(document, &ProjectDocument::closed, this, &StageGradients::takeProject);
  connect(ProjectFiles::of(document), &ProjectFiles::changed, this, &StageGradients::noteFiles);
}

StageGradients::~StageGradients() {
  if (!m_process) return;
  m_process->disconnect(this);
  m_process->kill();
  m_process->waitForFinished(1000);
}

bool StageGradients::isOutdated(const QString& stage) const {
  const auto known = m_known.constFind(stage);
  const StageOptions* now = stageNamed(m_document->project(), stage);
  if (known == m_known.cend() || !known->found || !now) return false;
  return known->filesChanged || known->key != gradients_key(m_document->project(), *now);
}

// Another project's stages may have the same names.
void StageGradients::takeProject() {
  if (std::exchange(m_path, m_document->path()) == m_document->path()) return;
  cancel();
  const QStringList stages = m_known.keys();
  m_known.clear();
  for (const QString& stage : stages) Q_EMIT changed(stage);
}

void StageGradients::noteFiles() {
  m_filesChanged = true;
  for (auto known = m_known.begin(); known != m_known.end(); ++known) {
    if (!known->found || std::exchange(known->filesChanged, true)) continue;
    Q_EMIT changed(known.key());
  }
}

void StageGradients::ask(const QString& stage, const QString& student) {
  cancel();
  const StageOptions* options = stageNamed(m_document->project(), stage);
  if (!m_document->isOpen() || !options) return;
  m_asked = stage;
  m_askedKey = gradients_key(m_document->project(), *options);
  m_errors.clear();
  m_line.clear();
  m_filesChanged = false;
  Known& known = m_known[stage];
  known.running = true;
  known.done = known.passes = 0;
  known.error.clear();
  const QString program = engineProgram();
  if (program.isEmpty()) return finish(engineMissingText());
  auto* process = new QProcess(this);
  m_process = process;
  connect(process, &QProcess::readyReadStandardError, this, &StageGradients::readProgress);
  connect(process, &QProcess::errorOccurred, this, [this, process](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;  // a crash also comes through finished()
    process->deleteLater();
    m_process = nullptr;
    finish(process->errorString());
  });
  connect(process, &QProcess::finished, this, [this, process](int code, QProcess::ExitStatus status) {
    readProgress();
    take(process->readAllStandardOutput(), status == QProcess::NormalExit && code == 0);
  });
  QStringList arguments = {QStringLiteral("gradients"), m_document->path(),       QStringLiteral("--stage"),   stage,
                           QStringLiteral("--stdin"),   QStringLiteral("--json"), QStringLiteral("--progress")};
  if (!student.isEmpty()) arguments << QStringLiteral("--student") << student;
  process->start(program, arguments);
  process->write(QByteArray::fromStdString(project_text(m_document->project())));
  process->closeWriteChannel();
  Q_EMIT changed(stage);
}

void StageGradients::cancel() {
  const QPointer<QProcess> process = std::exchange(m_process, nullptr);
  if (!process) return;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->kill();  // it writes nothing
  finish({});
}

void StageGradients::readProgress() {
  m_line += m_process->readAllStandardError();
  Known& known = m_known[m_asked];
  const int before = known.done;
  for (qsizetype end = m_line.indexOf('\n'); end >= 0; end = m_line.indexOf('\n')) {
    const QByteArray line = m_line.first(end);
    m_line.remove(0, end + 1);
    const QList<QByteArray> words = line.split(' ');
    if (words.size() == 3 && words[0] == "progress") {
      known.done = words[1].toInt();
      known.passes = words[2].toInt();
    } else {
      m_errors = QString::fromUtf8(line);
    }
  }
  if (known.done != before) Q_EMIT changed(m_asked);
}

void StageGradients::take(const QByteArray& output, bool ok) {
  m_process->deleteLater();
  m_process = nullptr;
  if (!ok) {
    const QString why = m_errors.section(QStringLiteral("llavakd: "), -1);
    return finish(why.isEmpty() ? tr("The engine ended unexpectedly.") : why);
  }
  try {
    Known& known = m_known[m_asked];
    known.found = term_gradients_from_json(parse_json(output.toStdString(), "llavakd gradients"));
    known.key = m_askedKey;
    known.filesChanged = m_filesChanged;
  } catch (const UserError& error) {
    return finish(toQString(error.what()));
  }
  finish({});
}

void StageGradients::finish(const QString& error) {
  Known& known = m_known[m_asked];
  known.running = false;
  known.error = error;
  Q_EMIT changed(m_asked);
}

}  // namespace llavakd
