// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/given_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/safetensors.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

struct GivenTensors {
  at::Tensor pixels, ids, labels;
  int64_t pixels_begin = 0;  ///< In the file.
};

/// One sample with where it is, for messages.
class SampleReader {
 public:
  SampleReader(const std::filesystem::path& path, int64_t index, const GivenTensors& given, const ModelConfig& student)
      : path_(path), index_(index), given_(given), student_(student) {}

  PreparedSample read() const {
    PreparedSample sample;
    sample.index = index_;
    sample.sequence.id = fmt::format("{}", index_);
    const std::vector<int64_t> ids = numbers("input_ids", given_.ids, image_token_index);
    const std::vector<int64_t> labels = numbers("labels", given_.labels, ignore_index);
    if (ids.size() != labels.size())
      refuse("labels", fmt::format("has {} tokens, {}.input_ids {}", labels.size(), index_, ids.size()));
    expand(ids, labels, sample.sequence);
    take_images(std::ranges::count(ids, image_token_index), sample);
    return sample;
  }

 private:
  [[noreturn]] void refuse(std::string_view key, const std::string& fault) const {
    throw UserError(fmt::format("{}: {}.{} {}.", path_.string(), index_, key, fault));
  }

  /// Ids or labels; `special` is the one negative number that they may be.
  std::vector<int64_t> numbers(std::string_view key, const at::Tensor& tensor, int64_t special) const {
    if (!at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false))
      refuse(key, "must hold whole numbers (I64 or I32)");
    if (tensor.dim() != 1 || tensor.numel() == 0)
      refuse(key, fmt::format("has the shape {}; expected [tokens]", shape_text(tensor.sizes().vec())));
    const at::Tensor wide = tensor.to(at::kLong).contiguous();
    std::vector<int64_t> values(wide.data_ptr<int64_t>(), wide.data_ptr<int64_t>() + wide.numel());
    const int64_t words = student_.language.vocab_size;
    for (const int64_t value : values)
      if (value != special && (value < 0 || value >= words))
        refuse(key, fmt::format("holds {}; the student knows the tokens 0 to {}, and {} is {}", value, words - 1,
                                special, special == image_token_index ? "a picture" : "no label"));
    return values;
  }

  void expand(const std::vector<int64_t>& ids, const std::vector<int64_t>& labels, Sequence& sequence) const {
    constexpr int64_t most_tokens = 1 << 20;
    const int64_t visual = student_.visual_tokens(), images = std::ranges::count(ids, image_token_index);
    if (images > most_tokens / visual || std::ssize(ids) > most_tokens)
      refuse("input_ids", fmt::format("becomes more than {} tokens", most_tokens));
    expand_images(ids, labels, visual, 2 * most_tokens, sequence);
    // Position 0 has no logits before it.
    const bool learnt = std::any_of(sequence.labels.begin() + 1, sequence.labels.end(),
                                    [](int64_t label) { return label != ignore_index; });
    if (!learnt) refuse("labels", "has no label to learn from");
  }

  void take_images(int64_t images, PreparedSample& sample) const {
    if (images == 0) return;
    const int64_t side = student_.vision.image_size, numbers_each = 3 * side * side;
    const at::Tensor& pixels = given_.pixels;
    if (!at::isFloatingType(pixels.scalar_type())) refuse("pixel_values", "must hold floating-point numbers");
    const auto shape = pixels.sizes();
    const bool fits = (pixels.dim() == 3 || pixels.dim() == 4) &&
                      shape.slice(pixels.dim() - 3) == at::IntArrayRef({3, side, side}) &&
                      pixels.numel() == images * numbers_each;
    if (!fits)
      refuse("pixel_values",
             fmt::format("has the shape {}; expected [{}, 3, {}, {}]: its ids hold {} time{} {}, and the "
                         "student sees {} pixels a side",
                         shape_text(shape.vec()), images, side, side, images, images == 1 ? "" : "s", image_token_index,
                         side));
    const at::Tensor values = pixels.to(at::kFloat).contiguous();
    const int64_t bytes_each = numbers_each * pixels.element_size();
    if (!at::isfinite(values).all().item<bool>()) refuse("pixel_values", "holds NaN or infinity");
    for (int64_t i = 0; i < images; ++i) {
      const float* first = values.data_ptr<float>() + i * numbers_each;
      sample.pixel_values.emplace_back(first, first + numbers_each);
      sample.images.emplace_back(path_.string(), given_.pixels_begin + i * bytes_each, bytes_each);
    }
  }

  const std::filesystem::path& path_;
  int64_t index_;
  const GivenTensors& given_;
  const ModelConfig& student_;
};

/// The tensors of each sample, by its number.
std::map<int64_t, GivenTensors> by_sample(const std::filesystem::path& path) {
  std::map<int64_t, GivenTensors> samples;
  for (const StoredTensor& stored : open_safetensors(path).tensors) {
    const std::string& key = stored.name;
    int64_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    const std::string_view name(end, static_cast<size_t>(key.data() + key.size() - end));
    const bool known =
        error == std::errc() && index >= 0 && (name == ".pixel_values" || name == ".input_ids" || name == ".labels");
    if (!known)
      throw UserError(
          fmt::format("{}: unknown key \"{}\"; expected are N.pixel_values, N.input_ids and N.labels with "
                      "N = 0, 1, ….",
                      path.string(), key));
    GivenTensors& sample = samples[index];
    (name == ".labels" ? sample.labels : name == ".input_ids" ? sample.ids : sample.pixels) = as_tensor(stored).clone();
    if (name == ".pixel_values") sample.pixels_begin = stored.data - stored.file->bytes().data();
  }
  return samples;
}

}  // namespace

std::vector<PreparedSample> read_given_samples(const std::filesystem::path& path, const ModelConfig& student) {
  if (!std::filesystem::is_regular_file(path))
    throw UserError(fmt::format("{}: no such file of samples.", path.string()));
  const auto given = by_sample(path);
  if (given.empty()) throw UserError(fmt::format("{}: no samples in it.", path.string()));
  std::vector<PreparedSample> samples;
  for (const auto& [index, sample] : given) {
    const auto missing = [&](const char* key) {
      throw UserError(fmt::format("{}: {}.{} is missing.", path.string(), index, key));
    };
    if (index != std::ssize(samples))
      throw UserError(fmt::format("{}: sample {} is missing.", path.string(), samples.size()));
    if (!sample.ids.defined()) missing("input_ids");
    if (!sample.labels.defined()) missing("labels");
    if (!sample.pixels.defined()) missing("pixel_values");
    samples.push_back(SampleReader(path, index, sample, student).read());
  }
  return samples;
}

}  // namespace llavakd
