// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/base/errors.h"
#include "core/data/dataset.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const std::string turns = R"("conversations": [{"from": "human", "value": "Wh\u00e4t {[\"?"},
 {"from": "gpt", "value": "É, [1] }"}])";

/// Usable entries, one without an id, and faulty ones between them.
const std::vector<std::string> entries{R"({"id": "a", )" + turns + "}",
                                       R"({"id": "none"})",
                                       "{" + turns + R"(, "image": null})",
                                       "5",
                                       "[1, 2]",
                                       "{\n  \"id\" : 7,\n  \"extra\": {\"deep\": [[{}]]}, " + turns + "\n}"};

std::string joined(const std::string& begin, const std::string& between, const std::string& end) {
  std::string text = begin;
  for (size_t i = 0; i < entries.size(); ++i) text += (i == 0 ? "" : between) + entries[i];
  return text + end;
}

std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

class TstBrowsedDataset : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_ = fs::path(dir_.path().toStdString()) / "data.json";

  void write(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }

 private Q_SLOTS:
  void samplesAreThoseOfTheWholeFile_data() {
    QTest::addColumn<QString>("text");
    std::string lines;
    for (const std::string& entry : entries) lines += on_one_line(entry) + "\n\n";
    QTest::newRow("a list") << QString::fromStdString(joined("[", ",\n", "]\n"));
    QTest::newRow("on one line") << QString::fromStdString(on_one_line(joined("[", ",", "]")));
    QTest::newRow("with a mark in front") << QString::fromStdString("\xEF\xBB\xBF" + joined(" \n[ ", " , ", " ] "));
    QTest::newRow("lines") << QString::fromStdString(lines);
    QTest::newRow("Python's numbers, which are rewritten")
        << QString::fromStdString("[{\"x\": NaN, " + entries[0].substr(1) + "," + entries[2] + "]");
  }
  void samplesAreThoseOfTheWholeFile() {
    QFETCH(QString, text);
    write(text.toStdString());
    const auto whole = open_dataset_to_check(file_);
    std::vector<std::string> seen;
    const auto browsed =
        open_dataset_to_browse(file_, {.sample = [&](const Sample& sample) { seen.push_back(sample.id); },
                                       .fault =
                                           [&](const DataFault& fault) {
                                             seen.push_back("fault " + fault.id);
                                           }});
    QVERIFY(whole->size() >= 2);
    QCOMPARE(browsed->size(), whole->size());
    for (const int64_t i : {whole->size() - 1, int64_t{0}, int64_t{1}}) {
      const auto expected = whole->sample(i), sample = browsed->sample(i);
      QCOMPARE(sample->id, expected->id);
      QCOMPARE(sample->line, expected->line);
      QVERIFY(sample->turns == expected->turns && sample->images == expected->images);
      QCOMPARE(browsed->length(i).words, whole->length(i).words);
    }
    QCOMPARE(browsed->faults().size(), whole->faults().size());
    for (size_t i = 0; i < whole->faults().size(); ++i)
      QCOMPARE(browsed->faults()[i].message(), whole->faults()[i].message());
    QCOMPARE(browsed->notes(), whole->notes());
    QCOMPARE(std::ssize(seen), whole->entries());
    QCOMPARE(seen.front(), std::string("a"));
  }

  void aChangedFileIsToldOf() {
    write(joined("[", ",\n", "]\n"));
    const auto browsed = open_dataset_to_browse(file_);
    QCOMPARE(browsed->sample(0)->id, std::string("a"));
    fs::resize_file(file_, 20);
    QVERIFY_EXCEPTION_THROWN(browsed->sample(0), UserError);
    // Another file in its place doesn't matter: what was opened is still there.
    write(joined("[", ",\n", "]\n"));
    const auto again = open_dataset_to_browse(file_);
    fs::rename(file_, file_.string() + ".old");
    write("[]");
    QCOMPARE(again->sample(2)->id, std::string("7"));
  }

  void theObserverEndsTheReading() {
    write(joined("[", ",\n", "]\n"));
    int seen = 0;
    const auto stop = [&](const Sample&) {
      if (++seen == 2) throw std::runtime_error("enough");
    };
    QVERIFY_EXCEPTION_THROWN(open_dataset_to_browse(file_, {.sample = stop, .fault = {}}), std::runtime_error);
    QCOMPARE(seen, 2);
  }

  void whatIsNoDataFileIsRefused() {
    QVERIFY_EXCEPTION_THROWN(open_dataset_to_browse(dir_.path().toStdString()), UserError);
    QVERIFY_EXCEPTION_THROWN(open_dataset_to_browse(file_.string() + ".gone"), UserError);
    write("[");
    QVERIFY_EXCEPTION_THROWN(open_dataset_to_browse(file_), UserError);
  }
};

QTEST_GUILESS_MAIN(TstBrowsedDataset)
#include "tst_browsed_dataset.moc"
