// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <map>
#include <set>

#include "core/base/errors.h"
#include "core/image/processor_settings.h"
#include "core/image/processor_text.h"
#include "core/io/config_json.h"
#include "core/io/json_file.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/folder_keys.h"
#include "core/model_spec/model_config.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// Everything of a configuration that decides a number.
std::string fingerprint(const ModelConfig& c) {
  const auto tower = [](const VisionConfig& v) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}", v.model_type, v.hidden_size, v.intermediate_size,
                       v.num_hidden_layers, v.num_attention_heads, v.num_channels, v.image_size, v.patch_size,
                       v.layer_norm_eps, v.hidden_act, v.has_head, v.class_token, v.qkv_bias);
  };
  const LanguageConfig& l = c.language;
  const RopeScaling& r = l.rope_scaling;
  std::string text = tower(c.vision) + (c.second_vision ? tower(*c.second_vision) : "");
  text += fmt::format(" | {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", l.model_type,
                      l.vocab_size, l.hidden_size, l.intermediate_size, l.num_hidden_layers, l.num_attention_heads,
                      l.num_key_value_heads, l.head_dim, l.rotary_dim, l.max_position_embeddings, l.sliding_window,
                      l.norm_eps, l.rope_theta, l.hidden_act, static_cast<int>(l.norm), l.tie_word_embeddings,
                      l.qkv_bias, l.out_bias, l.mlp_bias, l.head_bias, l.qk_norm, l.scaled_embeddings,
                      l.bos_token_id.value_or(-1), fmt::join(l.eos_token_ids, ","));
  text += fmt::format(" | {} {} {} {} {} {} {} {} {}", r.type, r.factor, r.original_positions, r.low_frequency_factor,
                      r.high_frequency_factor, r.beta_fast, r.beta_slow, r.attention_factor, r.truncate);
  for (const LayerSizes& layer : l.own_layers)
    text += fmt::format(" {}/{}/{}", layer.heads, layer.key_value_heads, layer.intermediate);
  const ConnectorSizes& k = c.connector;
  return text +
         fmt::format(" | {} {} {} {} {} {} {} {} {} {} {}", c.connector_type, k.num_queries, k.num_resampler_layers,
                     k.qformer.hidden_size, k.qformer.num_hidden_layers, c.vision_feature_layer,
                     c.vision_feature_select_strategy, c.image_aspect_ratio, c.conversation_template, c.scaled_images,
                     c.tokenizer_model_max_length) +
         c.dtype;
}

/// The first model type that the list of a row means.
std::string first_type(std::string_view list, std::string_view otherwise) {
  if (!list.starts_with('!')) return std::string(list.empty() ? otherwise : list.substr(0, list.find(' ')));
  for (const std::string_view family : known_language_models())
    if (list.find(family) == std::string_view::npos) return std::string(family);
  throw std::logic_error("a row for no family");
}

Json language(const std::string& type) {
  Json json{{"model_type", type},       {"vocab_size", 32},
            {"hidden_size", 16},        {"intermediate_size", 24},
            {"num_hidden_layers", 2},   {"num_attention_heads", 2},
            {"num_key_value_heads", 2}, {"max_position_embeddings", 64}};
  if (type == "gemma") json["head_dim"] = 8;
  if (type == "openelm")
    json = {{"model_type", type},
            {"vocab_size", 32},
            {"model_dim", 16},
            {"head_dim", 8},
            {"num_query_heads", {2, 2}},
            {"num_kv_heads", {1, 1}},
            {"ffn_multipliers", {1.0, 2.4}},
            {"ffn_dim_divisor", 8},
            {"max_context_length", 64},
            {"num_transformer_layers", 2}};
  return json;
}

Json tower(const std::string& type) {
  Json json{{"model_type", type},       {"hidden_size", 16}, {"intermediate_size", 24}, {"num_hidden_layers", 3},
            {"num_attention_heads", 2}, {"image_size", 28},  {"patch_size", 7}};
  if (type == "dinov2") json.erase("intermediate_size");
  return json;
}

Json whole(const std::string& model_type, const std::string& family, const std::string& tower_type) {
  Json json{{"model_type", model_type}, {"text_config", language(family)}, {"vision_config", tower(tower_type)}};
  if (model_type == "tinyllava") json["connector_type"] = "mlp2x_gelu";
  return json;
}

