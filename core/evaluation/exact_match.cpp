// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/exact_match.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/loader.h"
#include "core/models/forward.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

struct Count {
  int64_t right = 0;
  int64_t asked = 0;
  double percent() const { return 100.0 * static_cast<double>(right) / static_cast<double>(asked); }
};

/// What the answers gave so far.
struct Answers {
  std::map<std::string, Count> types;
  std::vector<std::string> skipped;
  std::string first_reason;  ///< Why the first of them was skipped.

  void skip(const std::string& who, const std::string& reason) {
    if (skipped.empty()) first_reason = reason;
    skipped.push_back(who + reason);
  }
};

std::string type_of(const Sample& sample) {
  return sample.type.empty() ? "all" : sample.type;
}

/// Tower features of pictures; several rows in a row usually ask about the same one.
class Features {
 public:
  explicit Features(const LoadedModel& model) : model_(model) {}

  at::Tensor of(const std::vector<ImageRef>& images, AspectRatio aspect) {
    std::vector<at::Tensor> features;
    for (const ImageRef& image : images) {
      if (image != last_image_) {
        const at::Tensor pixels = load_pixels(model_, {image}, aspect);
        const at::Tensor& weight = model_.model.head_weight();
        last_ = model_.model.vision_features(pixels.to(weight.device(), weight.scalar_type()));
        last_image_ = image;
      }
      features.push_back(last_);
    }
    return features.empty() ? at::Tensor() : at::cat(features);
  }

 private:
  const LoadedModel& model_;
  ImageRef last_image_;
  at::Tensor last_;
};

/// For each sample, whether the arg max of every labelled position is its label.
std::vector<bool> all_right(const MultimodalModel& model, const std::vector<Sequence>& sequences,
                            const at::Tensor& features) {
  const at::Tensor hidden = predict(model, sequences, features).hidden;
  std::vector<int64_t> rows, labels, owners;
  for (size_t i = 0; i < sequences.size(); ++i)
    for (size_t t = 1; t < sequences[i].labels.size(); ++t) {
      if (sequences[i].labels[t] == ignore_index) continue;
      rows.push_back(static_cast<int64_t>(i) * hidden.size(1) + static_cast<int64_t>(t) - 1);
      labels.push_back(sequences[i].labels[t]);
      owners.push_back(static_cast<int64_t>(i));
    }
  const at::Tensor chosen = hidden.flatten(0, 1).index_select(0, at::tensor(rows, at::kLong).to(hidden.device()));
  const at::Tensor likeliest = model.logits(chosen).argmax(-1).cpu();
  std::vector<bool> right(sequences.size(), true);
  for (size_t k = 0; k < labels.size(); ++k)
    if (likeliest.data_ptr<int64_t>()[k] != labels[k]) right[static_cast<size_t>(owners[k])] = false;
  return right;
}

/// What the mean over the types is a mean over.
std::string score_is(size_t asked, size_t types) {
  if (types == 1) return "share of the questions";
  return asked == types ? fmt::format("mean over {} types", types)
                        : fmt::format("mean over {} of {} types", asked, types);
}

nlohmann::ordered_json result_json(const Answers& answers) {
  Json json, percents = Json::object(), not_asked = Json::array();
  double sum = 0;
  int64_t questions = 0;
  for (const auto& [type, count] : answers.types) {
    if (count.asked == 0) {
      not_asked.push_back(type);
      continue;
    }
    percents[type] = count.percent();
    sum += count.percent();
    questions += count.asked;
  }
  const int64_t all = questions + static_cast<int64_t>(answers.skipped.size());
  json["score"] = percents.empty() ? Json() : Json(sum / static_cast<double>(percents.size()));
  if (percents.empty())
    json["no_score"] = fmt::format("0 of {} questions could be asked, the first because {}{}", all,
                                   answers.first_reason, answers.first_reason.ends_with('.') ? "" : ".");
  else
    json["score_is"] = score_is(percents.size(), answers.types.size());
  json["types"] = percents;
  json["types_not_asked"] = not_asked;
  json["questions"] = questions;
  json["of"] = all;
  json["skipped"] = answers.skipped;
  return json;
}

}  // namespace

nlohmann::ordered_json exact_match(const LoadedModel& model, const ScoringOptions& options,
                                   const ScoringProgress& progress) {
  const at::NoGradGuard no_grad;
  const auto dataset = open_dataset(options.file);
  PreparationOptions preparation;
  preparation.images_folder = options.images;
  preparation.conversation_template = &conversation_template(options.conversation_template);
  preparation.visual_tokens = model.model.config().visual_tokens();
  preparation.max_length = options.max_length;
  preparation.processor = model.processor;
  preparation.aspect = aspect_of(model, options.aspect_ratio);
  preparation.needs_pixels = [](const ImageRef&) {
    return false;
  };  // Features decodes each picture once

  Answers answers;
  for (const auto& fault : dataset->faults())
    answers.skip(fmt::format("line {}, sample '{}': ", fault.line, fault.id), fault.reason);
  Features features(model);
  const int64_t total = dataset->size();
  for (int64_t begin = 0; begin < total; begin += options.batch_size) {
    if (progress && !progress(begin, total)) throw RunError("The evaluation was stopped.");
    std::vector<Sequence> sequences;
    std::vector<at::Tensor> seen;
    std::vector<std::shared_ptr<const Sample>> asked;
    for (int64_t i = begin; i < std::min(begin + options.batch_size, total); ++i) {
      const auto sample = dataset->sample(i);
      answers.types.try_emplace(type_of(*sample));
      PreparedSample prepared = prepare_sample(*sample, i, model.tokenizer, preparation);
      if (prepared.sequence.skipped) {
        answers.skip(sample->id + ": ", *prepared.sequence.skipped);
        continue;
      }
      try {
        if (!prepared.images.empty()) seen.push_back(features.of(prepared.images, preparation.aspect));
      } catch (const UserError& error) {
        answers.skip(sample->id + ": ", error.what());
        continue;
      }
      sequences.push_back(std::move(prepared.sequence));
      asked.push_back(sample);
    }
    if (sequences.empty()) continue;
    const auto right = all_right(model.model, sequences, seen.empty() ? at::Tensor() : at::cat(seen));
    for (size_t k = 0; k < asked.size(); ++k) {
      Count& count = answers.types[type_of(*asked[k])];
      ++count.asked;
      count.right += right[k] ? 1 : 0;
    }
  }
  if (progress) progress(total, total);
  return result_json(answers);
}

}  // namespace llavakd
