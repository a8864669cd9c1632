// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor.h"

#include <QTemporaryDir>

#include "core/image/processor_text.h"
#include "core/image/resize.h"
#include "tests/core/image/image_testing.h"

using namespace llavakd;
using namespace llavakd::testing;

namespace {
std::string write(const QTemporaryDir& folder, const char* name, const std::string& text) {
  const std::string path = folder.path().toStdString() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

QString text(const ImageProcessor& processor) {
  return QString::fromStdString(processor_text(processor));
}
}  // namespace

class TestProcessor : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equalsThePythonProcessors();
  void valuesAreNormalised();
  void readsSiglip();
  void readsClipInBothSpellings();
  void readsDinov2();
  void derivesFromATower();
  void ownFileGoesFirst();
  void refusesWrongFiles_data();
  void refusesWrongFiles();
  void namesAreKnown();
  void longAndNarrowIsRefused();
  void stretchesThenCrops();
  void nullIsAsIfAbsent();
  void padsWithTheMeanEvenUnnormalised();
  void messagesAreUtf8();
  void processorConfigGoesFirst();
  void absentKeysAreTheClassesOwn();
  void padsFirstWhereTheClassDoes();
  void cropsWithoutResizing();
  void otherKindsAreRefusedByName_data();
  void otherKindsAreRefusedByName();
};

void TestProcessor::equalsThePythonProcessors() {
  const auto cases = json_file(LLAVAKD_TEST_DATA_DIR "/image/expected.json")["prepared"];
  QCOMPARE(cases.size(), size_t{18});
  for (const auto& expected : cases) {
    const Image result = prepare(picture(expected["from"][0], expected["from"][1]),
                                 find_processor(expected["processor"].get<std::string>()),
                                 aspect_ratio_from_name(expected["aspect"].get<std::string>()));
    QVERIFY2(sha256(result) == expected["sha256"].get<std::string>(), expected.dump().c_str());
  }
}

void TestProcessor::valuesAreNormalised() {
  Image image(2, 2);
  image.rgb = {0, 51, 255, 0, 51, 255, 0, 51, 255, 102, 51, 255};
  const std::vector<float> values = pixel_values(image, siglip_processor(2), AspectRatio::square);
  const std::vector<float> expected{-1, -1, -1, -0.2F, -0.6F, -0.6F, -0.6F, -0.6F, 1, 1, 1, 1};
  QCOMPARE(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) QVERIFY(std::abs(values[i] - expected[i]) < 1e-6F);
  const float red = pixel_values(image, clip_processor(2), AspectRatio::square)[0];
  QVERIFY(std::abs(red - -0.48145466F / 0.26862954F) < 1e-6F);
}

void TestProcessor::readsSiglip() {
  QTemporaryDir folder;
  write(folder, "preprocessor_config.json", R"({"do_resize": true, "do_rescale": true, "do_normalize": true,
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "SiglipImageProcessor",
    "resample": 3, "rescale_factor": 0.00392156862745098, "size": {"height": 384, "width": 384}})");
  QVERIFY(read_processor(folder.path().toStdString()) == siglip_processor(384));
}

void TestProcessor::readsClipInBothSpellings() {
  const std::string rest = R"(, "do_center_crop": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711]})";
  QTemporaryDir folder;
  const std::string old = write(folder, "old.json", R"({"size": 336, "crop_size": 336)" + rest);
  const std::string now = write(
      folder, "new.json", R"({"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336})" + rest);
  QVERIFY(read_processor(old) == clip_processor(336));
  QVERIFY(read_processor(now) == clip_processor(336));
}

void TestProcessor::readsDinov2() {
  QTemporaryDir folder;
  write(folder, "preprocessor_config.json", R"({"crop_size": {"height": 224, "width": 224}, "do_center_crop": true,
    "do_convert_rgb": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
    "image_processor_type": "BitImageProcessor", "resample": 3, "size": {"shortest_edge": 256}})");
  QVERIFY(read_processor(folder.path().toStdString()) == dinov2_processor(224));
  QVERIFY(find_processor("facebook/dinov2-large") == dinov2_processor(224));
  const ImageProcessor trained = processor_for_tower("dinov2", 518);
  QVERIFY(trained.shortest_edge == 592 && trained.width == 518 && trained.height == 518);
}

