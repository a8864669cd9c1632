// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/sources/data_source.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

Sample sample_named(const std::string& id) {
  return {.id = id, .turns = {{Speaker::human, "What?"}, {Speaker::gpt, "A dog."}}};
}

}  // namespace

class TstDataset : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_ = fs::path(dir_.path().toStdString()) / "data.json";

  fs::path written(const std::string& text) const {
    std::ofstream(file_, std::ios::binary) << text;
    return file_;
  }

 private Q_SLOTS:
  void samplesAreFoundByTheirPlace() {
    const SampleList list({sample_named("a"), sample_named("b")}, {{7, "c", "no"}}, {"A note."});
    QCOMPARE(list.size(), 2);
    QCOMPARE(list.entries(), 3);
    QCOMPARE(list.sample(1)->id, std::string("b"));
    QVERIFY(list.sample(1).get() == list.sample(1).get());  // none is copied
    QCOMPARE(list.length(0).words, 3);
    QCOMPARE(list.faults().front().message(), std::string("line 7, sample 'c': no."));
    QCOMPARE(list.notes().size(), size_t{1});
    QVERIFY_EXCEPTION_THROWN(list.sample(2), std::out_of_range);
    QVERIFY_EXCEPTION_THROWN(list.sample(-1), std::out_of_range);
    QVERIFY_EXCEPTION_THROWN(list.length(2), std::out_of_range);
    QCOMPARE(SampleList().entries(), 0);
  }

  void aSampleOutlivesItsDataset() {
    auto list = std::make_unique<SampleList>(std::vector<Sample>{sample_named("a")});
    const auto sample = list->sample(0);
    list.reset();
    QCOMPARE(sample->turns.back().text, std::string("A dog."));
  }

  void wordsAndKindAreTheLength() {
    Sample sample;
    sample.turns = {{Speaker::human, " a b\n\u3000c"}, {Speaker::gpt, ""}};
    QCOMPARE(sample_length(sample).words, 3);
    QVERIFY(!sample_length(sample).has_image);
    sample.images = {"a.png"};
    QVERIFY(sample_length(sample).has_image);
  }

  void aFileWithoutUsableSamplesIsOnlyChecked() {
    const fs::path file = written("[{}]");
    QCOMPARE(open_dataset_to_check(file)->size(), 0);
    QCOMPARE(open_dataset_to_check(file)->entries(), 1);
    QVERIFY_EXCEPTION_THROWN(open_dataset(file), UserError);
    QVERIFY_EXCEPTION_THROWN(open_dataset_to_check(written("[]")), UserError);
    QVERIFY_EXCEPTION_THROWN(open_dataset(file_.parent_path() / "none.json"), UserError);
    QVERIFY_EXCEPTION_THROWN(open_dataset(file_.parent_path()), UserError);
  }

  void entriesAreHandedOverAsTheyAreRead() {
    std::vector<std::string> seen;
    const EntrySink sink{.sample = [&](const Sample& sample) { seen.push_back(sample.id); },
                         .fault =
                             [&](const DataFault& fault) {
                               seen.push_back("fault " + fault.id);
                             }};
    const char* turns = R"("conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}])";
    const fs::path file =
        written(fmt::format(R"([{{"id": "a", {0}}}, {{"id": "b"}}, {{"id": "c", {0}, "tag": 1}}])", turns));
    QCOMPARE(read_entries(file, sink).size(), size_t{1});
    QCOMPARE(seen, (std::vector<std::string>{"a", "fault b", "c"}));
    QVERIFY_EXCEPTION_THROWN(read_entries(written("[]"), sink), UserError);
  }

  void theSourceIsChosenByWhatTheFileIs() {
    QCOMPARE(source_of(written("[]")).name, std::string_view("json"));
    QCOMPARE(source_of(written("")).name, std::string_view("json"));
    QCOMPARE(source_of(file_.parent_path()).name, std::string_view("json"));
    QCOMPARE(source_of("/nowhere").name, std::string_view("json"));
  }
};

QTEST_GUILESS_MAIN(TstDataset)
#include "tst_dataset.moc"
