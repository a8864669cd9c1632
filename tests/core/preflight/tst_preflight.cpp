// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/preflight/preflight.h"
#include "core/preflight/published_data.h"
#include "core/project/project_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

const fs::path models = fs::path(LLAVAKD_SOURCE_DIR) / "projects/emoji/models";

}  // namespace

/// The emoji models and two samples: everything fits until one thing is changed.
class TestPreflight : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, file_;
  Project project_;

  static const PreflightItem* item_named(const std::vector<PreflightItem>& items, const std::string& name) {
    const auto found = std::ranges::find(items, name, &PreflightItem::name);
    return found == items.end() ? nullptr : &*found;
  }

  static QString refusal(const Project& project, const fs::path& file) {
    try {
      refuse_red(project, file);
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  }

  static Json text_sample() {
    return {{"id", "text"},
            {"conversations", {{{"from", "human"}, {"value", "Who?"}}, {{"from", "gpt"}, {"value", "a fox"}}}}};
  }

  static Json both(const char* image) { return Json::array({sample("one", image), sample("two", image)}); }

  static Json sample(const char* id, const char* image) {
    return {
        {"id", id},
        {"image", image},
        {"conversations", {{{"from", "human"}, {"value", "<image>\nWho?"}}, {{"from", "gpt"}, {"value", "a fox"}}}}};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    file_ = folder_ / "p.kdproj";
    fs::copy_file(fs::path(LLAVAKD_TEST_DATA_DIR) / "image/rgb.png", folder_ / "a.png");
    write_json(folder_ / "data.json", both("a.png"));
    write_json(folder_ / "text.json", Json::array({text_sample(), text_sample()}));
    write_json(folder_ / "text.png", "no picture");
    write_json(folder_ / "text-pictures.json", both("text.png"));
    project_.teacher.checkpoint = (models / "teacher").string();
    project_.student.language_model = (models / "language-student").string();
    project_.student.vision_tower = (models / "tower").string();
    project_.conversation_template = "no_system";
    project_.stages = {{.name = "DPT", .data = "data.json", .batch_size = 1}};
    project_.stages[0].terms.push_back({.term = "rdist"});
    project_.probes = {{.image = "a.png", .question = "Who?"}};
    project_.evaluations = {{.file = "data.json"}};
  }

  void whatFitsIsGreen() {
    const auto items = preflight(project_, file_);
    QVERIFY(refusal(project_, file_).isEmpty());
    for (const char* name : {"Files", "Tokenizer", "Template of the project", "Visual tokens", "Data of DPT", "Probes",
                             "Evaluation", "Disk", "Memory"}) {
      const PreflightItem* item = item_named(items, name);
      QVERIFY2(item, name);
      QVERIFY2(item->level == MatchLevel::green && item->remedy.empty(), item->finding.c_str());
    }
    QCOMPARE(item_named(items, "Data of DPT")->finding, std::string("2 samples, 2 steps"));
    QVERIFY(to_json(items)["level"] != "red");
  }

  void faultySamplesAreAmber() {
    write_json(folder_ / "faulty.json", Json::array({sample("one", "a.png"), sample("gone", "none.png")}));
    Project project = project_;
    project.stages[0].data = "faulty.json";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Data of DPT");
    QVERIFY(item->level == MatchLevel::amber);
    QVERIFY2(item->finding.find("gone") != std::string::npos && item->remedy.find("data check") != std::string::npos,
             item->finding.c_str());
    QVERIFY(item->fixes == std::vector{samples_fix("stages[0]")});
    QVERIFY(refusal(project, file_).isEmpty());
  }

  void whatCantWorkIsRedAndRefused_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("named");
    QTest::newRow("data") << "data"
                          << "nowhere.json";
    QTest::newRow("no data") << "no data"
                             << "DPT";
    QTest::newRow("teacher") << "teacher"
                             << "no-teacher";
    QTest::newRow("no teacher") << "no teacher"
                                << "Teacher";
    QTest::newRow("student") << "student"
                             << "no-student";
    QTest::newRow("no student") << "no student"
                                << "Student";
    QTest::newRow("bare teacher") << "bare teacher"
                                  << "teacher";
    QTest::newRow("probe") << "probe"
                           << "nowhere.png";
    QTest::newRow("questions") << "questions"
                               << "nowhere.json";
    QTest::newRow("other ids") << "other ids"
                               << "Id ";
    QTest::newRow("processor") << "processor"
                               << "Image processor";
    QTest::newRow("processor's size") << "size"
                                      << "preprocessor_config.json";
    QTest::newRow("queries") << "queries"
                             << "num_queries 35";
  }
  void whatCantWorkIsRedAndRefused() {
    QFETCH(const QString, what);
    QFETCH(const QString, named);
    Project project = project_;
    if (what == "data") project.stages[0].data = "nowhere.json";
    if (what == "no data") project.stages[0].data.clear();
    if (what == "teacher") project.teacher.checkpoint = "no-teacher";
    if (what == "no teacher") project.teacher.checkpoint.clear();
    if (what == "student") project.student.language_model = "no-student";
    if (what == "no student") project.student = {};
    if (what == "bare teacher") project.teacher.checkpoint = (models / "language-student").string();
    if (what == "probe") project.probes[0].image = "nowhere.png";
    if (what == "questions") project.evaluations[0].file = "nowhere.json";
    if (what == "other ids") {
      fs::copy(models / "teacher", folder_ / "swapped", fs::copy_options::recursive);
      Json tokenizer = read_json(folder_ / "swapped/tokenizer.json");
      std::swap(tokenizer["model"]["vocab"]["a"], tokenizer["model"]["vocab"]["b"]);
      write_json(folder_ / "swapped/tokenizer.json", tokenizer);
      project.teacher.checkpoint = "swapped";
    }
    if (what == "processor" || what == "size") {
      const int side = what == "size" ? 64 : 96;
      fs::copy(models / "teacher", folder_ / what.toStdString(), fs::copy_options::recursive);
      write_json(folder_ / what.toStdString() / "preprocessor_config.json",
                 {{"size", {{"height", side}, {"width", side}}}, {"image_mean", {0.4, 0.5, 0.6}}});
      project.teacher.checkpoint = what.toStdString();
    }
    if (what == "queries") project.student.connector = "resampler";
    const auto items = preflight(project, file_);
    QCOMPARE(to_json(items)["level"].get<std::string>(), std::string("red"));
    for (const auto& item : items) QVERIFY2(item.level == MatchLevel::green || !item.remedy.empty(), item.name.c_str());
    const QString said = refusal(project, file_);
    QVERIFY2(said.contains(named) && said.endsWith('.') && !said.contains(".."), qPrintable(said));
  }

  /// A checkpoint that was trained on padded pictures, in a project that squeezes them.
  void anotherShapeOfPicturesIsSaid() {
    fs::copy(models / "teacher", folder_ / "padded", fs::copy_options::recursive);
    Json config = read_json(folder_ / "padded/config.json");
    config["image_aspect_ratio"] = "pad";
    config["made_up"] = 3;
    write_json(folder_ / "padded/config.json", config);
    Project project = project_;
    project.teacher.checkpoint = "padded";
    const auto findings = [&] {
      QStringList list;
      for (const auto& item : preflight(project, file_))
        if (item.name == "Teacher" && item.level == MatchLevel::amber) list << QString::fromStdString(item.finding);
      return list;
    };
    QVERIFY(findings().filter("image_aspect_ratio is \"pad\"").size() == 1);
    QVERIFY(findings().filter("made_up (3)").size() == 1);
    project.image.aspect_ratio = "pad";
    QVERIFY(findings().filter("image_aspect_ratio").isEmpty());
  }

  /// The sample's teacher says how it was trained.
  void anotherTemplateThanTheTeachersIsSaid() {
    Project project = project_;
    QVERIFY(!item_named(preflight(project, file_), "Teacher"));
    project.conversation_template = "phi";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Teacher");
    QVERIFY(item && item->level == MatchLevel::amber);
    QVERIFY2(item->finding.find("no_system") != std::string::npos, item->finding.c_str());
    QCOMPARE(item->fixes.at(0).settings, std::vector<std::string>{"template=no_system"});
  }

  /// What a run would refuse or learn nothing from, in any stage and before anything is written.
  void whatTheRunWouldRefuseIsRed_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("item");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* what, const char* item, const char* named) {
      QTest::addRow("%s", what) << what << item << named;
    };
    row("no stages", "Stages", "no stages");
    row("no terms", "Stage SFT", "weight above 0");
    row("weights 0", "Stage SFT", "weight above 0");
    row("trains nothing", "Stage SFT", "trains nothing");
    row("long name", "Stage SSSSSSSSSSSSSSSSSSSS…", "250 letters");
    row("rate 0", "Stage SFT", "learning rate is 0");
    row("text alone", "Stage SFT", "connector only");
    row("visual terms on text", "Stage SFT", "visual tokens only");
    row("short", "Data of SFT", "none of its 2 samples with a picture");
    row("text as pictures", "Data of SFT", "none of its 2 samples with a picture");
    row("wrong folder", "Data of SFT", "none.png");
    row("probe", "Probes", "text.png");
    row("teacher for probes", "Teacher", "no-teacher");
    row("device", "Device", "no such device");
    row("runs", "Runs", "runs is no folder");
    row("cache", "Cache", "file is no folder");
    row("questions", "Evaluation", "none of its 2 samples");
  }
  void whatTheRunWouldRefuseIsRed() {
    QFETCH(const QString, what);
    QFETCH(const QString, item);
    QFETCH(const QString, named);
    Project project = project_;
    project.stages.push_back(project.stages[0]);
    StageOptions& later = project.stages[1];
    later.name = "SFT";
    fs::path file = file_;
    DeviceFault device;
    if (what == "no stages") project.stages.clear();
    if (what == "no terms") later.terms.clear();
    if (what == "weights 0")
      for (TermOptions& term : later.terms) term.weight = 0;
    if (what == "trains nothing") later.train.clear();
    if (what == "long name") later.name = std::string(250, 'S');
    if (what == "rate 0") later.learning_rate = 0;
    if (what == "text alone") later.data = "text.json";
    if (what == "visual terms on text") {
      later.data = "text.json";
      later.train = {"language_model"};
      later.terms = {{.term = "mdist_visual"}, {.term = "ce", .weight = 0}};
    }
    if (what == "short") project.max_length = 16;
    if (what == "text as pictures") later.data = "text-pictures.json";
    if (what == "wrong folder" || what == "questions") write_json(folder_ / "wrong.json", both("none.png"));
    if (what == "wrong folder") later.data = "wrong.json";
    if (what == "questions") project.evaluations[0].file = "wrong.json";
    if (what == "probe") project.probes[0].image = "text.png";
    if (what == "teacher for probes") {
      project.teacher.checkpoint = "no-teacher";
      for (StageOptions& stage : project.stages) stage.terms = {{.term = "ce"}};
    }
    if (what == "device")
      device = [](const std::string& name) {
        return "no such device: " + name;
      };
    if (what == "runs") {
      fs::create_directories(folder_ / "other");
      file = folder_ / "other/p.kdproj";
      write_json(folder_ / "other/runs", Json());
      for (std::string* path :
           {&project.stages[0].data, &later.data, &project.probes[0].image, &project.evaluations[0].file})
        *path = "../" + *path;
    }
    if (what == "cache") {
      write_json(folder_ / "file", Json());
      project.run.vision_cache = "on";
      project.run.cache_folder = "file";
    }
    const auto items = preflight(project, file, device);
    const auto found = std::ranges::find_if(items, [&](const PreflightItem& each) {
      return each.name == item.toStdString() && each.level == MatchLevel::red;
    });
    QVERIFY2(found != items.end(), to_json(items).dump(1).c_str());
    QVERIFY(!found->remedy.empty());
    QVERIFY2((found->finding + found->remedy).find(named.toStdString()) != std::string::npos, found->finding.c_str());
    try {
      refuse_red(project, file, device);
      QFAIL("the run would start");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(named), error.what());
    }
  }

  void samplesThatAreTooLongSayWhatToRaise() {
    Project project = project_;
    project.max_length = 16;
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Data of DPT");
    QVERIFY(item && item->level == MatchLevel::red);
    QVERIFY2(item->remedy.starts_with("Raise max_length. "), item->remedy.c_str());
    QCOMPARE(item->fixes.at(0).key, std::string("max_length"));
  }

  /// The recipes' data isn't here; it is said where it comes from.
  void publishedDataSaysWhereItIsFetched() {
    Project project = project_;
    project.stages[0].data = "data/llava-pretrain/blip_laion_cc_sbu_558k.json";
    project.stages[0].images = "data/llava-pretrain/images";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Data of DPT");
    QVERIFY(item && item->level == MatchLevel::red);
    for (const char* part :
         {"liuhaotian/LLaVA-Pretrain", "images.zip", "data/llava-pretrain/images", "Or choose another"})
      QVERIFY2(item->remedy.find(part) != std::string::npos, item->remedy.c_str());
    QVERIFY(std::ranges::any_of(item->fixes, [](const PreflightFix& fix) {
      return fix.action == PreflightFix::Action::copy && fix.text == "liuhaotian/LLaVA-Pretrain";
    }));
    QVERIFY(published_data("x/llava_v1_5_mix665k.json") && !published_data("x/mine.json"));
  }

  void aProbeThatIsCutShortIsTold() {
    const fs::path whole = fs::path(LLAVAKD_TEST_DATA_DIR) / "image/rgb.png";
    fs::copy_file(whole, folder_ / "cut.png", fs::copy_options::overwrite_existing);
    fs::resize_file(folder_ / "cut.png", fs::file_size(whole) * 3 / 4);
    Project project = project_;
    project.probes[0].image = "cut.png";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Probes");
    QVERIFY2(item && item->level == MatchLevel::amber && item->finding.find("1 of them cut short") != std::string::npos,
             to_json(items).dump(1).c_str());
    QVERIFY(refusal(project, file_).isEmpty());
  }

  /// As opening the model refuses it, but before a run is made.
  void aWeightThatIsNoNumberIsRed() {
    const fs::path tower = folder_ / "broken-tower";
    fs::copy(models / "tower", tower, fs::copy_options::recursive);
    std::fstream weights(tower / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    uint64_t header = 0;
    weights.read(reinterpret_cast<char*>(&header), sizeof header);
    weights.seekp(static_cast<std::streamoff>(8 + header));
    weights.write("\x01\x7e", 2);  // of F16
    weights.close();
    Project project = project_;
    project.student.vision_tower = tower.string();
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Weights");
    QVERIFY2(item && item->level == MatchLevel::red && item->finding.find("holds NaN") != std::string::npos,
             to_json(items).dump(1).c_str());
    QVERIFY(refusal(project, file_).contains("holds NaN"));
    QVERIFY(!item_named(preflight(project_, file_), "Weights"));
  }

  /// With the reason; a run that would learn nothing for it doesn't start.
  void aTemplateThatMasksEverythingIsToldAndRefused() {
    Project project = project_;
    project.stages.push_back(project.stages[0]);
    project.stages[1].name = "SFT";
    project.stages[1].conversation_template = "gemma";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Template of SFT");
    QVERIFY(item && item->level == MatchLevel::red);
    QVERIFY2(item->finding.find("gemma ends answers with <eos>") != std::string::npos, item->finding.c_str());
    QCOMPARE(item_named(items, "Template of the project")->level, MatchLevel::green);
    QCOMPARE(item_named(items, "Data of SFT")->level, MatchLevel::red);
    const QString said = refusal(project, file_);
    QVERIFY2(said.contains("Template of SFT") && said.contains("<eos>"), qPrintable(said));
  }

  /// Images are next to the data file where no folder is named: for the check as for the run.
  void aStageNeedsNoFolderOfPictures() {
    fs::create_directories(folder_ / "below");
    fs::copy_file(folder_ / "a.png", folder_ / "below/b.png", fs::copy_options::overwrite_existing);
    write_json(folder_ / "below/data.json", both("b.png"));
    Project project = project_;
    project.stages[0].data = "below/data.json";
    QCOMPARE(item_named(preflight(project, file_), "Data of DPT")->level, MatchLevel::green);
    project.stages[0].images = ".";
    QCOMPARE(item_named(preflight(project, file_), "Data of DPT")->level, MatchLevel::red);
  }

  void samplesWithoutPictureAreCountedWhereOnesLearnFrom() {
    Json mixed = both("a.png");
    mixed.push_back(text_sample());
    write_json(folder_ / "mixed.json", mixed);
    Project project = project_;
    project.stages[0].data = "mixed.json";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Stage DPT");
    QVERIFY(item && item->level == MatchLevel::amber);
    QVERIFY2(item->finding.find("1 of its 3 samples") != std::string::npos, item->finding.c_str());
    project.stages[0].train.push_back("language_model");
    QVERIFY(!item_named(preflight(project, file_), "Stage DPT"));
  }

  void aGateThatCantBeLookedAtIsRed() {
    Project project = project_;
    project.evaluations.clear();
    project.stages[0].gate = {{.measure = "score", .unmet = "tell"}};
    const auto told = preflight(project, file_);
    const PreflightItem* item = item_named(told, "Stage DPT");
    QVERIFY(item && item->level == MatchLevel::amber);
    QVERIFY2(item->finding.find("its gate can't know the score: the project has no evaluations") != std::string::npos,
             item->finding.c_str());
    QVERIFY(refusal(project, file_).isEmpty());
    project.stages[0].gate[0].unmet = "ask";
    QCOMPARE(item_named(preflight(project, file_), "Stage DPT")->level, MatchLevel::red);
    QVERIFY(refusal(project, file_).contains("its gate can't know the score"));
    project.stages[0].gate[0] = {.measure = "loss"};
    QVERIFY(!item_named(preflight(project, file_), "Stage DPT"));
    project.stages[0].gate[0] = {.measure = "loss", .against = "number", .limit = -1, .unmet = "stop"};
    const auto idle = preflight(project, file_);
    item = item_named(idle, "Stage DPT");
    QVERIFY(item && item->level == MatchLevel::amber);
    QCOMPARE(item->finding,
             std::string("its gate's limit \"loss at most -1\": loss is at least 0, so this is never met"));
    QVERIFY(refusal(project, file_).isEmpty());  // to stop there may be what is wanted
  }

  void aStageOfOneStepIsAllWarmUp() {
    Project project = project_;
    project.stages[0].max_steps = 1;
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Stage DPT");
    QVERIFY(item && item->level == MatchLevel::amber && item->finding.find("warm-up") != std::string::npos);
    project.stages[0].warmup_ratio = 0;
    QVERIFY(!item_named(preflight(project, file_), "Stage DPT"));
  }

  void theCommandListsWhatWasCounted() {
    const fs::path folder = folder_ / "it's here";
    fs::create_directories(folder);
    write_json(folder / "data.json", Json::array({sample("one", "a.png"), sample("gone", "none.png")}));
    fs::copy_file(folder_ / "a.png", folder / "a.png", fs::copy_options::overwrite_existing);
    Project project = project_;
    project.stages[0].data = "it's here/data.json";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Data of DPT");
    QVERIFY2(item->finding.find("1 can't be used") != std::string::npos, item->finding.c_str());
    const std::string quoted = "'" + folder_.string() + R"(/it'\''s here)";
    QVERIFY2(item->remedy.find("`llavakd data check " + quoted + "/data.json' --images " + quoted + "' --project " +
                               file_.string() + "`") != std::string::npos,
             item->remedy.c_str());
  }

  void checkpointsThatAreNeverMadeTakeNoRoom() {
    Project project = project_;
    project.run.keep_checkpoints = 1000000;
    const auto items = preflight(project, file_);
    QCOMPARE(item_named(items, "Disk")->level, MatchLevel::green);
    const auto size = [&](int64_t every) {
      project.run.checkpoint_every = every;
      const std::string finding = item_named(preflight(project, file_), "Disk")->finding;
      return finding.substr(0, finding.find(','));
    };
    project.stages[0].batch_size = 1;
    project.stages[0].epochs = 500;
    QVERIFY(size(1) != size(0));
    project.run.keep_checkpoints = 1;
    QCOMPARE(size(1), size(2));
  }

  void withoutDistillationNoTeacherIsNeeded() {
    Project project = project_;
    project.teacher.checkpoint.clear();
    project.stages[0].terms = {{.term = "ce"}};
    QVERIFY2(refusal(project, file_).isEmpty(), qPrintable(refusal(project, file_)));
  }

  void stagesThatDontRunDontMatter() {
    Project project = project_;
    project.stages.push_back({.name = "SFT", .data = "nowhere.json"});
    QVERIFY(refusal(project, file_).contains("nowhere.json"));
    project.schedule = {"DPT"};
    QVERIFY(refusal(project, file_).isEmpty());
  }

  /// One row says that a model isn't there, and whence to fetch it; nothing is compared with it.
  void aMissingModelIsOneRow() {
    Project project = project_;
    project.teacher.checkpoint = "checkpoints/TinyLLaVA-Qwen2.5-3B-SigLIP";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Teacher");
    QVERIFY2(item && item->level == MatchLevel::red && item->finding.starts_with("Not found: "),
             to_json(items).dump(1).c_str());
    QCOMPARE(item->fixes.size(), size_t(2));
    QCOMPARE(item->fixes[0].key, std::string("teacher.checkpoint"));
    QCOMPARE(item->fixes[1].text, std::string("Zhang199/TinyLLaVA-Qwen2.5-3B-SigLIP"));
    for (const char* name : {"Files", "Vocabulary", "Tokenizer", "Parameters", "Memory"})
      QVERIFY2(!item_named(items, name), name);
    project.student.vision_tower = "nowhere";
    int missing = 0;
    for (const auto& each : preflight(project, file_)) missing += each.finding.starts_with("Not found: ");
    QCOMPARE(missing, 2);
  }

  /// A fix is made of settings that mend it.
  void fixesMend() {
    Project project = project_;
    project.stages[0].max_steps = 1;
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Stage DPT");
    QVERIFY(item && item->fixes.size() == 1 && item->fixes[0].action == PreflightFix::Action::set);
    apply_settings(project, item->fixes[0].settings);
    QVERIFY(!item_named(preflight(project, file_), "Stage DPT"));
  }

  /// What another file or folder mends has a button for it.
  void whatIsChosenHasAButton() {
    const auto fixes = [this](const Project& project, const char* name) {
      const auto items = preflight(project, file_);
      const PreflightItem* item = item_named(items, name);
      return item && item->level != MatchLevel::green ? item->fixes : std::vector<PreflightFix>();
    };
    Project project = project_;
    project.evaluations[0].file = "nowhere.json";
    QVERIFY(fixes(project, "Evaluation") == std::vector{choose_fix("Choose a file…", "evaluations[0].file")});
    project.evaluations[0].file.clear();
    QVERIFY(fixes(project, "Evaluation") == std::vector{choose_fix("Choose a file…", "evaluations[0].file")});
    apply_settings(project, {"evaluations[0].file=data.json"});
    QVERIFY(fixes(project, "Evaluation").empty());
    project.student = {.checkpoint = (models / "language-student").string()};
    project.teacher.checkpoint.clear();
    project.stages[0].terms = {{.term = "ce"}};
    QVERIFY(fixes(project, "Student") == std::vector{choose_fix("Choose a student…", "student.checkpoint")});
  }

  void theTeachersTowerMends() {
    Project project = project_;
    fs::copy(models / "tower", folder_ / "other-tower", fs::copy_options::recursive);
    write_json(folder_ / "other-tower/preprocessor_config.json",
               {{"size", {{"height", 96}, {"width", 96}}}, {"image_mean", {0.4, 0.5, 0.6}}});
    project.student.vision_tower = "other-tower";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Image processor");
    QVERIFY2(item && item->level == MatchLevel::red && item->fixes.size() == 1, to_json(items).dump(1).c_str());
    apply_settings(project, item->fixes[0].settings);
    QCOMPARE(item_named(preflight(project, file_), "Image processor")->level, MatchLevel::green);
  }

  void fixesAreReadBack() {
    const std::vector<PreflightFix> fixes = {set_fix("Use bf16", {"run.precision=bf16"}),
                                             choose_fix("Choose…", "stages[0].data"),
                                             edit_fix("run.seed"),
                                             show_fix("/x"),
                                             copy_fix("Copy", "a/b"),
                                             samples_fix("stages[1]")};
    nlohmann::json list;
    for (const PreflightFix& fix : fixes) list.push_back(nlohmann::json::parse(to_json(fix).dump()));
    QVERIFY(fixes_from_json(list) == fixes);
    QVERIFY(fixes_from_json(nlohmann::json::parse(R"([{"action":"paint"},3,{"label":"x"}])")).empty());
    QVERIFY(fixes_from_json(nlohmann::json()).empty());
  }

  void theJsonHoldsTheWorstLevel() {
    const std::vector<PreflightItem> items = {{"a", MatchLevel::green, "fine", ""},
                                              {"b", MatchLevel::amber, "odd", "do"}};
    QCOMPARE(to_json(items).dump(),
             std::string(R"({"level":"amber","items":[{"name":"a","level":"green","finding":"fine","remedy":""},)"
                         R"({"name":"b","level":"amber","finding":"odd","remedy":"do"}]})"));
    QCOMPARE(to_json(std::vector<PreflightItem>{})["level"].get<std::string>(), std::string("green"));
  }
};

QTEST_APPLESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