void TestProcessor::derivesFromATower() {
  QTemporaryDir folder;
  write(folder, "config.json", R"({"vision_config": {"model_type": "siglip_vision_model", "image_size": 64}})");
  QVERIFY(read_processor(folder.path().toStdString()) == siglip_processor(64));
  write(folder, "config.json", R"({"model_type": "clip_vision_model", "image_size": 224})");
  QVERIFY(read_processor(folder.path().toStdString()) == clip_processor(224));
}

void TestProcessor::ownFileGoesFirst() {
  QTemporaryDir folder;
  write(folder, "config.json", R"({"model_type": "clip_vision_model", "image_size": 224})");
  write(folder, "preprocessor_config.json", R"({"size": {"height": 64, "width": 64}, "resample": 2})");
  ImageProcessor expected = siglip_processor(64);
  expected.filter = ResampleFilter::bilinear;
  QVERIFY(read_processor(folder.path().toStdString()) == expected);
}

void TestProcessor::refusesWrongFiles_data() {
  QTest::addColumn<QString>("json");
  QTest::addColumn<QString>("reason");
  QTest::newRow("list") << "[1]"
                        << "not an image processor";
  QTest::newRow("no size") << "{}"
                           << "`size` is missing";
  QTest::newRow("zero") << R"({"size": 0})"
                        << "from 1 to";
  QTest::newRow("huge") << R"({"size": {"height": 64, "width": 1e9}})"
                        << "size.width";
  QTest::newRow("text") << R"({"size": "big"})"
                        << "size";
  QTest::newRow("no crop") << R"({"size": {"shortest_edge": 64}})"
                           << "centre crop";
  QTest::newRow("crop") << R"({"size": 64, "crop_size": [1]})"
                        << "crop_size";
  QTest::newRow("filter") << R"({"size": 64, "resample": 0})"
                          << "resample";
  QTest::newRow("mean") << R"({"size": 64, "image_mean": [1, 2]})"
                        << "image_mean";
  QTest::newRow("std") << R"({"size": 64, "image_std": [1, 0, 1]})"
                       << "above zero";
  QTest::newRow("tiny std") << R"({"size": 64, "image_std": [1, 1e-60, 1]})"
                            << "above zero";
  QTest::newRow("huge std") << R"({"size": 64, "image_std": [1, 1, 1e60]})"
                            << "above zero";
  QTest::newRow("no scale") << R"({"size": 64, "rescale_factor": 0})"
                            << "above zero";
  QTest::newRow("huge scale") << R"({"size": 64, "rescale_factor": 1e60})"
                              << "above zero";
  QTest::newRow("huge mean") << R"({"size": 64, "image_mean": [1, 1, 1e60]})"
                             << "infinite";
  QTest::newRow("together") << R"({"size": 64, "rescale_factor": 1e30, "image_std": [1, 1, 1e-30]})"
                            << "infinite";
  QTest::newRow("flag") << R"({"size": 64, "do_normalize": "yes"})"
                        << "do_normalize";
}

void TestProcessor::refusesWrongFiles() {
  QFETCH(QString, json);
  QFETCH(QString, reason);
  QTemporaryDir folder;
  const std::string path = write(folder, "preprocessor_config.json", json.toStdString());
  const QString message = user_error([&] { read_processor(path); });
  QVERIFY2(message.startsWith(QString::fromStdString(path)) && message.contains(reason), qPrintable(message));
}

void TestProcessor::namesAreKnown() {
  QVERIFY(find_processor("siglip-so400m-patch14-384") == siglip_processor(384));
  QVERIFY(find_processor("openai/clip-vit-large-patch14-336") == clip_processor(336));
  QVERIFY(find_processor("clip224") == clip_processor(224));
  for (const std::string& name : processor_names()) find_processor(name);
  for (const char* name : {"siglip", "siglip0", "siglip64x", "clip99999", "vit", "/nowhere"}) {
    QVERIFY2(user_error([&] { find_processor(name); }).contains(name), name);
  }
  QVERIFY(user_error([] { aspect_ratio_from_name("anyres"); }).contains("anyres"));
  QVERIFY(user_error([] { processor_for_tower("vit", 224); }).contains("vit"));
}

