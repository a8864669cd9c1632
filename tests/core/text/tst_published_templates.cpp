// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>
#include <filesystem>

#include "core/io/json_file.h"
#include "core/text/conversation.h"
#include "core/text/label_reason.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

const fs::path data = fs::path(LLAVAKD_TEST_DATA_DIR) / "text";

/// The base tokenizer with the template's marks as further tokens, as make_templates.py builds it.
Tokenizer tokenizer_for(const Json& want, const fs::path& folder) {
  Json json = read_json(data / want["base"].get<std::string>() / "tokenizer.json");
  int64_t next = 0;
  std::vector<std::string> known;
  for (const auto& [token, id] : json["model"]["vocab"].items()) next = std::max(next, id.get<int64_t>() + 1);
  for (const Json& token : json["added_tokens"]) {
    next = std::max(next, token["id"].get<int64_t>() + 1);
    known.push_back(token["content"]);
  }
  for (const Json& mark : want["marks"]) {
    if (std::ranges::find(known, mark.get<std::string>()) != known.end()) continue;
    json["added_tokens"].push_back({{"id", next++},
                                    {"content", mark},
                                    {"single_word", false},
                                    {"lstrip", false},
                                    {"rstrip", false},
                                    {"normalized", false},
                                    {"special", true}});
  }
  if (want["adds_bos"] == true)
    json["post_processor"] = {{"type", "TemplateProcessing"},
                              {"single", Json::array({{{"SpecialToken", {{"id", want["bos"]}, {"type_id", 0}}}},
                                                      {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}})}};
  write_json(folder / "tokenizer.json", json);
  Json config{{"eos_token", want["eos"]}};
  if (!want["bos"].is_null()) config["bos_token"] = want["bos"];
  write_json(folder / "tokenizer_config.json", config);
  return Tokenizer::load(folder);
}

Conversation conversation_named(const std::string& name) {
  if (name == "picture") {
    return {"s",
            {{Speaker::human, "What is  this? <image>"},
             {Speaker::gpt, " A dog.\n"},
             {Speaker::human, " And now, \n"},
             {Speaker::gpt, "\n\nTwo dogs."}},
            1};
  }
  return {
      "s", {{Speaker::human, "Say it's 12!"}, {Speaker::gpt, "é 12"}, {Speaker::human, "more"}, {Speaker::gpt, ""}}, 0};
}

}  // namespace

class TstPublishedTemplates : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void idsAndLabelsAreThoseOfTransformers_data() {
    QTest::addColumn<QString>("name");
    for (const ConversationTemplate& form : conversation_templates())
      if (form.is_published())
        QTest::newRow(std::string(form.name).c_str()) << QString::fromStdString(std::string(form.name));
  }
  void idsAndLabelsAreThoseOfTransformers() {
    QFETCH(const QString, name);
    const ConversationTemplate& form = conversation_template(name.toStdString());
    const Json want = read_json(data / "templates/expected.json").at(name.toStdString());
    const QTemporaryDir folder;
    const Tokenizer tokenizer = tokenizer_for(want, folder.path().toStdString());
    QVERIFY2(!template_fault(tokenizer, form), template_fault(tokenizer, form).value_or("").c_str());
    for (const auto& [key, row] : want["conversations"].items()) {
      const Conversation conversation = conversation_named(key);
      const EncodedConversation made = encode_conversation(tokenizer, form, conversation, 2048);
      QCOMPARE(QString::fromStdString(made.prompt), QString::fromStdString(row["text"]));
      QCOMPARE(made.input_ids, row["ids"].get<std::vector<int64_t>>());
      QCOMPARE(made.labels, row["labels"].get<std::vector<int64_t>>());
      const auto prompt = make_prompt(tokenizer, form, {"s", {conversation.turns.front()}, conversation.images}, 1);
      QVERIFY(std::equal(prompt.input_ids.begin(), prompt.input_ids.end(), made.input_ids.begin()));
      QVERIFY(made.labels[prompt.input_ids.size()] != ignore_index);
      QCOMPARE(made.labels[prompt.input_ids.size() - 1], ignore_index);
    }
  }

  void aTokenizerWithoutTheMarksIsToldApart() {
    const Tokenizer plain = Tokenizer::load(data / "qwen2");
    for (const ConversationTemplate& form : conversation_templates())
      if (form.is_published()) QVERIFY2(template_fault(plain, form), std::string(form.name).c_str());
    const QTemporaryDir folder;
    Json want = read_json(data / "templates/expected.json").at("qwen_chatml");
    want["marks"] = {"<|im_end|>"};
    const auto fault =
        template_fault(tokenizer_for(want, folder.path().toStdString()), conversation_template("qwen_chatml"));
    QVERIFY(fault && fault->find("written with <|im_start|>") != std::string::npos);
  }

  void anEndTokenInATextIsNoMismatch() {
    const QTemporaryDir folder;
    const Json want = read_json(data / "templates/expected.json").at("qwen_chatml");
    const Tokenizer tokenizer = tokenizer_for(want, folder.path().toStdString());
    const Sequence s = make_sequence(tokenizer, conversation_template("qwen_chatml"),
                                     {"s", {{Speaker::human, "a"}, {Speaker::gpt, "it is <|im_end|>."}}, 0}, 1, 2048);
    QVERIFY(!s.skipped);
  }
};

QTEST_GUILESS_MAIN(TstPublishedTemplates)
#include "tst_published_templates.moc"
