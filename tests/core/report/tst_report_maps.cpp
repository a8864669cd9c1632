// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/image/decode.h"
#include "core/io/json_file.h"
#include "core/report/probe_maps.h"
#include "core/report/probe_series.h"
#include "core/run/worst_pairs.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestReportMaps : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;
  int tests_ = 0;

  std::string page_of(const RunFolder& run, const ReportOptions& options = {}) const {
    return content_of(write_report({run}, root_ / "out", options).page);
  }

  static size_t count(std::string_view text, std::string_view what) {
    size_t found = 0;
    for (size_t place = text.find(what); place != std::string_view::npos; place = text.find(what, place + 1)) ++found;
    return found;
  }

 private Q_SLOTS:
  void init() {
    root_ = fs::path(dir_.path().toStdString()) / std::to_string(tests_++);
    fs::create_directories(root_);
  }

  /// The student's values over the root mean square of its map, against the teacher's ones; neighbours don't count.
  void theWorstPairIsFound() {
    const MadeRun made{.tokens = 9};
    write_made_probe(root_ / "0.safetensors", made, 2);
    const ProbeFile probe = read_probe_file(root_ / "0.safetensors");
    const auto pairs = disagreeing_pairs(probe, {.pairs = 2});
    QCOMPARE(pairs.size(), size_t{2});
    QCOMPARE(pairs[0].first, int64_t{0});
    QCOMPARE(pairs[0].second, int64_t{8});
    const double scale = std::sqrt((79 + 2 * 0.25) / 81);
    QVERIFY(std::abs(pairs[0].student - 0.5 / scale) < 1e-6);
    QVERIFY(std::abs(pairs[0].difference() - (0.5 / scale - 1)) < 1e-6);
    QVERIFY(std::abs(pairs[1].difference()) < std::abs(pairs[0].difference()));
    // Of 36 pairs of 3 × 3 patches 20 are neighbours.
    QCOMPARE(disagreeing_pairs(probe, {.pairs = 100}).size(), size_t{16});
  }

  void aLargeMapIsReducedByMeans() {
    RelationMatrix matrix{3, {1, 3, 5, 5, 7, 7, 2, 4, NAN}};
    const ReducedMatrix small = reduced(matrix, 2);
    QCOMPARE(small.block, 2);
    QCOMPARE(small.n, 2);
    QCOMPARE(small.values[0], 4.0F);
    QCOMPARE(small.values[1], 6.0F);
    QVERIFY(std::isnan(small.values[3]));
    QCOMPARE(reduced(matrix, 3).values[1], 3.0F);
  }

  void everyLookHasItsMapsAndPairs() {
    const RunFolder run = make_run(root_, "one", {.probes = 1, .tokens = 9});
    const std::string page = page_of(run);
    QCOMPARE(count(page, "<section class=\"look"), size_t{4});
    QCOMPARE(count(page, "<section class=\"look shown\""), size_t{1});
    QVERIFY(page.find("max=\"3\" value=\"3\"") != std::string::npos);
    QVERIFY(page.find("row 1, column 1</th><td>row 3, column 3</td>") != std::string::npos);
    const auto files = files_in(root_ / "out" / "maps" / "run-1" / "probe-1");
    for (const char* name : {"teacher.npy", "teacher.png", "0000004-DFT-student.npy", "0000004-DFT-difference.png"})
      QVERIFY2(files.contains(name), name);
    const Image image = decode_image(
        {reinterpret_cast<const uint8_t*>(files.at("teacher.png").data()), files.at("teacher.png").size()}, "teacher");
    QCOMPARE(image.width, 189);
    // The numbers are those that the probe's reader gives.
    const ProbeFile probe = read_probe_file(run.probes() / "DFT-4" / "0.safetensors");
    const std::string& npy = files.at("0000004-DFT-student.npy");
    std::vector<float> values(probe.student.values.size());
    std::memcpy(values.data(), npy.data() + npy.size() - values.size() * sizeof(float), values.size() * sizeof(float));
    QCOMPARE(values, probe.student.values);
  }

  void aDamagedProbeIsLeftOutByName() {
    const RunFolder run = make_run(root_, "one", {.probes = 1});
    write_file_atomically(run.probes() / "DFT-2" / "0.safetensors", "no tensors");
    fs::remove(run.probes() / "DFT-3" / "0.safetensors");
    const std::string page = page_of(run);
    QCOMPARE(count(page, "<section class=\"look"), size_t{2});
    QCOMPARE(count(page, "Left out: "), size_t{2});
    QVERIFY(page.find("DFT-2/0.safetensors") != std::string::npos);
    for (const char* step : {"DFT-1", "DFT-4"}) write_file_atomically(run.probes() / step / "0.safetensors", "");
    QCOMPARE(count(page_of(run), "Left out: "), size_t{4});
  }

  void withoutATeacherThereIsTheStudentAlone() {
    const std::string page = page_of(make_run(root_, "one", {.probes = 1, .has_teacher = false}));
    QVERIFY(page.find("class=\"looks alone\"") != std::string::npos);
    QVERIFY(page.find("Teacher</figcaption>") == std::string::npos);
    QVERIFY(page.find("class=\"pairs\"") == std::string::npos);
  }

  void manyLooksAndProbesAreBounded() {
    std::string page =
        page_of(make_run(root_, "one", {.totals = std::vector<double>(15, 1.0), .probes = 1, .tokens = 65}));
    QCOMPARE(count(page, "<section class=\"look"), most_shown_looks);
    QVERIFY(page.find("12 of 15 looks are shown") != std::string::npos);
    QVERIFY(page.find("data-step=\"1 · DFT\"") != std::string::npos);
    QVERIFY(page.find("data-step=\"15 · DFT\"") != std::string::npos);
    page = page_of(make_run(root_, "two", {.totals = {1}, .probes = 9}));
    QCOMPARE(count(page, "<section class=\"look"), most_shown_probes);
    QVERIFY(page.find("The first 8 of 9 probes are shown") != std::string::npos);
  }

  void manyTokensAreMeansInThePage() {
    const std::string page = page_of(make_run(root_, "one", {.totals = {1}, .probes = 1, .tokens = 300}));
    QVERIFY(page.find("A cell is the mean of 3 × 3 pairs") != std::string::npos);
    QVERIFY2(page.size() < 300'000, std::to_string(page.size()).c_str());
    QVERIFY(files_in(root_ / "out").at("maps/run-1/probe-1/teacher.npy").size() > 300 * 300 * 4);
  }

  /// run.json may be a stranger's: only what the run has noted is opened.
  void aPictureIsShownWhereItIsTheSame() {
    const RunFolder run = make_run(root_, "one", {.probes = 1});
    QVERIFY(page_of(run).find("isn't there as the run noted it") != std::string::npos);
    const std::vector<uint8_t> png = encode_png(Image(8, 8, {200, 10, 10}));
    const std::string bytes(png.begin(), png.end());
    write_file_atomically(root_ / "picture.png", bytes);
    QVERIFY(page_of(run).find("class=\"picture\"") == std::string::npos);
    RunInfo info = read_run_info(run);
    info.inputs["picture.png"] = {{"sha256", sha256(bytes)}, {"bytes", bytes.size()}, {"modified", 1}};
    write_run_info(run, info);
    const std::string page = page_of(run);
    QVERIFY(page.find("class=\"picture\"") != std::string::npos);
    QVERIFY(page.find("<use href=\"#run-1-probe-1-picture\"") != std::string::npos);
    QVERIFY(fs::exists(root_ / "out" / "maps" / "run-1" / "probe-1" / "picture.png"));
    QVERIFY(page_of(run, {.redact = true}).find("class=\"picture\"") == std::string::npos);
    write_json(root_ / "bundle.json", nlohmann::ordered_json::object());
    QVERIFY(page_of(run).find("a bundle has none") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestReportMaps)
#include "tst_report_maps.moc"
