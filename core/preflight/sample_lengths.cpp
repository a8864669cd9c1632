// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/sample_lengths.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/errors.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

constexpr int64_t most_samples = 500;

Sequence sequence_of(const Sample& sample, const TextRules& rules) {
  const ConversationTemplate& form =
      sample.template_name.empty() ? *rules.conversation_template : conversation_template(sample.template_name);
  return make_sequence(*rules.tokenizer, form, sample.conversation(), rules.visual_tokens, rules.max_length);
}

int64_t count_images(const Dataset& dataset) {
  std::unordered_set<ImageRef> images;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    const auto sample = dataset.sample(i);
    images.insert(sample->images.begin(), sample->images.end());
  }
  return static_cast<int64_t>(images.size());
}

void add_sequence(SampleLengths& sums, const Sequence& sequence) {
  for (const Segment& segment : sequence.segments) {
    const auto size = static_cast<double>(segment.size());
    (segment.kind == SegmentKind::visual ? sums.visual_tokens : sums.text_tokens) += size;
    if (segment.kind == SegmentKind::response) sums.response_tokens += size;
    if (segment.kind == SegmentKind::visual) ++sums.images;
  }
  sums.longest = std::max<int64_t>(sums.longest, std::ssize(sequence.input_ids));
}

}  // namespace

SampleLengths sample_lengths(const Dataset& dataset, const TextRules& rules) {
  SampleLengths lengths;
  const int64_t tried = std::min(most_samples, dataset.size());
  double counted = 0;
  for (int64_t i = 0; i < tried; ++i) {
    try {
      const Sequence sequence = sequence_of(*dataset.sample(i * dataset.size() / tried), rules);
      if (sequence.skipped) continue;
      add_sequence(lengths, sequence);
      ++counted;
    } catch (const UserError&) {
      // A sample that is left out, as the item of the data says.
    }
  }
  if (counted == 0) return {};
  for (double* mean : {&lengths.text_tokens, &lengths.visual_tokens, &lengths.response_tokens, &lengths.images})
    *mean /= counted;
  lengths.samples = dataset.size();
  lengths.different_images = count_images(dataset);
  return lengths;
}

}  // namespace llavakd