Json image_processor() {
  return {{"image_processor_type", "CLIPImageProcessor"}, {"size", {{"shortest_edge", 28}}}, {"crop_size", 28}};
}

/// A value that a reader must notice, for keys whose plain change (a number by one, a flag turned) isn't enough.
const std::map<std::string, Json>& telling_values() {
  static const std::map<std::string, Json> values{
      {"model_type", "made_up"},
      {"hidden_act", "gelu"},
      {"text_config", {{"model_type", "made_up"}}},
      {"vision_config", {{"model_type", "made_up"}}},
      {"rope_scaling", {{"rope_type", "linear"}, {"factor", 2.0}}},
      {"rope_parameters", {{"rope_type", "linear"}, {"factor", 2.0}}},
      {"eos_token_id", {3, 4}},
      {"bos_token_id", 3},
      {"rope_theta", 5000.0},
      {"rope_freq_constant", 5000.0},
      {"partial_rotary_factor", 0.75},
      {"rms_norm_eps", 1e-3},
      {"layer_norm_eps", 1e-3},
      {"hidden_size", 32},
      {"num_attention_heads", 4},
      {"num_key_value_heads", 1},
      {"num_hidden_layers", 4},
      {"head_dim", 4},
      {"sliding_window", 8},
      {"use_sliding_window", true},
      {"hidden_activation", "gelu"},
      {"num_query_heads", {4, 4}},
      {"num_kv_heads", {2, 2}},
      {"ffn_multipliers", {1.0, 3.0}},
      {"ffn_dim_divisor", 16},
      {"num_transformer_layers", 3},
      {"model_dim", 32},
      {"activation_fn_name", "gelu"},
      {"normalization_layer_name", "layer_norm"},
      {"share_input_output_layers", false},
      {"normalize_qk_projections", false},
      {"ffn_with_glu", false},
      {"type", "linear"},
      {"rope_type", "linear"},
      {"truncate", false},
      {"short_factor", {2.0, 2.0, 2.0, 2.0}},
      {"long_factor", {2.0, 2.0, 2.0, 2.0}},
      {"vision_use_head", false},
      {"qkv_bias", false},
      {"patch_size", 14},
      {"image_size", 14},
      {"mlp_ratio", 2},
      {"image_aspect_ratio", "pad"},
      {"conversation_template", "no_system"},
      {"vision_feature_layer", -1},
      {"vision_feature_select_strategy", "full"},
      {"mm_vision_select_layer", -1},
      {"mm_vision_select_feature", "cls_patch"},
      {"projector_hidden_act", "relu"},
      {"multimodal_projector_bias", false},
      {"connector_type", "linear"},
      {"mm_projector_type", "mlp2x_gelu"},
      {"mm_patch_merge_type", "spatial_unpad"},
      {"mm_vision_tower", "elsewhere"},
      {"transformers_version", "5.0.0"},
      {"torch_dtype", "bfloat16"},
      {"dtype", "bfloat16"},
      {"vision_model_name_or_path", "mof:clip"},
      {"vision_model_name_or_path2", "mof:dinov2"},
      {"vision_config2", {{"model_type", "made_up"}}},
      {"num_channels", 1},
      {"max_window_layers", 0},
      {"qformer_config", {{"hidden_size", 24}}},
      {"pruned_heads", {{"0", {1}}}},
      {"image_processor_type", "MadeUpImageProcessor"},
      {"feature_extractor_type", "MadeUpFeatureExtractor"},
      {"do_resize", false},
      {"size", 14},
      {"default_to_square", true},
      {"resample", 2},
      {"do_center_crop", false},
      {"crop_size", 14},
      {"do_rescale", false},
      {"rescale_factor", 0.5},
      {"do_normalize", false},
      {"image_mean", 0.25},
      {"image_std", 0.25},
      {"pad_size", 56},
      {"mm_resampler_type", "perceiver"},
  };
  return values;
}

