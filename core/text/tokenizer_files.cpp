// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "core/io/json_file.h"
#include "core/project/errors.h"
#include "core/text/byte_alphabet.h"
#include "core/text/merges.h"
#include "core/text/tokenizer_data.h"
#include "core/text/tokenizer_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

void append_normalizers(const Json& json, const std::string& where, int depth, std::vector<NormalForm>& out) {
  if (json.is_null()) return;
  const std::string type = text_at(json, "type", where);
  if (type == "Sequence" && depth == 0) {
    const Json& steps = required_key(json, "normalizers", where);
    if (!steps.is_array()) throw UserError(fmt::format("{}.normalizers must be a list.", where));
    for (const Json& step : steps) append_normalizers(step, where + ".normalizers", depth + 1, out);
    return;
  }
  static const std::map<std::string, NormalForm> forms{
      {"NFC", NormalForm::nfc}, {"NFD", NormalForm::nfd}, {"NFKC", NormalForm::nfkc}, {"NFKD", NormalForm::nfkd}};
  const auto form = forms.find(type);
  if (form == forms.end()) {
    throw UserError(fmt::format("{}: the normalizer '{}' isn't supported; NFC, NFD, NFKC and NFKD are.", where, type));
  }
  out.push_back(form->second);
}

AddedToken added_token_of(const Json& json, int64_t id, const std::string& where) {
  AddedToken token;
  token.id = id;
  token.content = text_at(json, "content", where);
  if (token.content.empty()) throw UserError(fmt::format("{}: an added token has an empty content.", where));
  token.single_word = flag_at(json, "single_word", false, where);
  token.lstrip = flag_at(json, "lstrip", false, where);
  token.rstrip = flag_at(json, "rstrip", false, where);
  token.special = flag_at(json, "special", false, where);
  token.normalized = flag_at(json, "normalized", !token.special, where);
  return token;
}

/// A tokenizer in the making.
class Builder {
 public:
  explicit Builder(fs::path folder) : folder_(std::move(folder)), data_(std::make_shared<TokenizerData>()) {}

  void read_tokenizer_json();
  void read_vocab_and_merges();
  void read_config();
  std::shared_ptr<const TokenizerData> finish();

 private:
  void check_kind(const Json& model, const std::string& where) const;
  void set_vocabulary(const Json& vocab, const std::string& where);
  void set_merges(const std::vector<TokenPair>& merges, const std::string& where);
  void set_unknown(const Json& model, const std::string& where);
  void add(AddedToken token);
  void read_config_tokens(const Json& config, const std::string& where);
  std::optional<SpecialToken> special_token(const char* key) const;
  bool post_processor_adds_bos(const Json& processor) const;
  Json optional_json(const char* name) const;

  fs::path folder_;
  std::shared_ptr<TokenizerData> data_;
  Json config_ = Json::object();
  Json special_map_ = Json::object();
  std::unordered_set<std::string> added_contents_;
};

Json Builder::optional_json(const char* name) const {
  const fs::path path = folder_ / name;
  std::error_code error;
  if (!fs::exists(path, error)) return Json::object();
  Json json = read_json(path);
  if (!json.is_object()) throw UserError(fmt::format("{} must hold an object.", path.string()));
  return json;
}

void Builder::check_kind(const Json& model, const std::string& where) const {
  // Older files leave the type out of a BPE model.
  const std::string type =
      model.is_object() && !model.contains("type") && model.contains("merges") ? "BPE" : text_at(model, "type", where);
  if (type != "BPE") {
    throw UserError(fmt::format("{}: the tokenizer model {} is not supported; byte-level BPE is.", where, type));
  }
  if (flag_at(model, "byte_fallback", false, where)) {
    throw UserError(
        fmt::format("{}: BPE with byte_fallback (SentencePiece-style) is not supported; byte-level BPE is.", where));
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const auto it = model.find(key);
    if (it != model.end() && !it->is_null() && !(it->is_string() && it->get_ref<const std::string&>().empty())) {
      throw UserError(fmt::format("{}.{} {} is not supported; byte-level BPE goes without.", where, key, it->dump()));
    }
  }
  const auto dropout = model.find("dropout");
  if (dropout != model.end() && !dropout->is_null() && *dropout != 0.0) {
    throw UserError(fmt::format("{}.dropout {} would make ids random; set it to null.", where, dropout->dump()));
  }
}

