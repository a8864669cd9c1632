// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <QTest>

#include "core/base/errors.h"
#include "core/models/rotary.h"

using namespace llavakd;

class TestRotary : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Dynamic scaling (transformers' dynamic_frequency_update) changes nothing up to max_position_embeddings.
  void dynamicScalingIsExactWhereItIsComputed() {
    const nlohmann::ordered_json json = {{"model_type", "llama"},
                                         {"hidden_size", 32},
                                         {"num_attention_heads", 4},
                                         {"num_key_value_heads", 2},
                                         {"max_position_embeddings", 16}};
    nlohmann::ordered_json scaled = json;
    scaled["rope_scaling"] = {{"rope_type", "dynamic"}, {"factor", 4.0}};
    const LanguageConfig plain = read_language_config(json, "here"), dynamic = read_language_config(scaled, "here");
    const RotaryTable wanted = rotary_table(plain, 0, 16, at::TensorOptions());
    QVERIFY(at::equal(rotary_table(dynamic, 0, 16, at::TensorOptions()).cos, wanted.cos));
    QVERIFY(at::equal(rotary_table(dynamic, 9, 7, at::TensorOptions()).sin, wanted.sin.slice(0, 9)));
    for (const auto& [first, tokens] : {std::pair(0, 17), std::pair(16, 1)})
      QVERIFY_EXCEPTION_THROWN(rotary_table(dynamic, first, tokens, at::TensorOptions()), UserError);
    QVERIFY_EXCEPTION_THROWN(
        read_language_config({{"model_type", "llama"}, {"rope_scaling", {{"type", "dynamic"}}}}, "here"), UserError);
  }
};

QTEST_APPLESS_MAIN(TestRotary)
#include "tst_rotary.moc"
