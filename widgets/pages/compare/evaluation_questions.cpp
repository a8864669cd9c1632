// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/evaluation_questions.h"

#include <QDir>

#include "core/data/image_file.h"
#include "core/data/sample_sets.h"
#include "core/data/sources/data_source.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

constexpr std::size_t mostQuestions = 20000;

QString questionKey(const QStringList& pictures, const QString& question) {
  QStringList parts;
  for (const QString& picture : pictures) parts << QDir::cleanPath(picture);
  return (parts << question.simplified()).join(QLatin1Char('\n'));
}

// Nothing: one that the page can't ask, with several rounds or pictures that aren't files of their own.
std::optional<EvaluationQuestion> questionOf(const Sample& sample, const std::filesystem::path& images) {
  if (sample.turns.size() != 2 || sample.turns.front().speaker != Speaker::human) return std::nullopt;
  EvaluationQuestion taken;
  for (const ImageRef& image : sample.images) {
    if (!image.is_file()) return std::nullopt;
    taken.pictures << QDir::cleanPath(toQString(image_path(images, image.file)));
  }
  taken.question = toQString(sample.turns.front().text).remove(toQString(image_placeholder)).trimmed();
  taken.answer = toQString(sample.turns.back().text).trimmed();
  taken.type = toQString(sample.type);
  return taken;
}

EvaluationQuestions::Set readSet(const SampleSet& from) {
  EvaluationQuestions::Set set;
  set.name = toQString(from.name);
  const auto take = [&](const Sample& sample) {
    try {
      auto taken = set.questions.size() < mostQuestions ? questionOf(sample, from.images_folder) : std::nullopt;
      if (taken) return set.questions.push_back(std::move(*taken));
    } catch (const std::exception&) {
      // A picture's name that leads nowhere.
    }
    ++set.leftOut;
  };
  try {
    read_entries(from.file, {.sample = take, .fault = [&](const DataFault&) {
                               ++set.leftOut;
                             }});
  } catch (const std::exception& error) {
    set.fault = toQString(std::string(error.what()));
  }
  return set;
}

}  // namespace

EvaluationQuestions::EvaluationQuestions(const Project& project, const QString& projectFile) {
  std::vector<SampleSet> sets;
  try {
    sets = sample_sets(project, toPath(projectFile));
  } catch (const std::exception&) {
    return;  // of an unknown template, which the Project page says
  }
  for (const SampleSet& set : sets)
    if (set.kind == SampleSetKind::evaluation && !set.file.empty()) m_sets.push_back(readSet(set));
  for (const Set& set : m_sets)
    for (const EvaluationQuestion& each : set.questions)
      m_answers.insert(questionKey(each.pictures, each.question), each.answer);
}

QString EvaluationQuestions::rightAnswer(const QStringList& pictures, const QString& question) const {
  return m_answers.value(questionKey(pictures, question));
}

}  // namespace llavakd
