// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/text/conversation.h"
#include "core/text/tokenizer.h"
#include "tests/golden/bad_item.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

std::vector<int64_t> ids_of(const Json& json) {
  return json.get<std::vector<int64_t>>();
}

Conversation conversation_of(const Json& sample) {
  Conversation conversation;
  conversation.id = sample["id"];
  conversation.images = sample.contains("image") ? 1 : 0;
  for (const Json& turn : sample["conversations"]) {
    conversation.turns.push_back({turn["from"] == "human" ? Speaker::human : Speaker::gpt, turn["value"]});
  }
  return conversation;
}

const Json& by_id(const Json& list, const Json& id) {
  return *std::find_if(list.begin(), list.end(), [&](const Json& each) { return each["id"] == id; });
}

}  // namespace

/// Ids, decoded texts, prompts and labels against Hugging Face's tokenizers and TinyLLaVA's templates.
class GoldenText : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void idsAndTexts_data();
  void idsAndTexts();
  void conversations_data();
  void conversations();
  void hostileTokenizers_data();
  void hostileTokenizers();
};

void GoldenText::idsAndTexts_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"qwen", "phi", "llama", "llama_legacy", "gemma"}) QTest::addRow("%s", name) << name;
  // The real vocabulary isn't stored; a folder with it may be named (index.json says where it comes from).
  if (qEnvironmentVariableIsSet("LLAVAKD_QWEN3_TOKENIZER")) QTest::addRow("qwen3_real") << "qwen3_real";
}

void GoldenText::idsAndTexts() {
  QFETCH(const QString, name);
  const std::string folder = name.toStdString();
  const bool real = folder == "qwen3_real";
  const Tokenizer tokenizer =
      Tokenizer::load(real ? fs::path(qEnvironmentVariable("LLAVAKD_QWEN3_TOKENIZER").toStdString())
                           : golden::root / "tokenizer" / folder);
  const Json index = read_json(golden::root / "tokenizer" / "index.json");
  if (!real) QCOMPARE(tokenizer.size(), index["tokenizers"][folder]["size"].get<int64_t>());
  const Json strings = read_json(golden::root / "tokenizer" / "strings.json");
  const Json expected = read_json(golden::root / "tokenizer" / ("expected_" + folder + ".json"));
  QCOMPARE(expected.size(), strings.size());
  for (size_t i = 0; i < strings.size(); ++i) {
    const auto text = strings[i].get<std::string>();
    QVERIFY2(tokenizer.encode(text) == ids_of(expected[i]), strings[i].dump().c_str());
  }
  if (real) return;
  for (const Json& each : read_json(golden::root / "tokenizer" / ("decode_" + folder + ".json"))) {
    const auto ids = ids_of(each["ids"]);
    QVERIFY2(tokenizer.decode(ids) == each["text"].get<std::string>(), each.dump().c_str());
    QVERIFY2(tokenizer.decode(ids, true) == each["text_skip_special"].get<std::string>(), each.dump().c_str());
  }
}

void GoldenText::conversations_data() {
  golden::add_cases();
}

void GoldenText::conversations() {
  QFETCH(const QString, name);
  const fs::path folder = golden::root / "vlm" / name.toStdString();
  const Tokenizer tokenizer = Tokenizer::load(folder / "student");
  const Json expected = read_json(folder / "expected.json");
  const Json inputs = read_json(folder / "case.json");
  const Json samples = read_json(folder / "sample.json");
  const auto max_length = inputs["max_length"].get<int64_t>();
  const auto visual_tokens = expected["n_visual"].get<int64_t>();
  QCOMPARE(tokenizer.size(), expected["tokenizer_size"].get<int64_t>());
  QVERIFY(!first_difference(Tokenizer::load(folder / "teacher"), tokenizer));

  for (const Json& want : expected["samples"]) {
    const std::string id = want["id"];
    const auto& form = conversation_template(inputs["template"][id].get<std::string>());
    Conversation conversation = conversation_of(by_id(samples, want["id"]));
    const EncodedConversation encoded = encode_conversation(tokenizer, form, conversation, max_length);
    QCOMPARE(encoded.prompt, want["prompt"].get<std::string>());
    QVERIFY2(encoded.input_ids == ids_of(want["input_ids"]), id.c_str());
    QVERIFY2(encoded.labels == ids_of(want["labels_before_image"]), id.c_str());
    QCOMPARE(encoded.tokenization_mismatch, want["tokenization_mismatch"].get<bool>());

    const Sequence sequence = make_sequence(tokenizer, form, conversation, visual_tokens, max_length);
    QVERIFY2(sequence.labels == ids_of(want["labels"]), id.c_str());
    QCOMPARE(static_cast<int64_t>(sequence.input_ids.size()), want["expanded_length"].get<int64_t>());
    const std::string skipped = want.contains("skipped") && want["skipped"].is_string() ? want["skipped"] : "";
    QCOMPARE(sequence.skipped.has_value(), !skipped.empty());

    const auto visual = std::find_if(sequence.segments.begin(), sequence.segments.end(),
                                     [](const Segment& s) { return s.kind == SegmentKind::visual; });
    if (want["visual_span"].is_null()) {
      QVERIFY(visual == sequence.segments.end());
    } else {
      QVERIFY(visual != sequence.segments.end());
      QCOMPARE(visual->begin, want["visual_span"][0].get<int64_t>());
      QCOMPARE(visual->end - visual->begin, want["visual_span"][1].get<int64_t>());
    }

    if (!want.contains("generation") || !want["generation"].is_object()) continue;
    const Json& generation = want["generation"];
    conversation.turns.pop_back();
    const Sequence prompt = make_prompt(tokenizer, form, conversation, 1);
    QCOMPARE(prompt.prompt, generation["prompt"].get<std::string>());
    QVERIFY2(prompt.input_ids == ids_of(generation["input_ids"]), id.c_str());
    for (const char* role : {"teacher", "student"}) {
      const Json& answer = generation[role];
      QCOMPARE(tokenizer.decode(ids_of(answer["ids"]), true), answer["text"].get<std::string>());
    }
  }
}

void GoldenText::hostileTokenizers_data() {
  QTest::addColumn<QString>("file");
  for (const Json& item : golden::bad_items()) {
    const auto file = item["file"].get<std::string>();
    if (file.starts_with("bad/tokenizer/")) QTest::addRow("%s", file.c_str()) << QString::fromStdString(file);
  }
}

void GoldenText::hostileTokenizers() {
  QFETCH(const QString, file);
  const QTemporaryDir folder;
  const fs::path broken = fs::path(folder.path().toStdString()) / "checkpoint";
  const Json& item = golden::bad_item(file.toStdString());
  golden::materialize(item, broken);
  if (file.endsWith("student_ids_differ_from_teacher.json")) {
    const fs::path base = golden::root / item["overlay"]["base"].get<std::string>();
    QVERIFY(first_difference(Tokenizer::load(base), Tokenizer::load(broken)).has_value());
    return;
  }
  if (file.endsWith("id_beyond_embedding.json")) {
    QCOMPARE(Tokenizer::load(broken).max_id(), 1'000'000);
    return;
  }
  try {
    Tokenizer::load(broken);
    QFAIL("it was accepted");
  } catch (const UserError& error) {
    const std::string message = error.what();
    QVERIFY2(message.find("tokenizer.json") != std::string::npos, message.c_str());
  }
}

std::unique_ptr<QObject> golden::make_text() {
  return std::make_unique<GoldenText>();
}

#include "golden_text.moc"
