// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/extra_data.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <algorithm>

#include "core/data/answer_data.h"
#include "core/project/stage_list.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"

namespace llavakd {
namespace {

QString extraText(const char* text) {
  return QCoreApplication::translate("ExtraData", text);
}

/// NAME.json, NAME-2.json and so on: the first that isn't there.
QString freeFile(const QString& folder, const QString& name) {
  QString file = QStringLiteral("%1/%2.json").arg(folder, name);
  for (int number = 2; QFileInfo::exists(file); ++number)
    file = QStringLiteral("%1/%2-%3.json").arg(folder, name).arg(number);
  return file;
}

std::string freeStageName(const Project& project) {
  std::string name = "Failures";
  for (int number = 2; std::ranges::find(project.stages, name, &StageOptions::name) != project.stages.end(); ++number)
    name = "Failures" + std::to_string(number);
  return name;
}

}  // namespace

bool isProbe(const ProjectDocument& document, const QString& picture, const QString& question) {
  const auto& probes = document.project().probes;
  return std::ranges::any_of(probes, [&](const ProbeOptions& probe) {
    return toQString(probe.question) == question &&
           QDir::cleanPath(document.resolve(probe.image)) == QDir::cleanPath(picture);
  });
}

void addProbe(ProjectDocument& document, const QString& picture, const QString& question) {
  document.edit(extraText("Make a probe of a question"), [&](Project& project) {
    project.probes.push_back({document.relative(picture), question.toStdString()});
  });
}

QString addStageOfData(ProjectDocument& document, const QString& file, const QString& images) {
  std::string name;
  document.edit(extraText("Learn from a group of questions"), [&](Project& project) {
    name = freeStageName(project);
    const size_t index = project.stages.empty() ? add_stage(project) : copy_stage(project, project.stages.size() - 1);
    rename_stage(project, index, name);
    if (!is_scheduled(project, name)) project.schedule.push_back(name);
    StageOptions& stage = project.stages[index];
    stage.data = document.relative(file);
    stage.images = document.relative(images);
    stage.epochs = 1;
    stage.max_steps = 0;
    stage.gate.clear();
  });
  return toQString(name);
}

void writeExtraData(const ProjectDocument& document, const PairedAnswers& answers,
                    const std::vector<const AnsweredTwice*>& pairs, const QString& name, QObject* context,
                    std::function<void(const QString& file, const QString& fault)> done) {
  struct Written {
    QString file, fault;
  };
  std::vector<KeptAnswer> kept;
  for (const AnsweredTwice* pair : pairs) kept.push_back(answers.of_student(*pair));
  const QString folder = QFileInfo(document.path()).path() + QStringLiteral("/failures");
  const auto write = [kept = std::move(kept), folder, name]() -> Written {
    try {
      QDir().mkpath(folder);
      const QString file = freeFile(folder, name);
      std::vector<const KeptAnswer*> rows;
      for (const KeptAnswer& one : kept) rows.push_back(&one);
      write_data_of_answers(toPath(file), rows);
      return {file, {}};
    } catch (const std::exception& error) {
      return {{}, toQString(error.what())};
    }
  };
  inBackground(context, write, [done = std::move(done)](const Written& written) { done(written.file, written.fault); });
}

}  // namespace llavakd
