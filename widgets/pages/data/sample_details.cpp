// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_details.h"

#include <QCoreApplication>
#include <algorithm>
#include <exception>

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "core/image/decode.h"
#include "core/image/maps.h"
#include "core/image/processor_text.h"
#include "widgets/document/conversions.h"
#include "widgets/document/thumbnail.h"

namespace llavakd {
namespace {

constexpr size_t mostPictures = 8;
// Enough for any conversation; a longer sequence is counted, but not written out.
constexpr int64_t mostTokens = 8192;
constexpr int originalSide = 512;

std::vector<TermReading> readingsOf(const SampleSet& set, const Sequence& sequence) {
  std::vector<TermReading> readings;
  for (const TermOptions& options : set.terms) {
    const TermInfo* info = term_info(options.term);
    if (info == nullptr) continue;
    TermReading reading{options.term, options.weight, positions_read(sequence, info->reads)};
    for (const Segment& read : reading.positions) reading.count += read.size();
    readings.push_back(std::move(reading));
  }
  return readings;
}

SampleOfModel seenBy(const SampleSet& set, const Sample& sample, const std::optional<ModelInput>& input,
                     const QString& fault) {
  SampleOfModel seen;
  seen.fault = fault;
  if (!input) return seen;
  const Tokenizer& tokenizer = input->texts.tokenizer;
  seen.tokens = sample_tokens(sample, rules_of(*input, set));
  seen.terms = readingsOf(set, seen.tokens.sequence);
  seen.maxLength = input->texts.rules.max_length;
  seen.visualTokens = input->texts.rules.visual_tokens;
  seen.processor = input->processor ? toQString(processor_text(*input->processor)) : toQString(input->processor_fault);
  for (int64_t i = 0; i < std::min(seen.tokens.length(), mostTokens); ++i) {
    const int64_t id = seen.tokens.input_ids[size_t(i)];
    const bool image = id == image_token_index;
    seen.texts.push_back(image ? QString() : toQString(tokenizer.decode(std::vector{id})));
    seen.pieces.push_back(image ? QString() : toQString(tokenizer.token(id).value_or("")));
  }
  return seen;
}

bool samePicture(const ModelInput& student, const ModelInput& teacher) {
  return student.processor == teacher.processor && student.aspect == teacher.aspect;
}

SamplePicture describePicture(const SampleSet& set, const ImageRef& named, const ModelInputs& inputs) {
  SamplePicture picture;
  picture.name = toQString(named.key());
  try {
    const Image image = read_image(find_image(set.images_folder, named), &picture.cutShort);
    picture.size = {image.width, image.height};
    picture.original = toQImage(thumbnail(image, originalSide));
    const auto prepared = [&](const ModelInput& input) {
      return toQImage(prepare(image, *input.processor, input.aspect));
    };
    if (inputs.student && inputs.student->processor) picture.student = prepared(*inputs.student);
    if (inputs.teacher && inputs.teacher->processor &&
        !(inputs.student && samePicture(*inputs.student, *inputs.teacher)))
      picture.teacher = prepared(*inputs.teacher);
  } catch (const std::exception& error) {
    picture.fault = toQString(error.what());
  }
  return picture;
}

template <class Read>
std::optional<ModelInput> inputOr(QString& fault, const Read& read) {
  try {
    return read();
  } catch (const std::exception& error) {
    fault = toQString(error.what());
    return std::nullopt;
  }
}

}  // namespace

std::shared_ptr<const ModelInputs> readModelInputs(const Project& project, const std::filesystem::path& file,
                                                   const ProjectFacts::Result& facts) {
  auto inputs = std::make_shared<ModelInputs>();
  inputs->hasTeacher = facts.hasTeacher;
  if (facts.hasStudent)
    inputs->student = inputOr(inputs->studentFault, [&] { return student_input(project, file, facts.student); });
  else
    inputs->studentFault =
        QCoreApplication::translate("llavakd::ModelInputs", "No student is chosen yet, so its tokens aren't known.");
  if (facts.hasTeacher)
    inputs->teacher = inputOr(inputs->teacherFault, [&] { return teacher_input(project, file, facts.teacher); });
  return inputs;
}

SampleDetails describeSample(const SampleSet& set, const Sample& sample, const ModelInputs& inputs) {
  SampleDetails details;
  details.id = toQString(sample.id);
  details.line = sample.line;
  details.turns = sample.turns;
  const auto& form = sample.template_name;
  details.templateName = form.empty() ? toQString(set.conversation_template->name) : toQString(form);
  details.student = seenBy(set, sample, inputs.student, inputs.studentFault);
  details.hasTeacher = inputs.hasTeacher;
  if (inputs.hasTeacher) details.teacher = seenBy(set, sample, inputs.teacher, inputs.teacherFault);
  details.sameInput = !inputs.teacher || (inputs.student && samePicture(*inputs.student, *inputs.teacher) &&
                                          details.student.tokens.input_ids == details.teacher.tokens.input_ids &&
                                          details.student.tokens.runs == details.teacher.tokens.runs);
  for (const ImageRef& image : sample.images) {
    if (details.pictures.size() < mostPictures)
      details.pictures.push_back(describePicture(set, image, inputs));
    else
      ++details.picturesLeft;
  }
  return details;
}

}  // namespace llavakd
