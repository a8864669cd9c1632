// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <QtTest>
#include <cmath>
#include <map>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/lora_settings.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// Everything of the settings that decides a merged weight.
std::string meaning(const LoraSettings& settings) {
  std::string text = fmt::format("{} {} {} {} {} {} {} {}", settings.rank, settings.alpha, settings.rank_stabilised,
                                 settings.magnitudes, static_cast<int>(settings.base_change), settings.keeps_tie,
                                 fmt::join(settings.modules_to_save, ","), fmt::join(settings.target_parameters, ","));
  for (const auto& [module, ids] : settings.tokens) text += fmt::format(" {}={}", module, fmt::join(ids, ","));
  for (const char* module : {"a.q_proj", "a.v_proj"})
    text += fmt::format(" {} {}", settings.rank_of(module), settings.scale_of(module));
  return text;
}

/// For keys that are read: a value that settings must show, or that is refused.
const std::map<std::string_view, Json> values{{"peft_type", "IA3"},
                                              {"r", 4},
                                              {"lora_alpha", 3},
                                              {"use_rslora", true},
                                              {"rank_pattern", {{"q_proj", 3}}},
                                              {"alpha_pattern", {{"q_proj", 3}}},
                                              {"use_dora", true},
                                              {"bias", "some"},
                                              {"init_lora_weights", "pissa"},
                                              {"modules_to_save", {"lm_head"}},
                                              {"target_parameters", {"q_proj.weight"}},
                                              {"trainable_token_indices", {1, 2}},
                                              {"ensure_weight_tying", true}};

}  // namespace

class TestLoraSettings : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachKeyIsWhatTheTableSays_data() {
    QTest::addColumn<int>("index");
    const auto rows = adapter_keys();
    for (size_t i = 0; i < rows.size(); ++i) QTest::newRow(rows[i].key.data()) << int(i);
  }

  void eachKeyIsWhatTheTableSays() {
    QFETCH(const int, index);
    const ConfigKey& row = adapter_keys()[size_t(index)];
    // Where the base is, is no setting: held by the tests of the layouts.
    if (row.key == "base_model_name_or_path") return;
    const std::string key(row.key), before = meaning(read({}));
    const Json value = row.fate == KeyFate::read ? values.at(row.key) : Json(5);
    std::string after, refusal;
    std::vector<std::string> warnings;
    try {
      const LoraSettings settings = read({{key, value}});
      after = meaning(settings);
      warnings = settings.warnings;
    } catch (const UserError& error) {
      refusal = error.what();
    }
    QVERIFY2(warnings.empty(), fmt::format("{}", fmt::join(warnings, "; ")).c_str());
    if (row.fate == KeyFate::read) {
      QVERIFY2(refusal.empty() ? after != before : key == "peft_type" || key == "bias", refusal.c_str());
    } else if (row.fate == KeyFate::refused) {
      QVERIFY2(refusal.find(key + " is 5; this version can't do ") != std::string::npos, refusal.c_str());
    } else {
      QCOMPARE(refusal + after, before);
    }
    // What an adapter writes that doesn't use the key.
    QVERIFY_THROWS_NO_EXCEPTION(read({{key, nullptr}}));
    if (!row.harmless.empty())
      for (const Json& harmless : Json::parse(row.harmless)) QCOMPARE(meaning(read({{key, harmless}})), before);
  }

  void namesKeysThatItDoesNotKnow() {
    const auto warnings = read({{"use_something_new", true}, {"nothing", nullptr}}).warnings;
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY2(warnings[0].find("use_something_new (true)") != std::string::npos, warnings[0].c_str());
  }

  void takesTheFirstPatternThatMatches() {
    const LoraSettings settings = read({{"r", 8},
                                        {"lora_alpha", 16},
                                        {"use_rslora", true},
                                        {"rank_pattern", {{"layers.0.self_attn.q_proj", 4}, {"q_proj", 2}}},
                                        {"alpha_pattern", {{".*_proj", 6}}}});
    QCOMPARE(settings.rank_of("model.layers.0.self_attn.q_proj"), int64_t{4});
    QCOMPARE(settings.rank_of("model.layers.1.self_attn.q_proj"), int64_t{2});
    QCOMPARE(settings.rank_of("model.layers.1.mlp.fc1"), int64_t{8});
    QCOMPARE(settings.scale_of("model.layers.0.self_attn.q_proj"), 6 / std::sqrt(4.0));
    QCOMPARE(settings.scale_of("model.layers.1.mlp.fc1"), 16 / std::sqrt(8.0));
  }

  void refusesWrongValues() {
    for (const Json& wrong : std::vector<Json>{{{"r", 0}},
                                               {{"rank_pattern", {{"q_proj", "four"}}}},
                                               {{"rank_pattern", {{"(", 4}}}},
                                               {{"trainable_token_indices", {-1}}},
                                               {{"trainable_token_indices", "all"}},
                                               {{"modules_to_save", {1}}},
                                               {{"init_lora_weights", "unheard of"}}})
      QVERIFY_THROWS_EXCEPTION(UserError, read(wrong));
  }

 private:
  LoraSettings read(const Json& change) const {
    Json json{{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}};
    json.update(change.is_null() ? Json::object() : change);
    const fs::path file = fs::path(m_folder.path().toStdString()) / "adapter_config.json";
    write_json(file, json);
    return read_lora_settings(file);
  }

  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestLoraSettings)
#include "tst_lora_settings.moc"
