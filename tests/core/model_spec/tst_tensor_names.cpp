// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/model_spec/lora_names.h"
#include "core/model_spec/module_pattern.h"
#include "core/model_spec/tensor_names.h"

using namespace llavakd;

class TestTensorNames : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void takesWrappersOff_data() {
    QTest::addColumn<QByteArray>("stored");
    QTest::addColumn<QByteArray>("inner");
    const auto row = [](const char* stored, const char* inner) {
      QTest::newRow(stored) << QByteArray(stored) << QByteArray(inner);
    };
    row("model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight");
    row("_orig_mod.lm_head.weight", "lm_head.weight");
    row("module._orig_mod.module.lm_head.weight", "lm_head.weight");
    row("model._orig_mod.layers.0._orig_mod.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight");
    row("_fsdp_wrapped_module.model._fsdp_wrapped_module.norm.weight", "model.norm.weight");
    row("_forward_module.model.layers.1._checkpoint_wrapped_module.mlp.up_proj.weight",
        "model.layers.1.mlp.up_proj.weight");
    row("module.base_model.model.model.layers.0.self_attn.q_proj.base_layer.weight",
        "model.layers.0.self_attn.q_proj.weight");
    row("module_list.0.weight", "module_list.0.weight");
    row("a.module", "a.module");
    row("..a", "..a");
  }

  void takesWrappersOff() {
    QFETCH(QByteArray, stored);
    QFETCH(QByteArray, inner);
    QCOMPARE(QByteArray::fromStdString(unwrapped_name(stored.toStdString())), inner);
  }

  void countsWrappers() {
    std::map<std::string, size_t> wrappers;
    unwrapped_name("module._orig_mod.a.module.weight", &wrappers);
    unwrapped_name("_orig_mod.b.weight", &wrappers);
    unwrapped_name("c.weight", &wrappers);
    QCOMPARE(wrappers, (std::map<std::string, size_t>{{"_orig_mod", 2}, {"module", 2}}));
  }

  void namesOfTheWholeModel_data() {
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<QByteArray>("stored");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char* origin, const char* stored, const char* name) {
      QTest::newRow(stored) << QByteArray(origin) << QByteArray(stored) << QByteArray(name);
    };
    const char* q = "language_model.model.layers.0.self_attn.q_proj.weight";
    row("llava_hf", "_orig_mod.model.language_model.layers.0.self_attn.q_proj.weight", q);
    row("llava_hf", "language_model.model.layers.0.self_attn.q_proj.weight", q);
    row("llava_hf", "model.language_model._orig_mod.layers.0.self_attn.q_proj.weight", q);
    row("language_model", "_orig_mod.model.layers.0.self_attn.q_proj.weight", q);
    row("language_model", "layers.0.self_attn.q_proj.weight", q);
    row("vision_tower", "module.vision_model.post_layernorm.bias",
        "vision_tower._vision_tower.vision_model.post_layernorm.bias");
    row("llava_hf", "module.model.vision_tower.encoder.layers.1.layer_norm1.bias",
        "vision_tower._vision_tower.vision_model.encoder.layers.1.layer_norm1.bias");
    row("tinyllava_hf", "_orig_mod.connector._connector.0.bias", "connector._connector.0.bias");
    row("llava", "_orig_mod.model.mm_projector.2.bias", "connector._connector.2.bias");
  }

  void namesOfTheWholeModel() {
    QFETCH(QByteArray, origin);
    QFETCH(QByteArray, stored);
    QFETCH(QByteArray, name);
    QCOMPARE(QByteArray::fromStdString(name_in_model(origin.toStdString(), stored.toStdString())), name);
  }

  void readsNamesOfAdapters() {
    const auto is = [](const char* stored, AdapterPart part, const std::string& inner) {
      const AdapterName name = read_adapter_name(stored);
      return name.part == part && name.inner == inner;
    };
    QVERIFY(is("base_model.model.m.q_proj.lora_A.weight", AdapterPart::down, "m.q_proj"));
    QVERIFY(is("base_model.model.m.q_proj.lora_B.default.weight", AdapterPart::up, "m.q_proj"));
    QVERIFY(is("base_model.model.m.q_proj.lora_B.bias", AdapterPart::up_bias, "m.q_proj"));
    QVERIFY(is("m.e.lora_embedding_A", AdapterPart::embedding_down, "m.e"));
    QVERIFY(is("m.e.lora_embedding_B.default", AdapterPart::embedding_up, "m.e"));
    QVERIFY(is("m.q.lora_magnitude_vector", AdapterPart::magnitude, "m.q"));
    QVERIFY(is("m.q.lora_magnitude_vector.default.weight", AdapterPart::magnitude, "m.q"));
    QVERIFY(is("m.e.token_adapter.trainable_tokens_delta", AdapterPart::rows, "m.e"));
    QVERIFY(is("m.e.token_adapter.base_layer.weight", AdapterPart::of_training, "m.e"));
    QVERIFY(is("m.q.lora_velora_embed", AdapterPart::of_training, "m.q"));
    QVERIFY(is("m.q.lora_diag", AdapterPart::other_kind, "m.q"));
    QVERIFY(is("m.lm_head.modules_to_save.default.weight", AdapterPart::whole, "m.lm_head.weight"));
    QVERIFY(is("m.lm_head.original_module.weight", AdapterPart::of_training, "m.lm_head.original_module.weight"));
    QVERIFY(is("base_model.model.m.e.base_layer.weight", AdapterPart::whole, "m.e.weight"));
    QVERIFY(read_adapter_name("base_model.model.m.e.base_layer.weight").base_layer);
  }

  /// What Python's re.match(r"(.*\.)?(KEY)$", name) says.
  void matchesModulesAsPythonDoes() {
    const std::string name = "model.language_model.layers.0.self_attn.q_proj";
    for (const char* key : {"q_proj", "self_attn.q_proj", "layers\\.0\\.self_attn\\.q_proj", ".*q_proj", "^model.*proj",
                            "[a-z]_proj", "q_proj|v_proj", "(?!x).*layers\\.[0]\\.self_attn\\.q_proj"})
      QVERIFY2(ModulePattern(key, "t").matches(name), key);
    // The caret is behind what may come before, so an anchored key must begin at the name's first letter.
    for (const char* key : {"proj", "^q_proj", "q_pro", "v_proj", "layers\\.1.*", "^layers.*", "q_proj.+"})
      QVERIFY2(!ModulePattern(key, "t").matches(name), key);
    QVERIFY_EXCEPTION_THROWN(ModulePattern("(q_proj", "t"), UserError);
    QVERIFY_EXCEPTION_THROWN(ModulePattern("(a+)+[bc]", "t").matches(std::string(60, 'a')), UserError);
  }
};

QTEST_APPLESS_MAIN(TestTensorNames)
#include "tst_tensor_names.moc"