void Builder::set_vocabulary(const Json& vocab, const std::string& where) {
  if (!vocab.is_object()) {
    throw UserError(fmt::format("{} must be an object of integers, but it is {}.", where, vocab.type_name()));
  }
  data_->ids.reserve(vocab.size() * 2);
  for (const auto& item : vocab.items()) {
    const int32_t id = token_id_of(item.value(), fmt::format("{}[\"{}\"]", where, item.key()));
    const auto [known, inserted] = data_->tokens.emplace(id, item.key());
    if (!inserted) {
      throw UserError(fmt::format("{}: '{}' and '{}' have the same id {}.", where, known->second, item.key(), id));
    }
    data_->ids.emplace(item.key(), id);
    data_->max_id = std::max<int64_t>(data_->max_id, id);
  }
  for (int byte = 0; byte < 256; ++byte) {
    std::string token;
    append_utf8(token, character_of_byte(static_cast<uint8_t>(byte)));
    const auto it = data_->ids.find(token);
    data_->bpe.byte_ids[static_cast<size_t>(byte)] = it == data_->ids.end() ? -1 : static_cast<int32_t>(it->second);
  }
}

void Builder::set_merges(const std::vector<TokenPair>& merges, const std::string& where) {
  const auto id_of = [&](const std::string& token, size_t rank) {
    const auto it = data_->ids.find(token);
    if (it == data_->ids.end()) {
      const auto& [left, right] = merges[rank];
      throw UserError(fmt::format("{}[{}]: the merge '{} {}' needs the token '{}', which is not in the vocabulary.",
                                  where, rank, left, right, token));
    }
    return static_cast<int32_t>(it->second);
  };
  data_->bpe.merges = MergeTable(merges.size());
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    data_->bpe.merges.insert(id_of(left, rank), id_of(right, rank),
                             {static_cast<int32_t>(rank), id_of(left + right, rank)});
  }
}

void Builder::set_unknown(const Json& model, const std::string& where) {
  data_->bpe.fuse_unk = flag_at(model, "fuse_unk", false, where);
  const auto unk = model.find("unk_token");
  if (unk == model.end() || unk->is_null()) return;
  const auto known = data_->ids.find(text_at(model, "unk_token", where));
  if (known != data_->ids.end()) data_->bpe.unk_id = static_cast<int32_t>(known->second);
}

void Builder::add(AddedToken token) {
  // The same text again is the same token: the first id stays.
  if (!added_contents_.insert(token.content).second) return;
  data_->ids[token.content] = token.id;
  // tokenizers decodes a normalized token to the text that it was found as.
  data_->tokens[token.id] = token.normalized ? data_->normalize(token.content) : token.content;
  data_->special[token.id] = token.special;
  data_->max_id = std::max(data_->max_id, token.id);
  data_->added.push_back(std::move(token));
}

/// `post_processor` of tokenizer.json: only a TemplateProcessing puts tokens around a text.
bool Builder::post_processor_adds_bos(const Json& processor) const {
  if (!processor.is_object() || !processor.contains("type")) return false;
  if (processor["type"] == "Sequence" && processor.contains("processors") && processor["processors"].is_array()) {
    for (const Json& part : processor["processors"]) {
      if (part.is_object() && part.value("type", Json()) != "Sequence" && post_processor_adds_bos(part)) return true;
    }
    return false;
  }
  if (processor["type"] != "TemplateProcessing" || !processor.contains("single")) return false;
  const Json& single = processor["single"];
  return single.is_array() && !single.empty() && single[0].is_object() && single[0].contains("SpecialToken");
}

void Builder::read_tokenizer_json() {
  const fs::path path = folder_ / "tokenizer.json";
  const std::string where = path.string();
  const Json json = read_json(path);
  const Json& model = required_key(json, "model", where);
  check_kind(model, where + ": model");
  const auto part = [&](const char* key) {
    return json.contains(key) ? json[key] : Json();
  };
  append_normalizers(part("normalizer"), where + ": normalizer", 0, data_->normalizers);
  data_->pre_tokenizer = PreTokenizer::from_json(part("pre_tokenizer"), where + ": pre_tokenizer");
  set_vocabulary(required_key(model, "vocab", where + ": model"), where + ": model.vocab");
  set_merges(merges_of_json(required_key(model, "merges", where + ": model"), where + ": model.merges"),
             where + ": model.merges");
  set_unknown(model, where + ": model");
  data_->bpe.ignore_merges = flag_at(model, "ignore_merges", false, where + ": model");
  if (data_->bpe.ignore_merges) {
    for (const auto& [id, token] : data_->tokens) {
      data_->bpe.words.emplace(bytes_of_token(token), static_cast<int32_t>(id));
    }
  }
  const Json added = part("added_tokens");
  if (!added.is_null() && !added.is_array()) throw UserError(fmt::format("{}: added_tokens must be a list.", where));
  for (size_t i = 0; i < added.size(); ++i) {
    const std::string place = fmt::format("{}: added_tokens[{}]", where, i);
    add(added_token_of(added[i], token_id_of(required_key(added[i], "id", place), place), place));
  }
  data_->adds_bos = post_processor_adds_bos(part("post_processor"));
}