Json value_for(const ConfigKey& row) {
  if (row.fate == KeyFate::no_effect) {
    // Of another type than anybody would write, but for the copies that other programs write of OpenELM's.
    if (row.only == "openelm" && row.key == "tie_word_embeddings") return false;
    if (row.only == "openelm" && row.key == "hidden_act") return "gelu";
    return 5;
  }
  const auto found = telling_values().find(std::string(row.key));
  if (found != telling_values().end()) return found->second;
  if (row.harmless == "[0]") return 0.5;
  if (row.harmless == "[1]") return 2;
  return row.fate == KeyFate::read && std::set<std::string_view>{"vocab_size",
                                                                 "intermediate_size",
                                                                 "factor",
                                                                 "beta_fast",
                                                                 "max_position_embeddings",
                                                                 "low_freq_factor",
                                                                 "high_freq_factor",
                                                                 "beta_slow",
                                                                 "mscale",
                                                                 "mscale_all_dim",
                                                                 "attention_factor",
                                                                 "original_max_position_embeddings",
                                                                 "max_window_layers",
                                                                 "num_channels",
                                                                 "num_queries",
                                                                 "num_resampler_layers",
                                                                 "tokenizer_model_max_length",
                                                                 "max_context_length"}
                                          .contains(row.key)
             ? Json(3)
             : Json(true);
}

/// A model's folder in which a key can be changed.
struct Folder {
  QTemporaryDir dir;
  fs::path path() const { return dir.path().toStdString(); }
  void write(const std::string& name, const Json& json) const {
    fs::create_directories((path() / name).parent_path());
    write_json(path() / name, json);
  }
};

/// The file and the object in it whose key is changed.
struct Place {
  std::string file = "config.json";
  std::string layout = "tinyllava_hf";
  Json json;
  std::vector<std::string> within;  ///< Keys that lead to the object.

  Json& object() {
    Json* at = &json;
    for (const std::string& key : within) at = &(*at)[key];
    return *at;
  }
};

Json rope_base(std::string_view key) {
  if (key == "low_freq_factor" || key == "high_freq_factor" || key == "original_max_position_embeddings")
    return {{"rope_type", "llama3"},
            {"factor", 2.0},
            {"original_max_position_embeddings", 32},
            {"low_freq_factor", 1.0},
            {"high_freq_factor", 4.0}};
  if (key == "rope_type" || key == "rope_theta" || key == "partial_rotary_factor") return {{"factor", 2.0}};
  if (key == "short_factor" || key == "long_factor")
    return {{"rope_type", "longrope"},
            {"factor", 2.0},
            {"short_factor", {1.0, 1.0, 1.0, 1.0}},
            {"long_factor", {1.0, 1.0, 1.0, 1.0}}};
  if (key == "type") return {{"factor", 2.0}};
  Json yarn{{"rope_type", "yarn"}, {"factor", 2.0}};
  if (key == "mscale") yarn["mscale_all_dim"] = 2.0;
  if (key == "mscale_all_dim") yarn["mscale"] = 2.0;
  return yarn;
}

Place place_of(const ConfigKey& row) {
  const std::string key(row.key);
  switch (row.place) {
    case KeyPlace::config:
    case KeyPlace::text: {
      Place place{.json = whole("tinyllava", first_type(row.only, "llama"), "siglip_vision_model"),
                  .within = {"text_config"}};
      if (key == "sliding_window" || key == "max_window_layers" || key == "layer_types") {
        place.json["text_config"] = language("mistral");
        if (key != "sliding_window") {
          place.json["text_config"] = language("qwen2");
          place.json["text_config"].update({{"use_sliding_window", true}, {"sliding_window", 8}});
        }
      }
      if (key == "use_sliding_window")
        place.json["text_config"].update({{"sliding_window", 8}, {"max_window_layers", 0}});
      if (key == "original_max_position_embeddings")
        place.json["text_config"].update({{"model_type", "llama"}, {"rope_scaling", rope_base("")}});
      if (key == "layer_types") place.json["text_config"]["layer_types"] = {"full_attention", "full_attention"};
      return place;
    }
    case KeyPlace::rope: {
      Place place{.json = whole("tinyllava", first_type(row.only, "llama"), "siglip_vision_model"),
                  .within = {"text_config", "rope_scaling"}};
      place.json["text_config"]["rope_scaling"] = rope_base(row.key);
      return place;
    }
    case KeyPlace::vision:
      return {.json = whole("tinyllava", "llama", first_type(row.only, "siglip_vision_model")),
              .within = {"vision_config"}};
    case KeyPlace::top: {
      Place place{.json = whole(first_type(row.only, "tinyllava"), key == "transformers_version" ? "gemma" : "llama",
                                "siglip_vision_model")};
      if (key == "num_queries" || key == "num_resampler_layers")
        place.json.update({{"connector_type", "resampler"}, {"num_queries", 4}, {"num_resampler_layers", 1}});
      if (key == "model_type") place.json.erase("connector_type");  // which llava-hf doesn't know
      if (key == "qformer_config") place.json.update({{"connector_type", "qformer"}, {"num_queries", 4}});
      return place;
    }
    case KeyPlace::llava: {
      Json json = language("llama");
      json.update({{"model_type", "llava_llama"}, {"mm_vision_tower", "tower"}});
      if (key == "transformers_version") json.update({{"model_type", "llava_gemma"}, {"head_dim", 8}});
      return {.layout = "llava", .json = json};
    }
    case KeyPlace::image_processor: {
      Json json = image_processor();
      if (key == "feature_extractor_type") json.erase("image_processor_type");
      if (key == "do_center_crop") json["size"] = {{"height", 28}, {"width", 28}};
      if (key == "default_to_square") json["size"] = 28;
      if (key == "do_pad") json["image_processor_type"] = "LlavaImageProcessor";
      if (key == "pad_size") json["do_pad"] = true;
      return {.file = "preprocessor_config.json", .json = json};
    }
    case KeyPlace::processor:
      return {.file = "processor_config.json", .json = Json::object()};
    case KeyPlace::tokenizer_config:
      return {.file = "tokenizer_config.json", .json = Json::object()};
    case KeyPlace::generation:
      return {.file = "generation_config.json", .json = Json::object()};
    case KeyPlace::gguf:
    case KeyPlace::data_entry:
    case KeyPlace::data_turn:
    case KeyPlace::adapter:
      break;
  }
  return {};
}