void TestProcessor::longAndNarrowIsRefused() {
  const Image strip(1, 30000);
  QVERIFY(
      user_error([&] { prepare(strip, clip_processor(224), AspectRatio::square); }).contains("too long and narrow"));
  QCOMPARE(prepare(strip, siglip_processor(8), AspectRatio::square).width, 8);
}

/// DeiT and ViT: `size` is what the picture is stretched to, `crop_size` what is cut out of it.
void TestProcessor::stretchesThenCrops() {
  QTemporaryDir folder;
  const ImageProcessor processor =
      read_processor(write(folder, "p.json", R"({"size": {"height": 6, "width": 8}, "do_center_crop": true,
        "crop_size": {"height": 4, "width": 2}})"));
  QCOMPARE(processor.width, 2);
  QCOMPARE(processor.height, 4);
  const Image image = picture(20, 10);
  QVERIFY(prepare(image, processor, AspectRatio::square) == center_crop(resize(image, 8, 6), 2, 4));
  QVERIFY(text(processor).contains("2 × 4; stretched to 8 × 6, centre cut out"));

  const ImageProcessor uncut =
      read_processor(write(folder, "u.json", R"({"size": {"height": 6, "width": 8}, "do_center_crop": true})"));
  QVERIFY(prepare(image, uncut, AspectRatio::square) == resize(image, 8, 6));
}

void TestProcessor::nullIsAsIfAbsent() {
  QTemporaryDir folder;
  const std::string size = R"({"size": {"height": 64, "width": 64})";
  const std::string nulls = R"(, "crop_size": null, "do_center_crop": null, "image_mean": null, "image_std": null})";
  QVERIFY(read_processor(write(folder, "nulls.json", size + nulls)) == siglip_processor(64));
  const ImageProcessor cut = read_processor(
      write(folder, "cut.json",
            R"({"size": {"shortest_edge": 64, "height": null}, "do_center_crop": true, "crop_size": null})"));
  QVERIFY(cut.shortest_edge == 64 && cut.width == 64 && cut.height == 64);
}

/// As LLaVA: the colour comes from `image_mean`, whether `do_normalize` is on or off.
void TestProcessor::padsWithTheMeanEvenUnnormalised() {
  QTemporaryDir folder;
  const std::string path = write(folder, "p.json", R"({"size": {"height": 2, "width": 2}, "do_normalize": false,
    "image_mean": [0.2, 0.4, 1]})");
  const ImageProcessor processor = read_processor(path);
  const Image padded = prepare(Image(1, 2), processor, AspectRatio::pad);
  const std::vector<uint8_t> expected{0, 0, 0, 51, 102, 255, 0, 0, 0, 51, 102, 255};
  QCOMPARE(padded.rgb, expected);
  QCOMPARE(pixel_values(Image(1, 2), processor, AspectRatio::pad)[0], 0.0F);
  QVERIFY(text(processor).contains("padded with 0.2 0.4 1"));
}

void TestProcessor::messagesAreUtf8() {
  QVERIFY(user_error([] { find_processor("/nowhere/\xFF\xFE"); }).contains("/nowhere/\\xff\\xfe"));
  QTemporaryDir folder;
  const std::string empty = folder.path().toStdString() + "/\xFF\xFE";
  std::filesystem::create_directory(empty);
  QVERIFY(user_error([&] { read_processor(empty); }).contains("\\xff\\xfe"));
}

/// As transformers 5 saves it, also into a folder that has an older file.
void TestProcessor::processorConfigGoesFirst() {
  QTemporaryDir folder;
  write(folder, "preprocessor_config.json", R"({"size": {"height": 28, "width": 28}, "resample": 3})");
  const std::string file = write(folder, "processor_config.json",
                                 R"({"processor_class": "LlavaProcessor", "image_processor": {"size": {"height": 14,
    "width": 14}, "resample": 2, "image_processor_type": "SiglipImageProcessor"}})");
  const ImageProcessor processor = read_processor(folder.path().toStdString());
  QCOMPARE(processor.width, 14);
  QVERIFY(processor.filter == ResampleFilter::bilinear);
  QVERIFY(read_processor(file) == processor);
  write(folder, "processor_config.json", R"({"processor_class": "LlavaProcessor"})");
  QCOMPARE(read_processor(folder.path().toStdString()).width, 28);
}

