// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/data_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/base/errors.h"
#include "core/base/parallel_for.h"
#include "core/base/printable.h"
#include "core/data/image_file.h"
#include "core/image/decode.h"
#include "core/text/label_reason.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// What was found of an image.
struct CheckedImage {
  const ImageRef* image = nullptr;  ///< As the samples name it.
  bool decode = true;
  std::optional<std::string> fault;
  std::string cut_short;  ///< Its key, where it is cut short.
};

struct CheckedImages {
  std::vector<CheckedImage> all;  ///< In the order in which the samples name them.
  std::unordered_map<ImageRef, size_t> places;

  const CheckedImage& operator[](const ImageRef& image) const { return all[places.at(image)]; }
};

void check_image(CheckedImage& checked, const fs::path& folder) {
  try {
    const ImageRef image = find_image(folder, *checked.image);
    std::error_code error;
    if (!checked.decode && fs::is_regular_file(image.file, error)) return;
    bool truncated = false;
    read_image(image, &truncated);
    if (truncated) checked.cut_short = image.key();
  } catch (const UserError& error) {
    checked.fault = reason_of(error);
  }
}

/// At most `most` of `all` places, evenly spread; all for 0.
std::vector<int64_t> spread(int64_t all, int64_t most) {
  const int64_t count = most > 0 ? std::min(most, all) : all;
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(i * all / count);
  return chosen;
}

/// All images of the samples, each looked at once.
CheckedImages check_images(const Dataset& dataset, const fs::path& folder, int64_t most_decoded) {
  CheckedImages images;
  for (int64_t i = 0; i < dataset.size(); ++i)
    for (const auto sample = dataset.sample(i); const ImageRef& image : sample->images) {
      const auto [place, is_new] = images.places.try_emplace(image, images.all.size());
      if (is_new) images.all.push_back({.image = &place->first});
    }
  auto& all = images.all;
  const std::vector<int64_t> decoded = spread(std::ssize(all), most_decoded);
  if (decoded.size() < all.size()) {
    for (CheckedImage& image : all) image.decode = false;
    for (const int64_t i : decoded) all[static_cast<size_t>(i)].decode = true;
  }
  parallel_for(std::ssize(all), 0, [&](int64_t i) {
    check_image(all[static_cast<size_t>(i)], folder);
    return true;
  });
  return images;
}

/// The reasons of the texts that are looked at, by the sample's place.
std::unordered_map<int64_t, std::string> text_reasons(const Dataset& dataset, const DataCheck& check) {
  const std::vector<int64_t> chosen = spread(dataset.size(), check.texts ? check.most_texts : 0);
  std::unordered_map<int64_t, std::string> reasons;
  std::mutex mutex;
  parallel_for(std::ssize(chosen), 0, [&](int64_t i) {
    const int64_t place = chosen[static_cast<size_t>(i)];
    const auto sample = dataset.sample(place);
    auto reason = check.texts ? text_reason(*sample, *check.texts) : separator_reason(sample->conversation());
    if (!reason) return true;
    const std::scoped_lock lock(mutex);
    reasons.emplace(place, std::move(*reason));
    return true;
  });
  return reasons;
}

void add_notes(DataReport& report, const CheckedImages& images, const DataCheck& check) {
  std::vector<std::string> cut_short;
  int64_t decoded = 0;
  for (const CheckedImage& image : images.all) {
    decoded += image.decode ? 1 : 0;
    if (!image.cut_short.empty()) cut_short.push_back(image.cut_short);
  }
  report.cut_short = std::ssize(cut_short);
  if (!cut_short.empty())
    report.notes.push_back(fmt::format("{} picture{} cut short and used as far as {} (the first: {}).",
                                       cut_short.size(), cut_short.size() == 1 ? " is" : "s are",
                                       cut_short.size() == 1 ? "it goes" : "they go", printable(cut_short.front())));
  const auto all = static_cast<int64_t>(images.all.size());
  if (decoded < all)
    report.notes.push_back(fmt::format("{} of {} pictures were read, the others only looked for.", decoded, all));
  if (check.texts && check.most_texts > 0 && check.most_texts < report.readable)
    report.notes.push_back(fmt::format("{} of {} texts were looked at.", check.most_texts, report.readable));
}

}  // namespace

std::optional<std::string> text_reason(const Sample& sample, const TextRules& rules) {
  try {
    const ConversationTemplate& form = template_of(sample, *rules.conversation_template);
    return make_sequence(*rules.tokenizer, form, sample.conversation(), rules.visual_tokens, rules.max_length).skipped;
  } catch (const UserError& error) {
    return reason_of(error);
  }
}

std::optional<std::string> nothing_learnt_reason(const Dataset& dataset, const TextRules& rules) {
  std::optional<std::string> first;
  for (const int64_t i : spread(dataset.size(), 10)) {
    auto reason = text_reason(*dataset.sample(i), rules);
    if (!reason) return std::nullopt;
    if (!first) first = std::move(reason);
  }
  return first;
}

DataReport check_data(const Dataset& dataset, const DataCheck& check) {
  DataReport report{
      .entries = dataset.entries(), .readable = dataset.size(), .faults = dataset.faults(), .notes = dataset.notes()};
  const CheckedImages images = check_images(dataset, check.images_folder, check.most_images);
  const auto texts = text_reasons(dataset, check);
  for (int64_t i = 0; i < dataset.size(); ++i) {
    const auto held = dataset.sample(i);
    const Sample& sample = *held;
    const auto text = texts.find(i);
    const auto faulty =
        std::ranges::find_if(sample.images, [&](const ImageRef& image) { return images[image].fault.has_value(); });
    if (text != texts.end()) {
      report.faults.push_back({sample.line, sample.id, text->second});
    } else if (faulty != sample.images.end()) {
      report.faults.push_back({sample.line, sample.id, *images[*faulty].fault});
    }
  }
  std::ranges::stable_sort(report.faults, std::less{}, &DataFault::line);
  add_notes(report, images, check);
  return report;
}

DataReport check_data(const fs::path& path, const DataCheck& check) {
  return check_data(*open_dataset_to_check(path), check);
}

std::string first_faults(const std::vector<DataFault>& faults) {
  constexpr size_t most_named = 5;
  std::string text;
  for (size_t i = 0; i < std::min(most_named, faults.size()); ++i) {
    const std::string sentence = faults[i].message();
    text += (i == 0 ? "" : "; ") + sentence.substr(0, sentence.size() - 1);
  }
  if (faults.size() > most_named) text += fmt::format("; and {} more", faults.size() - most_named);
  return text;
}

}  // namespace llavakd
