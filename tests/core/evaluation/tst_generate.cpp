// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <filesystem>

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/evaluation/generate.h"
#include "core/models/forward.h"
#include "core/text/conversation.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<int64_t>;

const fs::path models = fs::path(LLAVAKD_TEST_DATA_DIR) / "models";
constexpr int64_t picture = image_token_index;

struct Fixture {
  MultimodalModel model;
  at::Tensor pixels;  ///< [1, 3, H, W]
  Sequence prompt;    ///< Two words, a picture, two words.
};

Sequence sequence_of(const Ids& ids, int64_t visual_tokens, int64_t max_length = 4096) {
  Sequence sequence;
  expand_images(ids, Ids(ids.size(), ignore_index), visual_tokens, max_length, sequence);
  return sequence;
}

Fixture fixture(const char* name) {
  Checkpoint checkpoint = open_checkpoint(models / name);
  Fixture f{{checkpoint.config, checkpoint.parameters},
            read_tensors(models / name / "expected.safetensors").at("pixel_values"),
            {}};
  f.pixels = f.pixels.narrow(0, 0, 1);
  f.prompt = sequence_of({5, 6, picture, 7, 8}, f.model.config().visual_tokens());
  return f;
}

/// What greedy decoding is, without a cache: the whole sequence again for each token.
Ids slowly(const Fixture& f, int64_t count) {
  const at::NoGradGuard no_grad;
  Sequence all = f.prompt;
  Ids answer;
  for (int64_t i = 0; i < count; ++i) {
    const at::Tensor hidden = f.model.hidden_states(embed_samples(f.model, {all}, f.pixels), {});
    answer.push_back(f.model.logits(hidden[0][-1]).argmax().item<int64_t>());
    all.input_ids.push_back(answer.back());
  }
  return answer;
}

}  // namespace

class TestGenerate : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalsRepeatedForward_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("tied") << "tied";
    QTest::newRow("untied") << "untied";
  }
  void equalsRepeatedForward() {
    QFETCH(const QString, name);
    const Fixture f = fixture(qPrintable(name));
    QCOMPARE(generate(f.model, f.prompt, f.pixels, {}, 9), slowly(f, 9));
  }

  void endsBeforeTheEndToken() {
    const Fixture f = fixture("untied");
    const Ids all = slowly(f, 9);
    for (const int64_t end : all) {
      const Ids wanted(all.begin(), std::find(all.begin(), all.end(), end));
      QCOMPARE(generate(f.model, f.prompt, f.pixels, {end}, 9), wanted);
    }
  }

  void endsWhenToldTo() {
    const Fixture f = fixture("tied");
    int asked = 0;
    const auto three = [&] {
      return ++asked <= 3;
    };
    QCOMPARE(generate(f.model, f.prompt, f.pixels, {}, 9, {.keep_going = three}).size(), size_t{3});
    QCOMPARE(asked, 4);
    const auto never = [] {
      return false;
    };
    QVERIFY(generate(f.model, f.prompt, f.pixels, {}, 9, {.keep_going = never}).empty());
  }

  void tellsEachToken() {
    const Fixture f = fixture("tied");
    Ids told;
    const Ids all = generate(f.model, f.prompt, f.pixels, {}, 5, {.chosen = [&](int64_t id) {
                               told.push_back(id);
                             }});
    QCOMPARE(told, all);
    QCOMPARE(told.size(), size_t{5});
  }

  /// One seed gives one answer; hardly any warmth, or a nucleus of one token, gives the greedy one.
  void samplesBySeed() {
    const Fixture f = fixture("untied");
    const auto sampled = [&](Sampling sampling) {
      return generate(f.model, f.prompt, f.pixels, {}, 12, {.sampling = sampling});
    };
    const Ids warm = sampled({.temperature = 5, .seed = 3});
    QCOMPARE(sampled({.temperature = 5, .seed = 3}), warm);
    QVERIFY(sampled({.temperature = 5, .seed = 4}) != warm);
    QCOMPARE(sampled({.temperature = 1e-4, .seed = 3}), slowly(f, 12));
    QCOMPARE(sampled({.temperature = 5, .top_p = 1e-9, .seed = 3}), slowly(f, 12));
  }

  void textAloneWorks() {
    Fixture f = fixture("tied");
    f.pixels = at::Tensor();
    f.prompt = sequence_of({5, 6, 7}, 0);
    QCOMPARE(generate(f.model, f.prompt, {}, {}, 4), slowly(f, 4));
  }

  void idsArePaddedOnTheRight() {
    const Fixture f = fixture("tied");
    const std::vector<Sequence> two{sequence_of({1, 2, 3}, 0), sequence_of({4}, 0)};
    const at::Tensor ids = ids_tensor(f.model, two);
    QVERIFY(at::equal(ids, at::tensor({1L, 2L, 3L, 4L, 0L, 0L}, at::kLong).view({2, 3})));
    QCOMPARE(lengths_of(two), (Ids{3, 1}));
  }

  void aCutPictureCountsItsPositions() {
    QCOMPARE(
        visual_counts({sequence_of({picture, picture}, 4, 7), sequence_of({1, 2}, 4), sequence_of({picture}, 4, 1)}),
        (Ids{4, 3, 1}));
  }

  void samplesOfUnequalLengthDontTouch() {
    const Fixture f = fixture("untied");
    const at::NoGradGuard no_grad;
    const at::Tensor features = f.model.vision_features(f.pixels);
    const Sequence text = sequence_of({9, 10, 11}, 0);
    const at::Tensor both = predict(f.model, {text, f.prompt}, features).hidden;
    QVERIFY(at::allclose(both[0].slice(0, 0, 3), predict(f.model, {text}, {}).hidden[0], 1e-4, 1e-5));
    QVERIFY(at::allclose(both[1], predict(f.model, {f.prompt}, features).hidden[0], 1e-4, 1e-5));
  }
};

QTEST_APPLESS_MAIN(TestGenerate)
#include "tst_generate.moc"