void Builder::read_vocab_and_merges() {
  const fs::path vocab = folder_ / "vocab.json";
  const fs::path merges = folder_ / "merges.txt";
  set_vocabulary(read_json(vocab), vocab.string());
  set_merges(merges_of_file(merges), merges.string());
  const fs::path path = folder_ / "tokenizer_config.json";
  if (!config_.contains("tokenizer_class")) {
    throw UserError(
        fmt::format("{}: there is no tokenizer.json, and no tokenizer_class here says how vocab.json and "
                    "merges.txt are meant (Qwen2Tokenizer, GPT2Tokenizer, CodeGenTokenizer).",
                    path.string()));
  }
  std::string kind = text_at(config_, "tokenizer_class", path.string());
  if (kind.ends_with("Fast")) kind.resize(kind.size() - 4);
  if (kind == "Qwen2Tokenizer") {
    data_->normalizers = {NormalForm::nfc};
    data_->pre_tokenizer = PreTokenizer::qwen2();
  } else if (kind == "GPT2Tokenizer" || kind == "CodeGenTokenizer") {
    data_->pre_tokenizer = PreTokenizer::gpt2(flag_at(config_, "add_prefix_space", false, path.string()));
    data_->adds_bos = flag_at(config_, "add_bos_token", false, path.string());
  } else {
    throw UserError(
        fmt::format("{}: without a tokenizer.json the tokenizer_class '{}' is not supported; "
                    "Qwen2Tokenizer, GPT2Tokenizer and CodeGenTokenizer are.",
                    path.string(), kind));
  }
}

/// Added tokens that only tokenizer_config.json or added_tokens.json name.
void Builder::read_config_tokens(const Json& config, const std::string& where) {
  const auto decoder = config.find("added_tokens_decoder");
  if (decoder != config.end() && decoder->is_object()) {
    for (const auto& item : decoder->items()) {
      const std::string place = fmt::format("{}: added_tokens_decoder[\"{}\"]", where, item.key());
      const bool digits =
          !item.key().empty() && item.key().size() < 10 &&
          std::all_of(item.key().begin(), item.key().end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) throw UserError(fmt::format("{}: the key must be a token id.", place));
      add(added_token_of(item.value(), std::stoll(item.key()), place));
    }
  }
  const std::string path = (folder_ / "added_tokens.json").string();
  const Json ids = optional_json("added_tokens.json");
  for (const auto& item : ids.items()) {
    if (item.key().empty()) throw UserError(fmt::format("{}: an added token has an empty text.", path));
    AddedToken token;
    token.content = item.key();
    token.id = token_id_of(item.value(), fmt::format("{}[\"{}\"]", path, item.key()));
    token.special = true;
    add(token);
  }
}

std::optional<SpecialToken> Builder::special_token(const char* key) const {
  for (const Json* source : {&config_, &special_map_}) {
    const auto it = source->find(key);
    if (it == source->end() || it->is_null()) continue;
    const Json text = it->is_object() ? it->value("content", Json()) : *it;
    if (!text.is_string()) continue;
    const auto id = data_->ids.find(text.get<std::string>());
    if (id != data_->ids.end()) return SpecialToken{id->first, id->second};
  }
  return std::nullopt;
}

void Builder::read_config() {
  config_ = optional_json("tokenizer_config.json");
  special_map_ = optional_json("special_tokens_map.json");
}

std::shared_ptr<const TokenizerData> Builder::finish() {
  read_config_tokens(config_, (folder_ / "tokenizer_config.json").string());
  std::sort(data_->added.begin(), data_->added.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  for (const AddedToken& token : data_->added) {
    if (token.normalized) {
      data_->normalized_finder.add(token, data_->normalize(token.content));
    } else {
      data_->raw_finder.add(token, token.content);
    }
  }
  data_->bos = special_token("bos_token");
  data_->eos = special_token("eos_token");
  data_->pad = special_token("pad_token");
  data_->unk = special_token("unk_token");
  data_->adds_bos = data_->adds_bos && data_->bos.has_value();
  data_->legacy = flag_at(config_, "legacy", true, (folder_ / "tokenizer_config.json").string());
  return data_;
}

}  // namespace

std::shared_ptr<const TokenizerData> load_tokenizer_data(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw UserError(fmt::format("{}: there is no such folder to read a tokenizer from.", folder.string()));
  }
  Builder builder(folder);
  builder.read_config();
  if (fs::exists(folder / "tokenizer.json", error)) {
    builder.read_tokenizer_json();
  } else if (fs::exists(folder / "vocab.json", error) && fs::exists(folder / "merges.txt", error)) {
    builder.read_vocab_and_merges();
  } else if (fs::exists(folder / "tokenizer.model", error)) {
    throw UserError(
        fmt::format("{}: a SentencePiece or tiktoken file, which is not supported; byte-level BPE (tokenizer.json) is.",
                    (folder / "tokenizer.model").string()));
  } else {
    throw UserError(
        fmt::format("{}: no tokenizer here (tokenizer.json, or vocab.json with merges.txt).", folder.string()));
  }
  return builder.finish();
}

}  // namespace llavakd
