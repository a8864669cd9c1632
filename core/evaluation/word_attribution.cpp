// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/word_attribution.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/losses/compute_type.h"
#include "core/models/decoder_capture.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr AttributionMethod gradient_method{
    .name = "gradient_times_input",
    .label = "Gradient × input",
    .shows =
        "The derivative of the word's log-probability by the patch's embedding after the connector, times that "
        "embedding: how much the word would lose, to first order, if the embedding shrank to zero.",
    .cannot_show =
        "What lies beyond first order: a patch that the word depends on wholly may have a derivative of "
        "almost 0, and an embedding of zero is no empty picture. The tower has mixed the patches already."};

constexpr AttributionMethod rollout_method{
    .name = "attention_rollout",
    .label = "Attention rollout",
    .shows =
        "The share of attention that reaches the patch's token from where the word is predicted, through all layers "
        "of the language model: the heads' mean, and each layer half passed by (Abnar and Zuidema, arXiv "
        "2005.00928). With all other tokens the shares sum to 1.",
    .cannot_show =
        "Whether what was attended to changed the word, or in which direction: values and MLPs don't count, "
        "and any other word at the same place has the same map."};

constexpr AttributionMethod occlusion_method{
    .name = "occlusion",
    .label = "Occlusion",
    .shows =
        "How much the word's log-probability falls when the tile with this patch has the mean colour of the image "
        "processor; below 0 where the word becomes likelier.",
    .cannot_show =
        "What two tiles show alike, since either makes up for the other; anything smaller than a tile. A "
        "blank tile is a sight of its own, to which the model may react."};

constexpr AttributionMethod table_of_methods[] = {gradient_method, rollout_method, occlusion_method};

/// Final hidden states [T, W] with these embeddings of the picture, [1, visual_tokens, W].
at::Tensor hidden_with(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& visual,
                       DecoderCapture* capture = nullptr) {
  const at::Tensor embeddings = model.embed(ids_tensor(model, {sequence}), visual, visual_counts({sequence}));
  // A graph keeps the layers' inputs only: a teacher's activations may be larger than its weights.
  return model.hidden_states(embeddings, {}, nullptr, /*recompute=*/true, capture)[0];
}

at::Tensor embeddings_of_picture(const MultimodalModel& model, const at::Tensor& pixels) {
  const at::NoGradGuard no_grad;
  const at::Tensor& weight = model.head_weight();
  return model.connect(model.vision_features(pixels.to(weight.device(), weight.scalar_type())));
}

/// [visual tokens], and the word's log-probability.
std::pair<at::Tensor, double> gradient_times_input(const MultimodalModel& model, const Sequence& sequence,
                                                   const at::Tensor& pixels, const WordTarget& target) {
  const at::Tensor visual = embeddings_of_picture(model, pixels).detach().requires_grad_();
  const c10::AutoGradMode with_graph(true);
  const at::Tensor log_p = word_log_probability(model, hidden_with(model, sequence, visual), target);
  log_p.backward({}, std::nullopt, false, at::TensorList(visual));
  const c10::AutoGradMode without_graph(false);
  return {(visual.grad().to(at::kFloat) * visual.detach().to(at::kFloat)).sum(-1)[0], log_p.item<double>()};
}

/// The shares of the picture's tokens [visual tokens], the mean over the word's rows. A row of the product of all
/// layers' (attention + 1) / 2 is enough, so it is multiplied from the last layer down.
at::Tensor attention_rollout(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixels,
                             const WordTarget& target) {
  DecoderCapture capture{.begin = 0, .end = std::ssize(sequence.input_ids)};
  hidden_with(model, sequence, embeddings_of_picture(model, pixels), &capture);
  std::vector<float> start(sequence.input_ids.size());
  for (const int64_t row : target.rows) start[static_cast<size_t>(row)] += 1 / static_cast<float>(target.rows.size());
  at::Tensor shares = at::tensor(start, at::kFloat).to(model.head_weight().device()).unsqueeze(0);
  for (int64_t layer = capture.layers(); layer > 0; --layer) {
    const at::Tensor attention =
        captured_attention(capture, layer, std::nullopt, model.config().language.sliding_window);
    shares = (shares.matmul(attention) + shares) / 2;
  }
  const Segment picture = image_spans(sequence).front();
  return shares[0].slice(0, picture.begin, picture.end);
}

