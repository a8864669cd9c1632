// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/evaluation/generate.h"
#include "core/model_spec/matching.h"
#include "core/model_spec/model_facts.h"
#include "core/models/multimodal_model.h"
#include "tests/golden/bad_item.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// The words of a bad config.json that its refusal must name.
const std::map<std::string, std::string> named_fault{{"no_text_config", "text_config"},
                                                     {"no_hidden_size", "hidden_size"},
                                                     {"hidden_size_text", "hidden_size"},
                                                     {"hidden_size_huge", "hidden_size"},
                                                     {"layers_huge", "num_hidden_layers"},
                                                     {"layers_float", "num_hidden_layers"},
                                                     {"heads_zero", "num_attention_heads"},
                                                     {"heads_not_divisor", "num_attention_heads"},
                                                     {"kv_heads_bad", "num_key_value_heads"},
                                                     {"negative_layers", "num_hidden_layers"},
                                                     {"patch_zero", "patch_size"},
                                                     {"unknown_llm", "mamba2"},
                                                     {"unknown_connector", "connector"},
                                                     {"unknown_select", "everything"},
                                                     {"feature_layer_out", "-99"},
                                                     {"vocab_too_small", "[10, "},
                                                     {"eps_nan", "JSON"},
                                                     {"truncated", "JSON"},
                                                     {"array", "object"},
                                                     {"deep", "deep"}};

}  // namespace

/// Checkpoints of every layout that must open, and damaged ones that must be refused; facts from headers alone.
class GoldenCheckpoints : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void opens_data() { golden::add_cases(); }
  void opens() {
    QFETCH(const QString, name);
    const fs::path folder = golden::root / "vlm" / name.toStdString();
    for (const char* role : {"teacher", "student"}) {
      const bool split = fs::exists(folder / role / "connector"), foreign = name == "k_llava_hf";
      const std::string layout = split ? "split" : foreign ? "llava_hf" : "tinyllava_hf";
      const Checkpoint checkpoint = open_checkpoint(folder / role);
      QCOMPARE(checkpoint.layout, layout);
      const MultimodalModel model(checkpoint.config, checkpoint.parameters);
      QVERIFY(model.parameters().at("connector._connector.0.weight").is_contiguous());
      const ModelFacts facts = read_model_facts(folder / role);
      QCOMPARE(facts.layout, layout);
      QVERIFY2(facts.faults.empty(), facts.faults.empty() ? "" : facts.faults.front().c_str());
      QCOMPARE(facts.visual_tokens, checkpoint.config.visual_tokens());
    }
    const ModelFacts teacher = read_model_facts(folder / "teacher"), student = read_model_facts(folder / "student");
    const auto sizes = read_json(folder / "expected.json")["vocab_size"];
    const bool equal = sizes["teacher"] == sizes["student"];
    const bool larger = student.total_parameters > teacher.total_parameters;
    QCOMPARE(worst_level(compare_models(teacher, student)), equal && !larger ? MatchLevel::green : MatchLevel::amber);
  }

  void gguf() {
    const auto expected = read_json(golden::root / "gguf/expected.json")["qwen2_tiny.gguf"]["forward"];
    const Checkpoint opened = open_language_model(golden::root / "gguf/qwen2_tiny.gguf");
    const MultimodalModel model(opened.config, opened.parameters);
    const auto ids = expected["ids"].get<std::vector<int64_t>>();
    const at::Tensor embeddings = model.embed(at::tensor(ids, at::kLong).unsqueeze(0), {}, {});
    const at::Tensor logits = model.logits(model.hidden_states(embeddings, {}))[0];
    QVERIFY(std::abs(logits.abs().sum(at::kDouble).item<double>() / expected["logits"]["abs_sum"].get<double>() - 1) <
            1e-5);
    for (const auto& [row, key] : {std::pair(0, "[0,:8]"), std::pair(-1, "[-1,:8]")}) {
      const at::Tensor slice = at::tensor(expected["logits"]["slices"][key].get<std::vector<double>>(), at::kFloat);
      QVERIFY(at::allclose(logits[row].slice(0, 0, 8), slice, 1e-4, 5e-5));
    }
    const Sequence prompt{.input_ids = ids};
    QCOMPARE(generate(model, prompt, {}, {}, 12), expected["greedy_12"].get<std::vector<int64_t>>());
  }

  void refuses_data() {
    QTest::addColumn<QString>("file");
    for (const auto& item : golden::bad_items()) {
      const auto file = item["file"].get<std::string>();
      // Broken tokenizers are the tokenizer's business; the old format is refused here, which INDEX.json allows.
      if (item["target"] != "checkpoint" || file.starts_with("bad/tokenizer")) continue;
      QTest::newRow(file.c_str()) << QString::fromStdString(file);
    }
  }

  void refuses() {
    QFETCH(const QString, file);
    const QTemporaryDir folder;
    const fs::path checkpoint = fs::path(folder.path().toStdString()) / "checkpoint";
    golden::materialize(golden::bad_item(file.toStdString()), checkpoint);
    try {
      open_checkpoint(checkpoint);
      QFAIL("accepted");
    } catch (const UserError& error) {
      const std::string message = error.what();
      QVERIFY2(message.find(checkpoint) != std::string::npos, error.what());
      if (file.startsWith("bad/config/"))
        QVERIFY2(message.find(named_fault.at(fs::path(file.toStdString()).stem())) != std::string::npos, error.what());
    }
    QVERIFY(!fs::exists("LLAVAKD_PWNED_MARKER"));
  }
};

std::unique_ptr<QObject> golden::make_checkpoints() {
  return std::make_unique<GoldenCheckpoints>();
}

#include "golden_checkpoints.moc"
