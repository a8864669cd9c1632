// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/loader.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <span>

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "core/image/decode.h"

namespace llavakd {
namespace {

/// The images of which max_length has left anything.
std::span<const ImageRef> seen_images(const Sample& sample, const Sequence& sequence) {
  return std::span(sample.images).first(std::min(sample.images.size(), image_spans(sequence).size()));
}

}  // namespace

PreparedSample prepare_sample(const Sample& sample, int64_t index, const Tokenizer& tokenizer,
                              const PreparationOptions& options) {
  PreparedSample prepared;
  prepared.index = index;
  try {
    const ConversationTemplate& form = template_of(sample, *options.conversation_template);
    prepared.sequence =
        make_sequence(tokenizer, form, sample.conversation(), options.visual_tokens, options.max_length);
    for (const ImageRef& named : seen_images(sample, prepared.sequence)) {
      const ImageRef& image = prepared.images.emplace_back(find_image(options.images_folder, named));
      const bool needed = !prepared.sequence.skipped && (!options.needs_pixels || options.needs_pixels(image));
      bool truncated = false;
      prepared.pixel_values.push_back(
          needed ? pixel_values(read_image(image, &truncated), options.processor, options.aspect)
                 : std::vector<float>());
      if (truncated) prepared.truncated.push_back(image.key());
    }
  } catch (const UserError& error) {
    prepared.sequence.skipped = reason_of(error);
    prepared.pixel_values.clear();
  }
  prepared.sequence.id = sample.id;
  return prepared;
}

SampleLoader::SampleLoader(std::vector<int64_t> order, Prepare prepare, int workers, int64_t ahead)
    : order_(std::move(order)), prepare_(std::move(prepare)), ahead_(std::max<int64_t>(ahead, 1)) {
  for (int i = 0; i < std::max(workers, 1); ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

SampleLoader::~SampleLoader() = default;  // jthread asks its worker to stop and joins it

void SampleLoader::work(const std::stop_token& stop) {
  // The step's own threads wait for their slowest: what is needed only later gives way to them. Linux keeps a thread's
  // priority by its id.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
  std::unique_lock lock(mutex_);
  const auto may_go_on = [&] {
    return claimed_ >= std::ssize(order_) || claimed_ < consumed_ + ahead_;
  };
  while (room_.wait(lock, stop, may_go_on) && claimed_ < std::ssize(order_)) {
    if (stop.stop_requested()) return;
    const int64_t position = claimed_++;
    lock.unlock();
    Result result;
    try {
      result.sample = prepare_(order_[static_cast<size_t>(position)]);
    } catch (...) {
      result.error = std::current_exception();
    }
    lock.lock();
    done_.emplace(position, std::move(result));
    ready_.notify_all();
  }
}

std::optional<PreparedSample> SampleLoader::next() {
  std::unique_lock lock(mutex_);
  if (consumed_ == std::ssize(order_)) return std::nullopt;
  const auto start = std::chrono::steady_clock::now();
  ready_.wait(lock, [&] { return done_.contains(consumed_); });
  waiting_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Result result = std::move(done_.extract(consumed_).mapped());
  ++consumed_;
  lock.unlock();
  room_.notify_all();
  if (result.error) std::rethrow_exception(result.error);
  return std::move(result.sample);
}

}  // namespace llavakd
