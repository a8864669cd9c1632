// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/image/decode.h"
#include "core/image/processor.h"
#include "core/model_spec/foreign_config.h"
#include "core/text/tokenizer.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

struct TokensOptions {
  std::string tokenizer, text, lines;
  bool has_text = false, json = false;
};

/// Each line of the file is one JSON string, so that any text, newlines included, can be given.
std::vector<std::string> read_lines(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw UserError(fmt::format("{} can't be read.", file));
  std::vector<std::string> texts;
  std::string line;
  for (int64_t number = 1; std::getline(stream, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_string())
      throw UserError(fmt::format("{}, line {}: each line must be one JSON string.", file, number));
    texts.push_back(json.get<std::string>());
  }
  return texts;
}

int run_tokens(const TokensOptions& options) {
  if (options.has_text == !options.lines.empty()) throw UserError("Give either --text or --lines.");
  const Tokenizer tokenizer = Tokenizer::load(options.tokenizer);
  const auto texts = options.has_text ? std::vector{options.text} : read_lines(options.lines);
  for (const auto& text : texts) {
    const auto ids = tokenizer.encode(text);
    if (options.json) {
      std::cout << Json(ids).dump() << '\n';
      continue;
    }
    for (const int64_t id : ids)
      std::cout << fmt::format(
          "{:>8}  {}\n", id,
          Json(tokenizer.decode(std::vector{id})).dump(-1, ' ', false, Json::error_handler_t::replace));
    std::cout << fmt::format("{} tokens\n", ids.size());
  }
  return exit_done;
}

struct PixelsOptions {
  std::string image, processor, aspect = "square", out;
};

int run_pixels(const PixelsOptions& options) {
  refuse_unwritable(options.out);
  const ImageProcessor processor = find_processor(image_processor_folder(options.processor).string());
  const auto values = pixel_values(read_image(options.image), processor, aspect_ratio_from_name(options.aspect));
  const at::Tensor tensor = at::tensor(values, at::kFloat).view({3, processor.height, processor.width});
  write_tensors(options.out, {{"pixel_values", tensor}});
  return exit_done;
}

}  // namespace

void add_input_commands(CommandLine& line) {
  auto tokens = std::make_shared<TokensOptions>();
  CLI::App* command =
      line.add("tokens", "The ids that a tokenizer makes of a text.", [tokens] { return run_tokens(*tokens); });
  command->add_option("--tokenizer", tokens->tokenizer, "Folder with tokenizer.json, or vocab.json and merges.txt.")
      ->required();
  command->add_option("--text", tokens->text, "The text.")->each([tokens](const std::string&) {
    tokens->has_text = true;
  });
  command->add_option("--lines", tokens->lines, "File with one JSON string a line.");
  command->add_flag("--json", tokens->json, "One array of ids a line.");

  auto pixels = std::make_shared<PixelsOptions>();
  command = line.add("pixels", "What a vision tower sees of a picture.", [pixels] { return run_pixels(*pixels); });
  command->add_option("--image", pixels->image, "A picture: JPEG, PNG, WebP, BMP, GIF or TIFF.")->required();
  command
      ->add_option("--processor", pixels->processor,
                   "Checkpoint folder, preprocessor_config.json, or a name such as siglip-so400m-patch14-384.")
      ->required();
  command->add_option("--aspect", pixels->aspect, "square or pad.")->capture_default_str();
  command->add_option("--out", pixels->out, "Safetensors file with pixel_values, float32 [3, H, W].")->required();
}

}  // namespace llavakd
