// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/io/foreign_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"
#include "core/text/added_token_json.h"
#include "core/text/byte_alphabet.h"
#include "core/text/sentencepiece_model.h"
#include "core/text/tiktoken.h"
#include "core/text/tokenizer_builder.h"
#include "core/text/tokenizer_json.h"
#include "core/text/tokenizer_model_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// Reads a folder.
class FolderReader {
 public:
  explicit FolderReader(fs::path folder);
  std::shared_ptr<const TokenizerData> read();

 private:
  void read_tokenizer_json();
  void read_vocab_and_merges();
  void read_sentencepiece(const fs::path& path);
  void read_tiktoken_file(const fs::path& path);
  void read_config_tokens();
  void read_special_tokens();
  void check_prefix_space(const Json& normalizer, const Json& pre_tokenizer) const;
  std::optional<SpecialToken> named_token(const Json& json, const std::string& place);
  std::optional<SpecialToken> special_token(const char* key);
  Json optional_json(const char* name) const;
  bool has(const char* name) const;
  /// tokenizer_class without "Fast", or nothing.
  std::string tokenizer_class() const;
  bool is_llama_or_gemma() const;

  fs::path folder_;
  std::string config_path_;
  Json config_;
  Json special_map_;
  TokenizerBuilder builder_;
};

FolderReader::FolderReader(fs::path folder)
    : folder_(std::move(folder)),
      config_path_((folder_ / "tokenizer_config.json").string()),
      config_(optional_json("tokenizer_config.json")),
      special_map_(optional_json("special_tokens_map.json")) {}

Json FolderReader::optional_json(const char* name) const {
  if (!has(name)) return Json::object();
  Json json = read_json(folder_ / name);
  if (!json.is_object()) throw UserError(fmt::format("{} must hold an object.", (folder_ / name).string()));
  return json;
}

bool FolderReader::has(const char* name) const {
  std::error_code error;
  return fs::exists(folder_ / name, error);
}

std::string FolderReader::tokenizer_class() const {
  if (!config_.contains("tokenizer_class") || config_["tokenizer_class"].is_null()) return "";
  std::string kind = text_at(config_, "tokenizer_class", config_path_);
  if (kind.ends_with("Fast")) kind.resize(kind.size() - 4);
  return kind;
}

bool FolderReader::is_llama_or_gemma() const {
  const std::string kind = tokenizer_class();
  return kind == "LlamaTokenizer" || kind == "CodeLlamaTokenizer" || kind == "GemmaTokenizer";
}

/// transformers builds these classes again by "add_prefix_space", so that a file which says otherwise isn't followed.
void FolderReader::check_prefix_space(const Json& normalizer, const Json& pre_tokenizer) const {
  const auto wanted = config_.find("add_prefix_space");
  if (wanted == config_.end() || !wanted->is_boolean()) return;
  const auto type_is = [](const Json& json, const char* type) {
    return json.is_object() && json.value("type", Json()) == type;
  };
  bool in_file = *wanted == true;
  if (tokenizer_class() == "GPT2Tokenizer" && type_is(pre_tokenizer, "ByteLevel")) {
    in_file = pre_tokenizer.value("add_prefix_space", Json(true)) == true;
  } else if (is_llama_or_gemma() && *wanted == false) {
    in_file = normalizer.dump().find("\"Prepend\"") != std::string::npos ||
              (type_is(pre_tokenizer, "Metaspace") && pre_tokenizer.value("prepend_scheme", Json("always")) != "never");
  }
  if (in_file == (*wanted == true)) return;
  throw UserError(
      fmt::format("{}: add_prefix_space is {}, but tokenizer.json puts {} space in front of a text; "
                  "make the two agree.",
                  config_path_, wanted->dump(), in_file ? "a" : "no"));
}

void FolderReader::read_tokenizer_json() {
  const std::string where = (folder_ / "tokenizer.json").string();
  const Json json = read_json(folder_ / "tokenizer.json");
  const Json& model = required_key(json, "model", where);
  const auto part = [&](const char* key) {
    return json.contains(key) ? json[key] : Json();
  };
  check_prefix_space(part("normalizer"), part("pre_tokenizer"));
  TokenizerData& data = builder_.data();
  data.normalizer = Normalizer::from_json(part("normalizer"), where + ": normalizer");
  data.pre_tokenizer = PreTokenizer::from_json(part("pre_tokenizer"), where + ": pre_tokenizer");
  read_model(model, where + ": model", builder_);
  const bool bytes_alone = part("decoder").is_null() && data.pre_tokenizer.byte_level();
  data.decoder = bytes_alone ? Decoder::byte_level() : Decoder::from_json(part("decoder"), where + ": decoder");
  read_added_tokens(part("added_tokens"), where + ": added_tokens", builder_);
  // Beside tokenizer.json add_bos_token says nothing (transformers 5.24); where the two differ folder_keys.cpp tells.
  data.adds_bos = post_processor_adds_bos(part("post_processor"));
}