/// The drop in log-probability of each tile, at all its patches: [rows, columns].
at::Tensor occlusion(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixels,
                     const WordTarget& target, int64_t tile, double whole, const AttributionProgress& progress) {
  const int64_t patch = model.config().vision.patch_size, side = model.config().vision.image_size / patch;
  const int64_t tiles = (side + tile - 1) / tile;
  const at::Tensor drops = at::zeros({side, side}, at::kFloat);
  for (int64_t i = 0; i < tiles * tiles; ++i) {
    if (progress && !progress(i, tiles * tiles)) throw RunError("Occlusion was stopped.");
    const int64_t top = i / tiles * tile, left = i % tiles * tile;
    const auto of_tile = [&](const at::Tensor& picture, int64_t pixels_each) {
      return picture.slice(-2, top * pixels_each, std::min(top + tile, side) * pixels_each)
          .slice(-1, left * pixels_each, std::min(left + tile, side) * pixels_each);
    };
    const at::Tensor blanked = pixels.clone();
    of_tile(blanked, patch).zero_();  // the mean colour: the processor subtracts the mean
    const at::Tensor hidden = hidden_with(model, sequence, embeddings_of_picture(model, blanked));
    of_tile(drops, 1).fill_(whole - word_log_probability(model, hidden, target).item<double>());
  }
  if (progress) progress(tiles * tiles, tiles * tiles);
  return drops;
}

Json values_json(const at::Tensor& values) {
  Json list = Json::array();
  for (int64_t i = 0; i < values.size(0); ++i) {
    if (values.dim() > 1) {
      list.push_back(values_json(values[i]));
      continue;
    }
    const double value = values[i].item<double>();
    list.push_back(std::isfinite(value) ? Json(value) : Json());
  }
  return list;
}

}  // namespace

std::span<const AttributionMethod> attribution_methods() {
  return table_of_methods;
}

WordTarget word_target(const TokenAgreement& agreement, const Segment& tokens) {
  WordTarget target;
  for (auto i = static_cast<size_t>(tokens.begin); i < static_cast<size_t>(tokens.end); ++i) {
    target.rows.push_back(agreement.positions.at(i) - 1);
    target.ids.push_back(agreement.ids.at(i));
  }
  return target;
}

at::Tensor word_log_probability(const MultimodalModel& model, const at::Tensor& hidden, const WordTarget& target) {
  const at::Tensor rows = hidden.index_select(0, at::tensor(target.rows, at::kLong).to(hidden.device()));
  const at::Tensor ids = at::tensor(target.ids, at::kLong).to(hidden.device()).unsqueeze(1);
  return to_compute_type(model.logits(rows)).log_softmax(-1).gather(1, ids).sum();
}

int64_t default_tile(const ModelConfig& config) {
  constexpr int64_t most_tiles = 8;
  const int64_t side = config.vision.image_size / config.vision.patch_size;
  return (side + most_tiles - 1) / most_tiles;
}

WordAttribution word_attribution(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixel_values,
                                 const WordTarget& target, int64_t tile, const AttributionProgress& progress) {
  if (!pixel_values.defined() || image_spans(sequence).empty())
    throw UserError("A word's patches need a picture, and the question has none.");
  const int64_t side = model.config().vision.image_size / model.config().vision.patch_size;
  if (tile < 1 || tile > side)
    throw UserError(fmt::format("A tile must have 1 to {} patches on a side, not {}.", side, tile));
  const at::NoGradGuard no_grad;
  WordAttribution result{.grid = visual_grid(model.config()), .tile = tile};
  const auto [by_gradient, log_p] = gradient_times_input(model, sequence, pixel_values, target);
  result.log_probability = log_p;
  const at::Tensor by_attention = attention_rollout(model, sequence, pixel_values, target);
  result.maps = {{&table_of_methods[0], on_grid(result.grid, by_gradient)},
                 {&table_of_methods[1], on_grid(result.grid, by_attention)},
                 {&table_of_methods[2], occlusion(model, sequence, pixel_values, target, tile, log_p, progress)}};
  return result;
}

Json word_attribution_json(const WordAttribution& attribution) {
  Json json{{"log_probability", attribution.log_probability},
            {"grid", {attribution.grid.rows, attribution.grid.columns}},
            {"tile", attribution.tile}};
  json["maps"] = Json::array();
  for (const PatchMap& map : attribution.maps)
    json["maps"].push_back({{"method", map.method->name},
                            {"label", map.method->label},
                            {"shows", map.method->shows},
                            {"cannot_show", map.method->cannot_show},
                            {"values", values_json(map.values)}});
  return json;
}

void write_word_attribution(const WordAttribution& teacher, const WordAttribution& student, const std::string& word,
                            const std::filesystem::path& file) {
  TensorMap tensors;
  std::map<std::string, std::string> metadata{{"format", "pt"}, {"word", word}};
  for (const auto& [name, of] : {std::pair("teacher", &teacher), std::pair("student", &student)}) {
    const std::string who = name;
    metadata[who + ".grid"] = fmt::format("{}x{}", of->grid.rows, of->grid.columns);
    metadata[who + ".log_probability"] = fmt::format("{}", of->log_probability);
    metadata[who + ".tile"] = fmt::format("{}", of->tile);
    for (const PatchMap& map : of->maps) tensors[fmt::format("{}.{}", who, map.method->name)] = map.values.contiguous();
  }
  for (const AttributionMethod& method : attribution_methods()) {
    metadata[fmt::format("{}.shows", method.name)] = method.shows;
    metadata[fmt::format("{}.cannot_show", method.name)] = method.cannot_show;
  }
  write_tensors(file, tensors, metadata);
}

}  // namespace llavakd
