// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/preflight/needed_work.h"

using namespace llavakd;

class TestNeededWork : public QObject {
  Q_OBJECT

  /// SigLIP-so400m before Qwen2.5-0.5B.
  static ModelConfig half_billion() {
    ModelConfig config;
    config.vision.hidden_size = 1152;
    config.vision.intermediate_size = 4304;
    config.vision.num_hidden_layers = 27;
    config.vision.num_attention_heads = 16;
    config.vision.image_size = 384;
    config.vision.patch_size = 14;
    config.language.vocab_size = 151936;
    config.language.hidden_size = 896;
    config.language.intermediate_size = 4864;
    config.language.num_hidden_layers = 24;
    config.language.num_attention_heads = 14;
    config.language.num_key_value_heads = 2;
    config.language.head_dim = 64;
    return config;
  }
  static double gflop(const ModelConfig& teacher, const WorkOfStep& step) {
    return needed_operations(teacher, half_billion(), step) * 1e-9;
  }

 private Q_SLOTS:
  // Counted by hand: tower 642, both decoders 651 and their heads on 760 rows 207 each, backward 1300 + 414, the
  // Gram matrix of the trained head with its backward 488, the rest below 20.
  void countsThePublishedShape() {
    const WorkOfStep step{.text_tokens = 96, .images = 1, .visual_tokens = 728, .response_tokens = 32};
    const double dft = gflop(half_billion(), step);
    QVERIFY2(dft > 4450 && dft < 4650, QByteArray::number(dft));
  }

  void leavesOutWhatIsFrozen() {
    WorkOfStep step{.text_tokens = 96, .images = 1, .visual_tokens = 728, .response_tokens = 32};
    const double dft = gflop(half_billion(), step);
    step.language_learns = false;
    const double dpt = gflop(half_billion(), step);
    QVERIFY(dpt < 0.75 * dft);
    step.language_learns = true;
    step.distils = false;
    QVERIFY(gflop(half_billion(), step) < 0.65 * dft);
    step.distils = true;
    step.same_tower = false;
    const double towers = gflop(half_billion(), step) - dft;
    QVERIFY2(towers > 630 && towers < 660, QByteArray::number(towers));
  }

  void growsWithTheTeacher() {
    ModelConfig teacher = half_billion();
    teacher.language.hidden_size = 2048;
    teacher.language.intermediate_size = 11008;
    teacher.language.num_hidden_layers = 36;
    teacher.language.num_attention_heads = 16;
    teacher.language.head_dim = 128;
    const WorkOfStep step{.text_tokens = 96, .images = 1, .visual_tokens = 728, .response_tokens = 32};
    const double work = gflop(teacher, step);
    QVERIFY2(work > 8800 && work < 9200, QByteArray::number(work));
  }

  void copesWithoutPictures() {
    const WorkOfStep step{.text_tokens = 10, .response_tokens = 2, .distils = false};
    const double work = gflop(half_billion(), step);
    QVERIFY(work > 0 && work < 100);
  }
};

QTEST_APPLESS_MAIN(TestNeededWork)
#include "tst_needed_work.moc"