void FolderReader::read_vocab_and_merges() {
  const fs::path vocab = folder_ / "vocab.json";
  const fs::path merges = folder_ / "merges.txt";
  builder_.add_vocabulary(read_json(vocab), vocab.string());
  auto model = builder_.byte_level_bpe(false);
  builder_.set_merges(*model, merges_of_file(merges), merges.string());
  TokenizerData& data = builder_.data();
  data.model = std::move(model);
  data.decoder = Decoder::byte_level();
  const std::string kind = tokenizer_class();
  if (kind.empty()) {
    throw UserError(
        fmt::format("{}: there is no tokenizer.json, and no tokenizer_class here says how vocab.json and "
                    "merges.txt are meant (Qwen2Tokenizer, GPT2Tokenizer, CodeGenTokenizer).",
                    config_path_));
  }
  if (kind == "Qwen2Tokenizer") {
    data.normalizer.add_form(NormalForm::nfc);
    data.pre_tokenizer = PreTokenizer::named("qwen2", config_path_);
  } else if (kind == "GPT2Tokenizer" || kind == "CodeGenTokenizer") {
    data.pre_tokenizer = PreTokenizer::gpt2(flag_at(config_, "add_prefix_space", false, config_path_));
    data.adds_bos = flag_at(config_, "add_bos_token", false, config_path_);
  } else {
    throw UserError(
        fmt::format("{}: without a tokenizer.json the tokenizer_class '{}' is not supported; "
                    "Qwen2Tokenizer, GPT2Tokenizer and CodeGenTokenizer are.",
                    config_path_, kind));
  }
}

/// tokenizer.model of SentencePiece with the rules of LlamaTokenizer: "legacy" leaves the space in front to the model,
/// which puts it behind special tokens too; otherwise it is at the beginning of the whole text only.
void FolderReader::read_sentencepiece(const fs::path& path) {
  const auto file = MappedFile::open(path);
  refuse_foreign_file(path, file->text());
  const bool llama = tokenizer_class() == "LlamaTokenizer" || tokenizer_class() == "CodeLlamaTokenizer";
  const bool first_only = llama && !flag_at(config_, "legacy", true, config_path_);
  const bool prefix = !llama || flag_at(config_, "add_prefix_space", true, config_path_);
  auto model = std::make_unique<SentencePieceModel>(file->text(), !first_only && prefix, path.string());
  TokenizerData& data = builder_.data();
  if (first_only) {
    const Json step{{"type", "Metaspace"},
                    {"replacement", metaspace_character},
                    {"prepend_scheme", prefix ? "first" : "never"},
                    {"split", false}};
    data.pre_tokenizer = PreTokenizer::from_json(step, path.string());
  }
  data.decoder = Decoder::sentencepiece(first_only ? prefix : model->adds_prefix());
  const auto pieces = model->pieces();
  for (size_t id = 0; id < pieces.size(); ++id) {
    builder_.add_token(pieces[id].text, static_cast<int32_t>(id), path.string());
  }
  for (size_t id = 0; id < pieces.size(); ++id) {
    using Kind = SentencePieceModel::Kind;
    const bool special = pieces[id].kind == Kind::control || pieces[id].kind == Kind::unknown;
    // Otherwise the library finds the user-defined pieces, behind a space that it puts in front.
    if (!special && !(first_only && pieces[id].kind == Kind::user_defined)) continue;
    AddedToken token = special_added_token(pieces[id].text, static_cast<int64_t>(id));
    token.special = special;
    builder_.add(std::move(token), path.string());
  }
  data.model = std::move(model);
  // LlamaTokenizer's own names, where no file gives others.
  if (builder_.special_token("<s>")) data.bos = builder_.special_token("<s>");
  data.eos = builder_.special_token("</s>");
  data.unk = builder_.special_token("<unk>");
  data.adds_bos = flag_at(config_, "add_bos_token", llama || is_llama_or_gemma(), config_path_);
}

/// Byte-level BPE without a list of merges: two neighbours merge when they make a token, that of lowest rank first.
void FolderReader::read_tiktoken_file(const fs::path& path) {
  const std::string where = path.string();
  const TiktokenFamily family = tiktoken_family(path);
  const TiktokenRanks ranks = read_tiktoken(path);
  TextMap<int32_t> ids;
  for (const auto& [bytes, rank] : ranks) {
    ids.emplace(bytes, rank);
    std::string text;
    for (const char byte : bytes) append_utf8(text, character_of_byte(static_cast<uint8_t>(byte)));
    builder_.add_token(text, rank, where);
  }
  TokenizerData& data = builder_.data();
  if (family.nfc) data.normalizer.add_form(NormalForm::nfc);
  data.pre_tokenizer = PreTokenizer::named(family.pre_tokenizer, where);
  data.decoder = Decoder::byte_level();
  auto model = builder_.byte_level_bpe(true);  // a whole word that is a token stays whole
  std::vector<Cut> cuts;
  for (const auto& [bytes, rank] : ranks) {
    const auto each = cuts_of(bytes, rank, ids, true, where);
    cuts.insert(cuts.end(), each.begin(), each.end());
  }
  model->merges = MergeTable(cuts.size());
  for (const Cut& cut : cuts) model->merges.insert(cut.left, cut.right, {cut.joined, cut.joined});
  data.model = std::move(model);
  for (const std::string& special : family.special) builder_.add(special_added_token(special, data.max_id + 1), where);
  if (!family.bos.empty()) data.bos = builder_.special_token(std::string(family.bos));
  data.eos = builder_.special_token(std::string(family.eos));
  data.adds_bos = data.bos.has_value();
}

