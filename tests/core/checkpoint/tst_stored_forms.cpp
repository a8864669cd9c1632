// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/model_spec/model_facts.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const std::string up_proj = "language_model.model.layers.0.mlp.up_proj.weight";

bool mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

/// "a.b.c" -> "a.WRAPPER.b.c", where the name has a module of that number.
std::string wrapped(std::string name, size_t modules, const std::string& wrapper) {
  size_t at = 0;
  for (size_t i = 0; i < modules; ++i) {
    const size_t dot = name.find('.', at);
    if (dot == std::string::npos) return name;
    at = dot + 1;
  }
  return name.insert(at, wrapper + ".");
}

}  // namespace

/// Forms in which training and quantising programs leave weights: read with a line, or refused by what they are.
class TestStoredForms : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_parameters = random_parameters(tiny_config());
  }

  void wrappersAreTakenOff_data() {
    QTest::addColumn<int>("modules");
    for (const char* wrapper :
         {"_orig_mod", "module", "_fsdp_wrapped_module", "_forward_module", "base_model.model", "module._orig_mod"})
      QTest::newRow(wrapper) << 0;
    for (const char* wrapper : {"_orig_mod._orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module.module"})
      QTest::newRow(wrapper) << 3;
  }

  void wrappersAreTakenOff() {
    QFETCH(const int, modules);
    const std::string wrapper = QTest::currentDataTag();
    TensorMap stored;
    for (const auto& [name, tensor] : m_parameters)
      stored[wrapped(name, static_cast<size_t>(modules), wrapper)] = tensor;
    write(stored);
    compare_maps(open_checkpoint(root()).parameters, m_parameters);
    const ModelFacts facts = read_model_facts(root());
    const std::string last = wrapper.substr(wrapper == "base_model.model" ? 0 : wrapper.rfind('.') + 1);
    QVERIFY2(mentions(facts.warnings, "\"" + last + ".\" in the names of"), last.c_str());
    QVERIFY(std::none_of(facts.faults.begin(), facts.faults.end(),
                         [](const std::string& fault) { return fault.find("language_model:") == 0; }));
  }

  void aNameThatIsWrappedAndBareIsRefused() {
    TensorMap stored = m_parameters;
    stored["_orig_mod." + up_proj] = stored.at(up_proj);
    write(stored);
    QVERIFY(refusal_of(root()).contains("stands twice"));
  }

  void anotherProgramsNameIsTold() {
    TensorMap stored;
    for (const auto& [name, tensor] : m_parameters) stored["student.net." + name] = tensor;
    write(stored);
    QVERIFY2(refusal_of(root()).contains("every name begins with \"student.\""), qPrintable(refusal_of(root())));
  }

  void emptyShardsAreRefused() {
    m_parameters[up_proj] = at::empty({0});
    write(m_parameters);
    const QString message = refusal_of(root());
    QVERIFY2(message.contains("DeepSpeed ZeRO-3") && message.contains(QString::fromStdString(up_proj)) &&
                 message.contains("zero_to_fp32.py") && message.contains("stage3_gather_16bit_weights_on_model_save"),
             qPrintable(message));
    QVERIFY(mentions(read_model_facts(root()).faults, "DeepSpeed ZeRO-3"));
  }

  void flatWeightsAreRefused() {
    m_parameters["_fsdp_wrapped_module._flat_param"] = at::ones({8});
    write(m_parameters);
    QVERIFY(refusal_of(root()).contains("FSDP has joined"));
  }

  void otherTypesAreSaid() {
    m_parameters[up_proj] = m_parameters.at(up_proj).to(at::kFloat8_e4m3fn);
    m_parameters["language_model.model.norm.weight"] =
        m_parameters.at("language_model.model.norm.weight").to(at::kDouble);
    write(m_parameters);
    QVERIFY(at::equal(open_checkpoint(root()).parameters.at(up_proj), m_parameters.at(up_proj).to(at::kFloat)));
    const ModelFacts facts = read_model_facts(root());
    QVERIFY(mentions(facts.warnings, "8 bits (float8) without scales, read as they are: " + up_proj));
    QVERIFY(mentions(facts.warnings, "64 bits, rounded to 32: language_model.model.norm.weight"));
    QCOMPARE(facts.dtype, std::string("F32, F64, F8_E4M3"));
    m_parameters[up_proj] = at::ones({16, 8}, at::kChar);
    m_parameters["language_model.model.norm.weight"] = at::ones({8}, at::kBool);
    write(m_parameters);
    const QString message = refusal_of(root());
    QVERIFY2(message.contains("language_model: not weights but whole numbers: model.layers.0.mlp.up_proj.weight (I8), "
                              "model.norm.weight (BOOL)"),
             qPrintable(message));
  }

  void quantisedWeightsAreNamedBeforeTheirShapes() {
    m_parameters[up_proj] = at::ones({64, 1}, at::kByte);
    m_parameters[up_proj + ".absmax"] = at::ones({2});
    m_parameters[up_proj + ".quant_state.bitsandbytes__nf4"] = at::ones({2}, at::kByte);
    write(m_parameters);
    const QString message = refusal_of(root());
    QVERIFY2(message.contains("is a bitsandbytes 4-bit (nf4) checkpoint: its weights are quantised"),
             qPrintable(message));
    QVERIFY2(!message.contains("shape"), qPrintable(message));
    QVERIFY(mentions(read_model_facts(root()).faults, "is a bitsandbytes 4-bit (nf4) checkpoint"));
    QVERIFY_EXCEPTION_THROWN(open_parts(root(), root(), "linear", 1), UserError);
  }

  void whatIsPassedOverIsSaid() {
    m_parameters["language_model.model.layers.0.self_attn.rotary_emb.inv_freq"] = at::ones({1});
    write(m_parameters);
    QVERIFY(mentions(read_model_facts(root()).warnings,
                     "Buffers that every model computes anew are passed over: "
                     "language_model.model.layers.0.self_attn.rotary_emb.inv_freq."));
    m_parameters["language_model.model.layers.0.self_attn.q_proj.lora_A.weight"] = at::ones({2, 8});
    write(m_parameters);
    QVERIFY(refusal_of(root()).contains("of a LoRA adapter, which is not opened without its adapter_config.json"));
  }

  void listsEndAfterFive() {
    TensorMap few = m_parameters;
    std::erase_if(few, [](const auto& entry) { return entry.first.starts_with("language_model.model.layers.1."); });
    write(few);
    const QString message = refusal_of(root());
    QCOMPARE(message.count("missing"), 1);
    QCOMPARE(message.count("model.layers.1."), 5);
    QVERIFY2(message.contains(" and ") && message.contains(" more."), qPrintable(message));
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }
  void write(const TensorMap& stored) const {
    write_folder(root(), write_model_config(tiny_config(), "float32"), stored);
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  TensorMap m_parameters;
};

QTEST_APPLESS_MAIN(TestStoredForms)
#include "tst_stored_forms.moc"
