// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A whole project that trains in milliseconds: byte tokenizer, 8×8 pictures, models of a few thousand parameters.
#include <fmt/format.h>
#include <png.h>

#include <filesystem>
#include <vector>

#include "core/checkpoint/save_checkpoint.h"
#include "core/models/multimodal_model.h"
#include "core/project/options.h"
#include "core/text/byte_alphabet.h"
#include "tests/core/checkpoint/tiny_model.h"

namespace llavakd {

inline void write_byte_tokenizer(const std::filesystem::path& folder) {
  using Json = nlohmann::ordered_json;
  Json vocabulary = Json::object();
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t c = character_of_byte(static_cast<uint8_t>(byte));
    const std::string text =
        c < 0x80 ? std::string(1, static_cast<char>(c))
                 : std::string{static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    vocabulary[text] = byte;
  }
  const Json end = {{"id", 256},       {"content", "<|endoftext|>"}, {"single_word", false}, {"lstrip", false},
                    {"rstrip", false}, {"normalized", false},        {"special", true}};
  const Json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
  std::filesystem::create_directories(folder);
  write_json(folder / "tokenizer.json",
             {{"version", "1.0"},
              {"added_tokens", Json::array({end})},
              {"normalizer", nullptr},
              {"pre_tokenizer", byte_level},
              {"decoder", byte_level},
              {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}});
  write_json(folder / "tokenizer_config.json", {{"eos_token", "<|endoftext|>"}, {"pad_token", "<|endoftext|>"}});
}

inline void write_picture(const std::filesystem::path& file, int seed) {
  std::vector<png_byte> pixels;
  for (int i = 0; i < 8 * 8 * 3; ++i)
    pixels.push_back(static_cast<png_byte>((i * 37 + seed * 91 + (i * i) % (seed + 5)) % 256));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 8;
  image.format = PNG_FORMAT_RGB;
  if (!png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), 0, nullptr))
    throw std::runtime_error("no picture");
}

/// Random weights that behave like trained ones: norms of 1, the rest small.
inline TensorMap small_parameters(const ModelConfig& config, uint64_t seed) {
  at::manual_seed(seed);
  TensorMap parameters;
  for (const auto& [name, shape] : parameter_shapes(config)) {
    const bool norm = name.find("norm") != std::string::npos && name.ends_with("weight");
    parameters[name] = norm ? at::ones(shape) : at::randn(shape) * 0.2;
  }
  return parameters;
}

inline ModelConfig config_of_width(int64_t width) {
  ModelConfig config = tiny_config(true);
  config.language.vocab_size = 260;
  config.language.hidden_size = width;
  config.language.head_dim = width / 4;
  config.language.max_position_embeddings = 256;
  config.language.eos_token_ids = {256};
  return config;
}

inline void write_models(const std::filesystem::path& folder) {
  write_byte_tokenizer(folder / "tokenizer");
  const ModelConfig small = config_of_width(8), large = config_of_width(16);
  const TensorMap student = small_parameters(small, 1);
  TensorMap teacher = small_parameters(large, 2);
  for (auto& [name, tensor] : teacher)
    if (part_of(name) == "vision_tower") tensor = student.at(name);
  save_checkpoint(folder / "student", small, student, {.tokenizer_from = folder / "tokenizer"});
  save_checkpoint(folder / "teacher", large, teacher, {.tokenizer_from = folder / "tokenizer"});
}

/// 10 samples with 4 pictures. The last one's question is so long that its answer is cut off.
inline void write_data(const std::filesystem::path& folder) {
  using Json = nlohmann::ordered_json;
  std::filesystem::create_directories(folder / "images");
  Json samples = Json::array(), questions = Json::array();
  const char* answers[] = {"a fox", "an ox and a hut", "two", "red"};
  for (int i = 0; i < 4; ++i) write_picture(folder / "images" / fmt::format("{}.png", i), i);
  for (int i = 0; i < 10; ++i) {
    const std::string question = i == 9 ? std::string(90, 'x') : fmt::format("What {}?", i);
    const Json turns = {{{"from", "human"}, {"value", "<image>\n" + question}},
                        {{"from", "gpt"}, {"value", answers[i % 4]}}};
    samples.push_back(
        {{"id", fmt::format("s{}", i)}, {"image", fmt::format("{}.png", i % 4)}, {"conversations", turns}});
    if (i < 4) {
      questions.push_back(samples.back());
      questions.back()["type"] = i % 2 == 0 ? "even" : "odd";
    }
  }
  write_json(folder / "data.json", samples);
  write_json(folder / "questions.json", questions);
}

inline StageOptions stage_of(const std::string& name, bool distils) {
  StageOptions stage{.name = name, .data = "data.json", .images = "images", .epochs = 10, .max_steps = 6};
  stage.batch_size = 4;
  stage.micro_batch_size = 2;
  stage.learning_rate = 0.01;
  if (name == "PT" || name == "DPT")
    stage.conversation_template = "pretrain";
  else
    stage.train = {"connector", "language_model"};
  if (distils)
    for (const char* term : {"mdist_response", "mdist_visual", "rdist"})
      stage.terms.push_back({.term = term, .weight = std::string(term) == "rdist" ? 0.5 : 1.0});
  return stage;
}

/// Writes everything that it names into `folder`.
inline Project write_tiny_project(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_models(folder);
  write_data(folder);
  Project project;
  project.name = "tiny";
  project.teacher.checkpoint = "teacher";
  project.student.checkpoint = "student";
  project.conversation_template = "no_system";
  project.max_length = 80;
  project.stages = {stage_of("PT", false), stage_of("DPT", true), stage_of("SFT", false), stage_of("DFT", true)};
  project.schedule = {"DPT", "SFT", "DFT"};
  project.run.precision = "fp32";
  project.run.threads = 1;
  project.run.checkpoint_every = 4;
  project.run.device = "cpu";
  return project;
}

}  // namespace llavakd