/// Added tokens that only tokenizer_config.json or added_tokens.json name.
void FolderReader::read_config_tokens() {
  const auto decoder = config_.find("added_tokens_decoder");
  if (decoder != config_.end() && decoder->is_object()) {
    for (const auto& item : decoder->items()) {
      const std::string place = fmt::format("{}: added_tokens_decoder[\"{}\"]", config_path_, item.key());
      const bool digits =
          !item.key().empty() && item.key().size() < 10 &&
          std::all_of(item.key().begin(), item.key().end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) throw UserError(fmt::format("{}: the key must be a token id.", place));
      builder_.add(added_token_of(item.value(), std::stoll(item.key()), place), place);
    }
  }
  const std::string path = (folder_ / "added_tokens.json").string();
  const Json ids = optional_json("added_tokens.json");
  for (const auto& item : ids.items()) {
    if (item.key().empty()) throw UserError(fmt::format("{}: an added token has an empty text.", path));
    const int32_t id = token_id_of(item.value(), fmt::format("{}[\"{}\"]", path, item.key()));
    builder_.add(special_added_token(item.key(), id), path);
  }
}

/// A token that a key names is found in texts too; one without an id gets the next, as transformers does it.
std::optional<SpecialToken> FolderReader::named_token(const Json& json, const std::string& place) {
  const Json text = json.is_object() ? json.value("content", Json()) : json;
  if (!text.is_string() || text.get_ref<const std::string&>().empty()) return std::nullopt;
  const std::string content = text.get<std::string>();
  const auto known = builder_.special_token(content);
  const int64_t id = known ? known->id : builder_.data().max_id + 1;
  AddedToken token = json.is_object() ? added_token_of(json, id, place) : special_added_token(content, id);
  token.special = true;
  builder_.add(std::move(token), place);
  return builder_.special_token(content);
}

std::optional<SpecialToken> FolderReader::special_token(const char* key) {
  for (const Json* source : {&config_, &special_map_}) {
    const auto it = source->find(key);
    if (it == source->end()) continue;
    if (auto token = named_token(*it, fmt::format("{}: {}", folder_.string(), key))) return token;
  }
  return std::nullopt;
}

/// In transformers' order, which gives new tokens their ids.
void FolderReader::read_special_tokens() {
  TokenizerData& data = builder_.data();
  if (auto token = special_token("bos_token")) data.bos = token;
  if (auto token = special_token("eos_token")) data.eos = token;
  if (auto token = special_token("unk_token")) data.unk = token;
  special_token("sep_token");
  if (auto token = special_token("pad_token")) data.pad = token;
  special_token("cls_token");
  special_token("mask_token");
  for (const Json* source : {&config_, &special_map_}) {
    const auto more = source->find("additional_special_tokens");
    if (more == source->end() || !more->is_array()) continue;
    for (const Json& each : *more) named_token(each, folder_.string() + ": additional_special_tokens");
  }
}

std::shared_ptr<const TokenizerData> FolderReader::read() {
  if (has("tokenizer.json")) {
    read_tokenizer_json();
  } else if (has("vocab.json") && has("merges.txt")) {
    read_vocab_and_merges();
  } else if (has("tokenizer.model")) {
    const fs::path path = folder_ / "tokenizer.model";
    if (looks_like_tiktoken(MappedFile::open(path)->text())) {
      read_tiktoken_file(path);
    } else {
      read_sentencepiece(path);
    }
  } else if (has("qwen.tiktoken")) {
    read_tiktoken_file(folder_ / "qwen.tiktoken");
  } else {
    throw UserError(fmt::format(
        "{}: no tokenizer here (tokenizer.json, vocab.json with merges.txt, tokenizer.model or qwen.tiktoken).",
        folder_.string()));
  }
  read_config_tokens();
  read_special_tokens();
  builder_.data().legacy = flag_at(config_, "legacy", true, config_path_);
  return builder_.finish();
}

}  // namespace

std::shared_ptr<const TokenizerData> load_tokenizer_data(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw UserError(fmt::format("{}: there is no such folder to read a tokenizer from.", folder.string()));
  }
  return FolderReader(folder).read();
}

}  // namespace llavakd