/// What the folder comes to, in words: the configuration, its picture settings and end tokens.
std::string meaning(const fs::path& folder, const std::string& file) {
  const ModelConfig config = read_model_config(folder);
  const std::string text =
      file.find("processor") == std::string::npos ? fingerprint(config) : processor_text(read_processor(folder));
  return text + fmt::format(" | {}", fmt::join(end_tokens_of(folder, config.language.eos_token_ids), ","));
}

void write_folder(const Folder& folder, const Place& place) {
  folder.write("tower/config.json", tower("clip_vision_model"));
  if (place.file != "config.json") folder.write("config.json", whole("tinyllava", "llama", "siglip_vision_model"));
  folder.write(place.file, place.json);
}

/// The refusal is of that key's value: of itself, or where another key needs it, of that one.
bool names(const std::string& refusal, const std::string& key) {
  static const std::map<std::string, std::string> needed_by{{"max_window_layers", "use_sliding_window"},
                                                            {"layer_types", "use_sliding_window"},
                                                            {"num_transformer_layers", "num_query_heads"}};
  const auto other = needed_by.find(key);
  return refusal.find(key) != std::string::npos || refusal.find("made_up") != std::string::npos ||
         (other != needed_by.end() && refusal.find(other->second) != std::string::npos);
}

QString name(const ConfigKey& row) {
  return QString::fromStdString(fmt::format("{}: {} {}", name_of(row.place), row.key, row.only));
}

}  // namespace

