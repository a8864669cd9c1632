// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/project_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/project/project_file.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"
#include "widgets/run/engine_process.h"

namespace llavakd {
namespace {

// Large data takes long to check, so a check waits for a longer pause the longer the last one took.
constexpr qint64 shortestDelay = 500, longestDelay = 60000, freshFor = 60000;

QString stringAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? toQString(found->get<std::string>()) : QString();
}

MatchLevel levelOf(const QString& name) {
  for (const MatchLevel level : {MatchLevel::green, MatchLevel::amber})
    if (toQString(name_of(level)) == name) return level;
  return MatchLevel::red;
}

}  // namespace

theme::State stateOf(MatchLevel level) {
  if (level == MatchLevel::green) return theme::State::done;
  return level == MatchLevel::amber ? theme::State::paused : theme::State::failed;
}

QString ProjectCheck::Item::sentence() const {
  const QString stop = finding.endsWith(QLatin1Char('.')) ? QString() : QStringLiteral(".");
  return QStringLiteral("%1: %2%3 %4").arg(name, finding, stop, remedy).trimmed();
}

MatchLevel ProjectCheck::Result::worst() const {
  MatchLevel worst = MatchLevel::green;
  for (const Item& item : items) worst = std::max(worst, item.level);
  return worst;
}

const ProjectCheck::Item* ProjectCheck::Result::red() const {
  const auto found = std::ranges::find(items, MatchLevel::red, &Item::level);
  return found == items.end() ? nullptr : &*found;
}

const EstimatedStage* ProjectCheck::Result::estimate(const QString& stage) const {
  const auto found = std::ranges::find(estimates, stage, &EstimatedStage::stage);
  return found == estimates.end() ? nullptr : &*found;
}

ProjectCheck::Verdict ProjectCheck::verdict() const {
  // An older result stays in sight while the newer one is made, but its verdict doesn't.
  if (isRunning()) return {theme::State::running, m_measuring ? tr("Measuring…") : tr("Checking…")};
  if (m_result.items.empty()) return {theme::State::none, tr("Not checked")};
  const MatchLevel worst = m_result.worst();
  return {stateOf(worst), worst == MatchLevel::green   ? tr("Ready")
                          : worst == MatchLevel::amber ? tr("Ready, with limits")
                                                       : tr("Not ready")};
}

ProjectCheck* ProjectCheck::of(ProjectDocument* document) {
  auto* known = document->findChild<ProjectCheck*>(QString(), Qt::FindDirectChildrenOnly);
  return known ? known : new ProjectCheck(document);
}

ProjectCheck::ProjectCheck(ProjectDocument* document) : QObject(document), m_document(document) {
  m_delay.setSingleShot(true);
  m_delay.setInterval(int(shortestDelay));
  connect(&m_delay, &QTimer::timeout, this, &ProjectCheck::check);
  connect(document, &ProjectDocument::changed, this, &ProjectCheck::schedule);
  connect(document, &ProjectDocument::closed, this, &ProjectCheck::schedule);
  connect(ProjectFiles::of(document), &ProjectFiles::changed, this, &ProjectCheck::schedule);
  schedule();
}

ProjectCheck::~ProjectCheck() {
  cancel();
}

bool ProjectCheck::isCurrent() const {
  return !isRunning() && m_age.isValid() && m_age.elapsed() < freshFor && m_checkedPath == m_document->path() &&
         m_checked == m_document->project();
}

void ProjectCheck::cancel() {
  m_delay.stop();
  const bool measuring = std::exchange(m_measuring, false);
  if (!m_process) return;
  m_process->disconnect(this);
  connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
  // Who measures has files to remove.
  measuring ? m_process->terminate() : m_process->kill();
  m_process = nullptr;
}

// Typing changes the project with each key: the check waits for a pause.
void ProjectCheck::schedule() {
  cancel();
  m_age.invalidate();
  if (m_document->isOpen())
    m_delay.start();
  else
    m_result = {};
  Q_EMIT changed();
}

void ProjectCheck::check() {
  start(false);
}

void ProjectCheck::measure() {
  start(true);
}

void ProjectCheck::start(bool measuring) {
  cancel();
  if (!m_document->isOpen()) return;
  m_measuring = measuring;
  m_took.start();
  m_checked = m_document->project();
  m_checkedPath = m_document->path();
  const QString program = engineProgram();
  if (program.isEmpty()) return finish({.error = tr("Nothing was checked. %1").arg(engineMissingText())});
  auto* process = new QProcess(this);
  m_process = process;
  connect(process, &QProcess::errorOccurred, this, [this, process](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) take({}, process->errorString());
  });
  connect(process, &QProcess::finished, this, [this, process] {
    take(process->readAllStandardOutput(), QString::fromUtf8(process->readAllStandardError()));
  });
  QStringList arguments = {QStringLiteral("check"), m_checkedPath, QStringLiteral("--stdin"), QStringLiteral("--json")};
  if (measuring) arguments << QStringLiteral("--probe");
  process->start(program, arguments);
  process->write(QByteArray::fromStdString(project_text(m_checked)));
  process->closeWriteChannel();
  Q_EMIT changed();
}

void ProjectCheck::take(const QByteArray& output, const QString& errors) {
  m_process->deleteLater();
  m_process = nullptr;
  const auto json = nlohmann::json::parse(output.begin(), output.end(), nullptr, false);
  const auto list = json.is_object() ? json.find("items") : json.end();
  if (!json.is_object() || list == json.end() || !list->is_array()) {
    Result failed = m_measuring ? m_result : Result();
    const QString line = errors.trimmed().section(QLatin1Char('\n'), -1).section(QStringLiteral("llavakd: "), -1);
    failed.error = line.isEmpty() ? tr("The check ended without saying why.") : line;
    return finish(std::move(failed));
  }
  Result result;
  for (const auto& item : *list)
    if (item.is_object())
      result.items.push_back({stringAt(item, "name"), levelOf(stringAt(item, "level")), stringAt(item, "finding"),
                              stringAt(item, "remedy"), fixes_from_json(item.value("fixes", nlohmann::json()))});
  for (const auto& cache : json.value("caches", nlohmann::json::array()))
    if (cache.is_object())
      result.caches.push_back(
          {stringAt(cache, "option"), cache.value("on", nlohmann::json()) == true, stringAt(cache, "sentence")});
  result.estimates = readEstimates(json.value("estimates", nlohmann::json()));
  finish(std::move(result));
}

void ProjectCheck::finish(Result result) {
  m_result = std::move(result);
  // What measuring took says nothing of the next check.
  if (!m_measuring) m_delay.setInterval(int(std::clamp(2 * m_took.elapsed(), shortestDelay, longestDelay)));
  m_measuring = false;
  m_age.start();
  Q_EMIT changed();
  Q_EMIT finished();
}

}  // namespace llavakd
