// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <fstream>
#include <functional>

#include "core/bench/given_samples.h"
#include "tests/core/bench/given_file.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;

class TestGivenSamples : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;

  std::filesystem::path write(const TensorMap& tensors) const {
    const auto file = std::filesystem::path(dir_.path().toStdString()) / "given.safetensors";
    write_tensors(file, tensors);
    return file;
  }

 private Q_SLOTS:
  void expandsPictures() {
    const auto samples = read_given_samples(write(given_tensors()), tiny_config());
    QCOMPARE(samples.size(), size_t{2});
    const Sequence& first = samples[0].sequence;
    QCOMPARE(first.input_ids, (std::vector<int64_t>{5, -200, -200, -200, 6, 7, 8}));
    QCOMPARE(first.labels, (std::vector<int64_t>{-100, -100, -100, -100, -100, 7, 8}));
    QCOMPARE(first.segments, (std::vector<Segment>{{SegmentKind::prompt, 0, 1},
                                                   {SegmentKind::visual, 1, 4},
                                                   {SegmentKind::prompt, 4, 5},
                                                   {SegmentKind::response, 5, 7}}));
    QVERIFY(!first.skipped);
    QCOMPARE(samples[0].pixel_values.size(), size_t{1});
    QCOMPARE(samples[0].pixel_values[0].size(), size_t{3 * 8 * 8});
    QCOMPARE(samples[0].pixel_values[0][0], given_tensors().at("0.pixel_values").flatten()[0].item<float>());
    // The picture is known by where its pixels are in the file.
    const std::vector<float>& pixels = samples[0].pixel_values[0];
    const std::vector<uint8_t> stored = read_encoded_image(samples[0].images.at(0));
    QCOMPARE(stored.size(), pixels.size() * sizeof(float));
    QVERIFY(std::memcmp(stored.data(), pixels.data(), stored.size()) == 0);
    // Text alone: the picture that the file has to have for it is left out.
    QVERIFY(samples[1].pixel_values.empty() && samples[1].images.empty());
    QCOMPARE(samples[1].sequence.input_ids, (std::vector<int64_t>{1, 2, 3}));
  }

  void refuses_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<int>("what");
    QTest::addColumn<QString>("named");
    QTest::newRow("no labels tensor") << "0.labels" << 0 << "0.labels is missing";
    QTest::newRow("no ids") << "1.input_ids" << 0 << "1.input_ids is missing";
    QTest::newRow("no pixels") << "0.pixel_values" << 0 << "0.pixel_values is missing";
    QTest::newRow("unknown key") << "0.attention_mask" << 1 << "0.attention_mask";
    QTest::newRow("no number") << "pixel_values" << 1 << "\"pixel_values\"";
    QTest::newRow("negative") << "-1.labels" << 1 << "-1.labels";
    QTest::newRow("gap") << "3.labels" << 1 << "sample 2 is missing";
    QTest::newRow("ids of floats") << "0.input_ids" << 2 << "0.input_ids must hold whole numbers";
    QTest::newRow("ids of two dimensions") << "0.input_ids" << 3 << "0.input_ids has the shape [1, 5]";
    QTest::newRow("word too large") << "0.input_ids" << 4 << "0.input_ids holds 20";
    QTest::newRow("label too large") << "0.labels" << 4 << "0.labels holds 20";
    QTest::newRow("lengths differ") << "0.labels" << 5 << "0.labels has 4 tokens";
    QTest::newRow("nothing labelled") << "1.labels" << 6 << "1.labels has no label";
    QTest::newRow("small picture") << "0.pixel_values" << 7 << "0.pixel_values has the shape [1, 3, 4, 4]";
    QTest::newRow("two pictures") << "0.pixel_values" << 8 << "expected [1, 3, 8, 8]";
    QTest::newRow("not finite") << "0.pixel_values" << 9 << "NaN or infinity";
    QTest::newRow("empty ids") << "0.input_ids" << 10 << "0.input_ids has the shape [0]";
  }

  void refuses() {
    QFETCH(const QString, key);
    QFETCH(const int, what);
    QFETCH(const QString, named);
    const std::vector<std::function<at::Tensor(const at::Tensor&)>> changes{
        [](const at::Tensor&) { return at::Tensor(); },
        [](const at::Tensor&) { return at::ones({2}, at::kLong); },
        [](const at::Tensor& t) { return t.to(at::kFloat); },
        [](const at::Tensor& t) { return t.unsqueeze(0); },
        [](const at::Tensor& t) { return t.clone().fill_(20); },
        [](const at::Tensor& t) { return t.narrow(0, 0, 4).contiguous(); },
        [](const at::Tensor& t) { return at::full_like(t, -100); },
        [](const at::Tensor&) {
          return at::zeros({1, 3, 4, 4});
        },
        [](const at::Tensor&) {
          return at::zeros({2, 3, 8, 8});
        },
        [](const at::Tensor& t) { return t / 0; },
        [](const at::Tensor& t) { return t.narrow(0, 0, 0).contiguous(); },
    };
    TensorMap tensors = given_tensors();
    const at::Tensor changed = changes[static_cast<size_t>(what)](tensors[key.toStdString()]);
    if (changed.defined())
      tensors[key.toStdString()] = changed;
    else
      tensors.erase(key.toStdString());
    try {
      read_given_samples(write(tensors), tiny_config());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString::fromUtf8(error.what()).contains(named), error.what());
      QVERIFY2(QString::fromUtf8(error.what()).contains("given.safetensors"), error.what());
    }
  }

  void refusesOtherFiles() {
    const auto folder = std::filesystem::path(dir_.path().toStdString());
    std::ofstream(folder / "text") << "no tensors";
    for (const auto& file : {folder, folder / "none", folder / "text"})
      QVERIFY_EXCEPTION_THROWN(read_given_samples(file, tiny_config()), UserError);
    QVERIFY_EXCEPTION_THROWN(read_given_samples(write({}), tiny_config()), UserError);
  }
};

QTEST_GUILESS_MAIN(TestGivenSamples)
#include "tst_given_samples.moc"
