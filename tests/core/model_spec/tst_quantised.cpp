// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/model_spec/quantised.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

/// "name:TYPE name:TYPE …", each of two elements.
std::vector<StoredTensor> tensors_of(const QByteArray& list) {
  std::vector<StoredTensor> tensors;
  for (const QByteArray& entry : list.split(' ')) {
    StoredTensor tensor;
    const qsizetype colon = entry.lastIndexOf('/');
    tensor.name = "model.layers.0.mlp.up_proj." + entry.left(colon).toStdString();
    tensor.dtype = *dtype_named(entry.mid(colon + 1).toStdString());
    tensor.shape = {2};
    tensors.push_back(tensor);
  }
  return tensors;
}

std::string refusal_of(const Json& config, const std::vector<StoredTensor>& tensors,
                       std::vector<std::string>* warnings = nullptr) {
  std::vector<std::string> said;
  try {
    refuse_quantised("folder", config, tensors, said);
  } catch (const UserError& error) {
    return error.what();
  }
  if (warnings) *warnings = said;
  return "accepted";
}

}  // namespace

/// What libraries that quantise weights leave in config.json and in the tensors' names.
class TestQuantised : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tellsByTheTensors_data() {
    QTest::addColumn<QByteArray>("tensors");
    QTest::addColumn<QByteArray>("kind");
    const auto row = [](const char* kind, const char* tensors) {
      QTest::newRow(kind) << QByteArray(tensors) << QByteArray(kind);
    };
    row("a bitsandbytes 4-bit (nf4) checkpoint",
        "weight/U8 weight.absmax/U8 weight.quant_map/F32 weight.quant_state.bitsandbytes__nf4/U8");
    row("a bitsandbytes 4-bit (fp4) checkpoint", "weight/U8 weight.quant_state.bitsandbytes__fp4/U8");
    row("a bitsandbytes 8-bit (int8) checkpoint", "weight/I8 SCB/F32 weight_format/U8");
    row("a GPTQ checkpoint", "qweight/I32 qzeros/I32 scales/F16 g_idx/I32");
    row("an AWQ checkpoint", "qweight/I32 qzeros/I32 scales/F16");
    row("a fine-grained fp8 checkpoint", "weight/F8_E4M3 weight_scale_inv/F32");
    row("an fp8 checkpoint with scales", "weight/F8_E4M3 weight_scale/F32 input_scale/F32");
    row("an int8 checkpoint with scales", "weight/I8 weight_scale/BF16");
    row("a packed 2-bit or 4-bit checkpoint", "weight/U8 weight_scale/BF16");
    row("a compressed-tensors (pack-quantized) checkpoint", "weight_packed/I32 weight_scale/BF16 weight_shape/I64");
    row("a compressed-tensors (nvfp4) checkpoint", "weight_packed/U8 weight_scale/F8_E4M3 weight_global_scale/F32");
    row("a ModelOpt (NVFP4) checkpoint", "weight/U8 weight_scale/F8_E4M3 weight_scale_2/F32");
    row("an HQQ checkpoint", "W_q/U8 scale/F16 zero/F16");
    row("an EETQ (int8) checkpoint", "weight/I8 weight_scales/F16");
    row("an MXFP4 checkpoint", "experts.gate_up_proj_blocks/U8 experts.gate_up_proj_scales/U8");
    row("a quanto checkpoint", "weight._data/I8 weight._scale/F32");
    row("an AQLM checkpoint", "codes/I8 codebooks/F16 scales/F16");
    row("an MLX checkpoint", "weight/U32 scales/F16 biases/F16");
  }

  void tellsByTheTensors() {
    QFETCH(QByteArray, tensors);
    QFETCH(QByteArray, kind);
    const std::string message = refusal_of(Json::object(), tensors_of(tensors));
    QVERIFY2(message.starts_with("folder is " + kind.toStdString()), message.c_str());
    QVERIFY2(message.find("its weights are quantised") != std::string::npos &&
                 message.find("model.dequantize()") != std::string::npos,
             message.c_str());
  }

  void tellsByTheConfiguration_data() {
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QByteArray>("kind");
    const auto row = [](const char* kind, const char* config) {
      QTest::newRow(kind) << QByteArray(config) << QByteArray(kind);
    };
    row("a bitsandbytes 4-bit (nf4) checkpoint",
        R"({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4"}})");
    row("a bitsandbytes 8-bit (int8) checkpoint",
        R"({"text_config": {"quantization_config": {"load_in_8bit": true, "load_in_4bit": false}}})");
    row("a GPTQ 4-bit checkpoint", R"({"quantization_config": {"quant_method": "gptq", "bits": 4}})");
    row("an AWQ 4-bit checkpoint", R"({"quantization_config": {"quant_method": "awq", "bits": 4}})");
    row("a compressed-tensors (float-quantized) checkpoint",
        R"({"compression_config": {"quant_method": "compressed-tensors", "format": "float-quantized"}})");
    row("a ModelOpt (NVFP4) checkpoint",
        R"({"quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}})");
    row("a torchao checkpoint", R"({"quantization_config": {"quant_method": "torchao"}})");
    row("a quantised 4-bit checkpoint", R"({"quantization": {"group_size": 64, "bits": 4}})");
    row("a checkpoint quantised by \"newest\"", R"({"quantization_config": {"quant_method": "newest"}})");
  }

  void tellsByTheConfiguration() {
    QFETCH(QByteArray, config);
    QFETCH(QByteArray, kind);
    const std::string message = refusal_of(Json::parse(config.toStdString()), tensors_of("weight/U8"));
    QVERIFY2(message.starts_with("folder is " + kind.toStdString() + ": its weights"), message.c_str());
  }

  /// MLX writes bits and group_size alone.
  void tensorsTellWhatTheConfigurationLeavesOut() {
    const std::string message = refusal_of({{"quantization", {{"group_size", 64}, {"bits", 4}}}},
                                           tensors_of("weight/U32 scales/F16 biases/F16"));
    QVERIFY2(message.starts_with("folder is an MLX checkpoint: its weights"), message.c_str());
  }

  void plainWeightsAreNone() {
    const auto plain = tensors_of("weight/BF16 bias/F32 self_attn.rotary_emb.inv_freq/F32 embeddings.position_ids/I64");
    std::vector<std::string> warnings;
    QCOMPARE(refusal_of(Json::object(), plain, &warnings), std::string("accepted"));
    QVERIFY(warnings.empty());
    QCOMPARE(refusal_of({{"quantization_config", nullptr}}, plain, &warnings), std::string("accepted"));
    QVERIFY(warnings.empty());
    // Weights that were dequantised and saved, under the configuration of before.
    QCOMPARE(refusal_of({{"quantization_config", {{"quant_method", "awq"}}}}, plain, &warnings),
             std::string("accepted"));
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY2(warnings[0].find("an AWQ checkpoint, but the weights are plain") != std::string::npos,
             warnings[0].c_str());
  }

  void hostileConfigurationsSayNothing() {
    for (const char* config : {R"({"quantization_config": 3})", R"({"quantization_config": []})",
                               R"({"quantization_config": {"quant_method": 4}})", R"({"text_config": []})", "[]"})
      QVERIFY2(!refusal_of(Json::parse(config), tensors_of("weight/F32")).empty(), config);
  }
};

QTEST_APPLESS_MAIN(TestQuantised)
#include "tst_quantised.moc"
