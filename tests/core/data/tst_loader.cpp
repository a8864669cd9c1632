// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "core/base/errors.h"
#include "core/data/loader.h"
#include "core/image/decode.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::vector<int64_t> numbers(int64_t count) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 100);
  return order;
}

PreparedSample numbered(int64_t index) {
  PreparedSample sample;
  sample.index = index;
  return sample;
}

Sample picture_sample(const std::string& image) {
  Sample sample;
  sample.id = "s";
  sample.images = {image};
  sample.turns = {{Speaker::human, "<image>\nWhat?"}, {Speaker::gpt, "A dog."}};
  return sample;
}

}  // namespace

class TstLoader : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void orderDoesNotDependOnWorkers() {
    for (const int workers : {1, 2, 5}) {
      SampleLoader loader(
          numbers(50),
          [](int64_t index) {
            if (index % 7 == 0) QThread::msleep(3);
            return numbered(index);
          },
          workers, 4);
      for (const int64_t index : numbers(50)) QCOMPARE(loader.next().value().index, index);
      QVERIFY(!loader.next());
      QVERIFY(!loader.next());
      QVERIFY(loader.waiting_seconds() >= 0);
    }
  }

  void aheadIsBounded() {
    std::atomic<int> made = 0;
    SampleLoader loader(
        numbers(100),
        [&](int64_t index) {
          ++made;
          return numbered(index);
        },
        3, 5);
    QTest::qWait(50);
    QVERIFY(made <= 5);
    loader.next();
    QTest::qWait(50);
    QVERIFY(made <= 6);
  }

  void errorsComeOutAtTheirPlace() {
    SampleLoader loader(
        numbers(3),
        [](int64_t index) {
          if (index == 101) throw RunError("broken");
          return numbered(index);
        },
        2, 3);
    QCOMPARE(loader.next().value().index, 100);
    QVERIFY_EXCEPTION_THROWN(loader.next(), RunError);
    QCOMPARE(loader.next().value().index, 102);
  }

  void endsEarlyAndEmpty() {
    SampleLoader empty({}, numbered, 2, 3);
    QVERIFY(!empty.next());
    const SampleLoader unread(numbers(1000), numbered, 2, 3);  // must not hang when it is destroyed
  }

  void preparesTextAndPicture() {
    const QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    Image image(6, 4);
    const auto png = encode_png(image);
    std::ofstream(folder / "a.png", std::ios::binary).write(reinterpret_cast<const char*>(png.data()), std::ssize(png));
    std::ofstream(folder / "b.png") << "no picture";
    const Tokenizer tokenizer = Tokenizer::load(fs::path(LLAVAKD_TEST_DATA_DIR) / "text" / "qwen2");
    PreparationOptions options;
    options.images_folder = folder;
    options.conversation_template = &conversation_template("no_system");
    options.visual_tokens = 4;
    options.processor = siglip_processor(8);

    const PreparedSample good = prepare_sample(picture_sample("a.png"), 3, tokenizer, options);
    QVERIFY(!good.sequence.skipped);
    QCOMPARE(good.index, 3);
    QCOMPARE(good.sequence.id, std::string("s"));
    QVERIFY((good.images == std::vector<ImageRef>{folder / "a.png"}));
    QCOMPARE(good.pixel_values.size(), size_t{1});
    QCOMPARE(good.pixel_values[0].size(), size_t{3 * 8 * 8});
    QCOMPARE(good.pixel_values[0][0], -1.0F);

    for (const char* bad : {"b.png", "missing.png", "../a.png"}) {
      const PreparedSample broken = prepare_sample(picture_sample(bad), 0, tokenizer, options);
      QVERIFY2(broken.sequence.skipped && broken.sequence.skipped != "no_labels", bad);
      QCOMPARE(broken.sequence.id, std::string("s"));
    }

    // The same bytes within a file that holds others, too.
    std::ofstream(folder / "many.bin", std::ios::binary) << "before" << std::string(png.begin(), png.end()) << "after";
    Sample within = picture_sample("a.png");
    const ImageRef part((folder / "many.bin").string(), 6, std::ssize(png));
    within.images = {part};
    const PreparedSample of_part = prepare_sample(within, 0, tokenizer, options);
    QVERIFY(of_part.images.front() == part && of_part.pixel_values == good.pixel_values);
    within.images = {ImageRef(part.file, 6, 1 << 20)};
    const auto skipped = prepare_sample(within, 0, tokenizer, options).sequence.skipped;
    QVERIFY(skipped && skipped->ends_with("so the picture isn't in it"));
    options.needs_pixels = [](const ImageRef&) {
      return false;
    };
    QVERIFY(prepare_sample(picture_sample("a.png"), 0, tokenizer, options).pixel_values[0].empty());
    Sample captioned = picture_sample("a.png");
    captioned.template_name = "pretrain";
    QCOMPARE(prepare_sample(captioned, 0, tokenizer, options).sequence.prompt, std::string("<image>A dog.\n"));
  }

  void severalPicturesGoWithTheirQuestions() {
    const Tokenizer tokenizer = Tokenizer::load(fs::path(LLAVAKD_TEST_DATA_DIR) / "text" / "qwen2");
    PreparationOptions options;
    options.images_folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "image";
    options.conversation_template = &conversation_template("no_system");
    options.visual_tokens = 4;
    options.processor = siglip_processor(8);
    Sample sample;
    sample.id = "s";
    sample.images = {"rgb.png", "palette.gif", "lzw.tif"};
    for (int i = 0; i < 3; ++i) {
      sample.turns.push_back({Speaker::human, "<image>\nWhat?"});
      sample.turns.push_back({Speaker::gpt, "A dog."});
    }
    const PreparedSample good = prepare_sample(sample, 0, tokenizer, options);
    QVERIFY2(!good.sequence.skipped, good.sequence.skipped.value_or("").c_str());
    QCOMPARE(good.pixel_values.size(), size_t{3});
    QVERIFY(good.pixel_values[0] == good.pixel_values[2] && good.pixel_values[0] != good.pixel_values[1]);
    const auto& segments = good.sequence.segments;
    QCOMPARE(std::count_if(segments.begin(), segments.end(),
                           [](const Segment& s) { return s.kind == SegmentKind::visual && s.end - s.begin == 4; }),
             3);
    QCOMPARE(std::count(good.sequence.input_ids.begin(), good.sequence.input_ids.end(), image_token_index), 12);

    // A picture that max_length cuts out whole is left out, or the next sample's would be taken for it.
    const auto third = std::find_if(segments.rbegin(), segments.rend(),
                                    [](const Segment& s) { return s.kind == SegmentKind::visual; });
    for (const int64_t positions : {0, 1}) {
      options.max_length = third->begin + positions;
      const PreparedSample cut = prepare_sample(sample, 0, tokenizer, options);
      QCOMPARE(cut.images.size(), static_cast<size_t>(2 + positions));
      QCOMPARE(cut.pixel_values.size(), static_cast<size_t>(2 + positions));
    }
    options.max_length = 2048;

    // Two pictures for one question stay in their places, each a segment of its own.
    sample.turns = {{Speaker::human, "<image><image>\nWhich? <image>"}, {Speaker::gpt, "A dog."}};
    const PreparedSample touching = prepare_sample(sample, 0, tokenizer, options);
    QVERIFY2(!touching.sequence.skipped, touching.sequence.skipped.value_or("").c_str());
    QCOMPARE(touching.sequence.prompt,
             std::string("USER: <image><image>\nWhich? <image> ASSISTANT: A dog.<|endoftext|>"));
    QCOMPARE(touching.pixel_values.size(), size_t{3});
    QCOMPARE(
        std::ranges::count_if(touching.sequence.segments,
                              [](const Segment& s) { return s.kind == SegmentKind::visual && s.end - s.begin == 4; }),
        3);
    // Otherwise one question keeps one placeholder, as in the released code, so that two pictures for it don't fit.
    sample.images.pop_back();
    const auto skipped = prepare_sample(sample, 0, tokenizer, options).sequence.skipped;
    QVERIFY(skipped &&
            QString::fromStdString(*skipped).contains("<image> is 1 time in the prompt, which has 2 pictures"));
  }
};

QTEST_GUILESS_MAIN(TstLoader)
#include "tst_loader.moc"
