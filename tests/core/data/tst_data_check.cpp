// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>

#include "core/data/data_check.h"
#include "core/data/loader.h"
#include "core/io/json_file.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

const fs::path pictures = fs::path(LLAVAKD_TEST_DATA_DIR) / "image";

Json entry(const char* id, const std::string& question, const std::string& answer, const char* image = nullptr) {
  Json json{{"id", id},
            {"conversations", {{{"from", "human"}, {"value", question}}, {{"from", "gpt"}, {"value", answer}}}}};
  if (image != nullptr) json["image"] = image;
  return json;
}

/// A folder with one good picture, one that is cut short, one that is none, and a data file.
struct Files {
  QTemporaryDir dir;
  fs::path folder = dir.path().toStdString(), data = folder / "data.json";

  Files() {
    fs::copy_file(pictures / "rgb.png", folder / "good.png");
    fs::copy_file(pictures / "rgb.png", folder / "half.png");
    fs::resize_file(folder / "half.png", fs::file_size(folder / "half.png") * 2 / 3);
    std::ofstream(folder / "page.png") << "<!doctype html><p>Not found";
    write_json(data, Json::array({entry("good", "<image>\nWhat?", "A dog.", "good.png"),
                                  entry("gone", "<image>\nWhat?", "A dog.", "gone.png"), Json{{"id", "none"}},
                                  entry("page", "<image>\nWhat?", "A dog.", "page.png"),
                                  entry("half", "<image>\nWhat?", "A dog.", "half.png"),
                                  entry("ends", "What?", "It is <|endoftext|>."),
                                  entry("long", std::string(400, 'q'), "A dog.")}));
  }
};

}  // namespace

class TstDataCheck : public QObject {
  Q_OBJECT

  Tokenizer tokenizer_ = Tokenizer::load(fs::path(LLAVAKD_TEST_DATA_DIR) / "text" / "qwen2");
  TextRules rules_{.tokenizer = &tokenizer_,
                   .conversation_template = &conversation_template("no_system"),
                   .visual_tokens = 4,
                   .max_length = 200};

 private Q_SLOTS:
  void everySampleThatIsLeftOutHasOneReason() {
    const Files files;
    const DataReport report = check_data(files.data, {.images_folder = files.folder, .texts = rules_});
    QCOMPARE(report.entries, 7);
    QCOMPARE(report.readable, 6);
    std::vector<std::string> ids;
    for (const DataFault& fault : report.faults) ids.push_back(fault.id);
    QCOMPARE(ids, (std::vector<std::string>{"gone", "none", "page", "ends", "long"}));
    QVERIFY(report.faults[0].reason.ends_with("gone.png: there is no such picture"));
    QVERIFY(report.faults[2].reason.find("an HTML page") != std::string::npos);
    QVERIFY(report.faults[3].reason.starts_with("the end token <|endoftext|> stands inside an answer"));
    QVERIFY(report.faults[4].reason.starts_with("it is longer than max_length"));
    QCOMPARE(report.notes.size(), size_t{1});
    QVERIFY(report.notes[0].starts_with("1 picture is cut short") &&
            report.notes[0].find("half.png") != std::string::npos);
  }

  void theReasonsAreThoseOfTheRun() {
    const Files files;
    PreparationOptions how{.images_folder = files.folder,
                           .conversation_template = rules_.conversation_template,
                           .visual_tokens = rules_.visual_tokens,
                           .max_length = rules_.max_length,
                           .processor = siglip_processor(8)};
    const auto data = open_dataset(files.data);
    std::vector<std::string> of_run, of_check;
    for (const DataFault& fault : data->faults()) of_run.push_back(fault.message());
    for (int64_t i = 0; i < data->size(); ++i) {
      const auto sample = data->sample(i);
      const PreparedSample prepared = prepare_sample(*sample, i, tokenizer_, how);
      if (prepared.sequence.skipped)
        of_run.push_back(DataFault{sample->line, sample->id, *prepared.sequence.skipped}.message());
      QCOMPARE(prepared.truncated.size(), size_t{sample->id == "half" ? 1U : 0U});
    }
    for (const DataFault& fault : check_data(files.data, {.images_folder = files.folder, .texts = rules_}).faults)
      of_check.push_back(fault.message());
    std::ranges::sort(of_run);
    std::ranges::sort(of_check);
    QCOMPARE(of_check, of_run);
  }

  void aPartIsSpreadOverTheFile() {
    const Files files;
    const DataReport report =
        check_data(files.data, {.images_folder = files.folder, .texts = rules_, .most_texts = 2, .most_images = 1});
    // The entry without turns, and the picture that isn't there; "good" and "half" have texts without a fault.
    std::vector<std::string> ids;
    for (const DataFault& fault : report.faults) ids.push_back(fault.id);
    QCOMPARE(ids, (std::vector<std::string>{"gone", "none"}));
    QCOMPARE(report.notes, (std::vector<std::string>{"1 of 4 pictures were read, the others only looked for.",
                                                     "2 of 6 texts were looked at."}));
  }

  void tenSamplesTellWhetherAnythingIsLearnt() {
    const auto all = [](int count, const std::string& answer) {
      std::vector<Sample> samples;
      for (int i = 0; i < count; ++i)
        samples.push_back({.id = "s", .turns = {{Speaker::human, "What?"}, {Speaker::gpt, answer}}});
      return samples;
    };
    QVERIFY(!nothing_learnt_reason(SampleList(all(30, "A dog.")), rules_));
    TextRules rules = rules_;
    rules.conversation_template = &conversation_template("llama");
    const auto reason = nothing_learnt_reason(SampleList(all(30, "A dog.")), rules);
    QVERIFY(reason && reason->find("llama ends answers with </s>") != std::string::npos);
    auto samples = all(30, "It is <|endoftext|>.");
    QVERIFY(nothing_learnt_reason(SampleList(samples), rules_));
    samples[15].turns[1].text = "A dog.";
    QVERIFY(!nothing_learnt_reason(SampleList(samples), rules_));
    QVERIFY(!nothing_learnt_reason(SampleList(), rules_));
  }

  void withoutATokenizerOnlyTheSeparatorIsSeen() {
    const Files files;
    write_json(files.data, Json::array({entry("a", "What?", "It is <|endoftext|>."),
                                        entry("b", "Say ASSISTANT: please", "x ASSISTANT: y")}));
    const DataReport report = check_data(files.data, {.images_folder = files.folder, .texts = {}});
    QCOMPARE(report.faults.size(), size_t{1});
    QCOMPARE(report.faults[0].id, std::string("b"));
  }

  void namesEndAfterFive() {
    std::vector<DataFault> faults(7, DataFault{3, "a", "no"});
    QVERIFY(first_faults(faults).ends_with("; and 2 more"));
    faults.resize(1);
    QCOMPARE(first_faults(faults), std::string("line 3, sample 'a': no"));
  }
};

QTEST_GUILESS_MAIN(TstDataCheck)
#include "tst_data_check.moc"