class TestConfigKeys : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachKeyIsWhatTheTableSays_data() {
    QTest::addColumn<int>("index");
    const auto rows = config_keys();
    // Those of other files have tests of their own: tst_gguf_keys, tst_json_source, tst_lora_settings.
    for (size_t i = 0; i < rows.size(); ++i)
      if (rows[i].place < KeyPlace::gguf) QTest::newRow(qPrintable(name(rows[i]))) << int(i);
  }
  void eachKeyIsWhatTheTableSays() {
    QFETCH(const int, index);
    const ConfigKey row = config_keys()[size_t(index)];
    // Held by the tests of the tokenizers.
    if (row.place == KeyPlace::tokenizer_config && row.fate == KeyFate::read) return;
    // The weights decide it together with the key: held by the tests of the layouts.
    if (row.place == KeyPlace::top && row.key == "tie_word_embeddings") return;
    Place place = place_of(row);
    const Folder folder;
    write_folder(folder, place);
    const std::string before = meaning(folder.path(), place.file);

    const std::string key(row.key);
    Json value = value_for(row);
    if (key == "layer_types") value = {"sliding_attention", "full_attention"};
    if (row.place == KeyPlace::top && key == "model_type") value = "llava";
    if (row.place == KeyPlace::processor && key == "image_processor") value = image_processor();
    place.object()[key] = value;
    folder.write(place.file, place.json);
    std::string after;
    std::string refusal;
    try {
      after = meaning(folder.path(), place.file);
    } catch (const UserError& error) {
      refusal = error.what();
    }
    const std::string warnings =
        refusal.empty() ? fmt::format("{}", fmt::join(passed_over_in(folder.path(), place.layout), "\n")) : "";
    const QByteArray told = QByteArray::fromStdString(refusal + warnings);
    switch (row.fate) {
      case KeyFate::read:
        QVERIFY2(refusal.empty() ? after != before : names(refusal, key),
                 refusal.empty() ? "it changes nothing" : told.constData());
        QVERIFY2(warnings.empty(), told.constData());
        break;
      case KeyFate::no_effect:
        QCOMPARE(QString::fromStdString(refusal + after), QString::fromStdString(before));
        QVERIFY2(warnings.empty(), told.constData());
        break;
      case KeyFate::refused:
        QVERIFY2(refusal.find(": " + key + " is ") != std::string::npos, told.constData());
        break;
      case KeyFate::warned:
        QCOMPARE(QString::fromStdString(refusal + after), QString::fromStdString(before));
        QVERIFY2(warnings.find(": " + key + " is ") != std::string::npos, told.constData());
        break;
    }
  }

  void harmlessValuesSayNothing() {
    for (const ConfigKey& row : config_keys()) {
      if (row.harmless.empty()) continue;
      for (const Json& value : Json::parse(row.harmless)) {
        const Json object{{std::string(row.key), value}};
        const KeyHolder holder{{row.place}, first_type(row.only, "llama"), "here"};
        refuse_keys(object, holder);
        QVERIFY(passed_over(object, holder).empty());
      }
    }
  }

  void unknownKeysAreNamed() {
    for (const KeyPlace place :
         {KeyPlace::top, KeyPlace::text, KeyPlace::vision, KeyPlace::rope, KeyPlace::llava, KeyPlace::image_processor,
          KeyPlace::processor, KeyPlace::tokenizer_config, KeyPlace::generation}) {
      const KeyHolder holder{{place, KeyPlace::config}, "llama", "a file"};
      const auto one = passed_over({{"made_up", 3}, {"nothing", nullptr}}, holder);
      QCOMPARE(one.size(), size_t(1));
      QCOMPARE(QString::fromStdString(one[0]),
               QString("a file: keys that aren't known here are passed over: made_up (3)."));
    }
    Json many;
    for (int i = 0; i < 8; ++i) many[fmt::format("key{}", i)] = i;
    const auto told = passed_over(many, {{KeyPlace::generation}, "", "a file"});
    QVERIFY(told.at(0).ends_with("key4 (4) and 3 more."));
  }

  /// KEYS.md is the table. With LLAVAKD_WRITE_KEYS set it is written again.
  void theReadmeIsTheTable() {
    std::string text =
        "# The keys of files that people bring\n\n"
        "What becomes of each key that Hugging Face's libraries, TinyLLaVA, LLaVA, PEFT and llama.cpp write. A value "
        "of "
        "a key that is read\nis obeyed or refused; can't matter: it changes no number here; refused and warned of: by "
        "name, but for the harmless values.\nA key without a row is warned of by name. tst_config_keys feeds each and "
        "holds this file equal to `config_keys_*.cpp`.\n";
    KeyPlace place = KeyPlace::generation;
    bool first = true;
    for (const ConfigKey& row : config_keys()) {
      if (first || row.place != place)
        text += fmt::format("\n## {}\n\n| key | families | | |\n|---|---|---|---|\n", name_of(row.place));
      first = false;
      place = row.place;
      std::string description(row.description);
      if (!row.harmless.empty())
        description += fmt::format("; harmless: `{}`", row.harmless.substr(1, row.harmless.size() - 2));
      const std::string families =
          row.only.starts_with('!') ? fmt::format("all but {}", row.only.substr(1)) : std::string(row.only);
      text += fmt::format("| `{}` | {} | {} | {} |\n", row.key, families, name_of(row.fate), description);
    }
    const fs::path file = fs::path(LLAVAKD_SOURCE_DIR) / "core/model_spec/KEYS.md";
    if (qEnvironmentVariableIsSet("LLAVAKD_WRITE_KEYS")) std::ofstream(file) << text;
    std::ifstream stream(file);
    const std::string written{std::istreambuf_iterator<char>(stream), {}};
    QCOMPARE(QString::fromStdString(written), QString::fromStdString(text));
  }
};

QTEST_GUILESS_MAIN(TestConfigKeys)
#include "tst_config_keys.moc"