/// The defaults of transformers 5.24's classes; a number for size is the short side with most of them.
void TestProcessor::absentKeysAreTheClassesOwn() {
  const auto read = [](const std::string& text) {
    QTemporaryDir folder;
    return read_processor(write(folder, "p.json", text));
  };
  QVERIFY(read(R"({"image_processor_type": "CLIPImageProcessorFast"})") == clip_processor(224));
  QVERIFY(read(R"({"image_processor_type": "BitImageProcessor", "size": null})") == clip_processor(224));
  QVERIFY(read(R"({"image_processor_type": "SiglipImageProcessor"})") == siglip_processor(224));
  QCOMPARE(text(read(R"({"image_processor_type": "ViTImageProcessor", "size": 96})")),
           QString("96 × 96; stretched; bilinear; mean 0.5 0.5 0.5; std 0.5 0.5 0.5"));
  const ImageProcessor clip = read(R"({"image_processor_type": "CLIPImageProcessor", "size": 300})");
  QVERIFY(clip.shortest_edge == 300 && clip.width == 224);
  const ImageProcessor one = read(R"({"image_processor_type": "SiglipImageProcessor", "image_mean": 0.25})");
  QVERIFY(one.mean == (std::array<double, 3>{0.25, 0.25, 0.25}));
}

void TestProcessor::padsFirstWhereTheClassDoes() {
  const std::string rest = R"("do_pad": true, "size": {"height": 4, "width": 4}, "do_center_crop": false})";
  QTemporaryDir folder;
  const ImageProcessor llava =
      read_processor(write(folder, "a.json", R"({"image_processor_type": "LlavaImageProcessor", )" + rest));
  const ImageProcessor clip =
      read_processor(write(folder, "b.json", R"({"image_processor_type": "CLIPImageProcessor", )" + rest));
  QVERIFY(llava.pads_to_square && !clip.pads_to_square);
  const Image image = picture(9, 3);
  QVERIFY(prepare(image, llava, AspectRatio::square).rgb == prepare(image, clip, AspectRatio::pad).rgb);
  QVERIFY(prepare(image, llava, AspectRatio::square).rgb != prepare(image, clip, AspectRatio::square).rgb);
}

void TestProcessor::cropsWithoutResizing() {
  QTemporaryDir folder;
  const ImageProcessor processor = read_processor(
      write(folder, "a.json", R"({"image_processor_type": "CLIPImageProcessor", "do_resize": false, "crop_size": 4})"));
  const Image image = picture(9, 7);
  QVERIFY(prepare(image, processor, AspectRatio::square).rgb == center_crop(image, 4, 4).rgb);
}

void TestProcessor::otherKindsAreRefusedByName_data() {
  QTest::addColumn<QString>("json");
  QTest::addColumn<QString>("named");
  QTest::newRow("tiles") << R"({"image_processor_type": "LlavaNextImageProcessor"})"
                         << "LlavaNextImageProcessor";
  QTest::newRow("NaFlex") << R"({"image_processor_type": "Siglip2ImageProcessor"})"
                          << "Siglip2ImageProcessor";
  QTest::newRow("nearest") << R"({"size": 8, "resample": 0})"
                           << "resample";
  QTest::newRow("uneven") << R"({"image_processor_type": "SiglipImageProcessor", "size": 8})"
                          << "shortest edge";
  QTest::newRow("longest") << R"({"size": {"shortest_edge": 8, "longest_edge": 16}})"
                           << "size";
  QTest::newRow("padding") << R"({"size": 8, "do_pad": true, "pad_size": 16})"
                           << "pad_size";
  QTest::newRow("no crop size") << R"({"image_processor_type": "ViTImageProcessor", "do_center_crop": true})"
                                << "crop_size";
  QTest::newRow("crop by one side") << R"({"size": 8, "crop_size": {"shortest_edge": 8}})"
                                    << "crop_size";
}

void TestProcessor::otherKindsAreRefusedByName() {
  QFETCH(const QString, json);
  QFETCH(const QString, named);
  QTemporaryDir folder;
  const std::string file = write(folder, "p.json", json.toStdString());
  try {
    read_processor(file);
    QFAIL("it was read");
  } catch (const UserError& error) {
    QVERIFY2(QString(error.what()).contains(named), error.what());
  }
}

QTEST_GUILESS_MAIN(TestProcessor)
#include "tst_processor.moc"
