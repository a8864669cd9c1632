// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>

#include "core/io/safetensors.h"
#include "tests/app/engine.h"

using namespace llavakd;

namespace {

const StoredTensor* tensor_named(const SafetensorsFile& file, const std::string& name) {
  for (const auto& tensor : file.tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

std::vector<float> floats(const StoredTensor& tensor) {
  std::vector<float> values(static_cast<size_t>(tensor.elements()));
  std::memcpy(values.data(), tensor.data, values.size() * sizeof(float));
  return values;
}

std::set<std::string> keys(const Json& json) {
  std::set<std::string> names;
  for (const auto& [key, value] : json.items()) names.insert(key);
  return names;
}

}  // namespace

/// Each command once, its machine-readable output against what is promised to scripts.
class TestCommands : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;
  QString teacher_ = text(models_folder() / "teacher");

  QString at(const char* name) const { return text(folder_ / name); }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_);
  }

  void versionAndHelp() {
    const Outcome version = run_engine({"--version"});
    QCOMPARE(version.code, 0);
    QVERIFY(version.out.trimmed().count('.') == 2);
    const Outcome help = run_engine({"train", "--help"});
    QCOMPARE(help.code, 0);
    QVERIFY(help.out.contains("--resume") && help.out.contains("stages[].learning_rate"));
  }

  void newListsTheTemplates() {
    const Outcome outcome = run_engine({"new", "--list", "--json"});
    QCOMPARE(outcome.code, 0);
    std::set<std::string> names;
    for (const auto& entry : outcome.json()) names.insert(entry["name"].get<std::string>());
    for (const char* name : {"emoji", "emoji-quick", "llava-kd-qwen2.5-0.5b"}) QVERIFY2(names.count(name) == 1, name);
  }

  void checkSaysHowThingsAre() {
    const Outcome outcome = run_engine({"check", text(project_), "--json"});
    // The studio asks for what it has not saved yet.
    Json unsaved = read_json(project_);
    unsaved["stages"][0]["data"] = "elsewhere.json";
    const Outcome edited =
        run_engine({"check", text(project_), "--stdin", "--json"}, QByteArray::fromStdString(unsaved.dump()));
    QCOMPARE(edited.code, 2);
    QVERIFY2(edited.out.contains("elsewhere.json"), edited.out);
    QCOMPARE(run_engine({"check", text(project_), "--stdin"}, "{").code, 2);
    QVERIFY2(outcome.code == 0, outcome.out + outcome.err);
    const Json result = outcome.json();
    QVERIFY(result["level"] != "red");
    std::set<std::string> names;
    for (const auto& item : result["items"]) {
      std::set<std::string> found = keys(item);
      found.erase("fixes");  // only where there is one
      QCOMPARE(found, (std::set<std::string>{"name", "level", "finding", "remedy"}));
      names.insert(item["name"].get<std::string>());
    }
    for (const char* name : {"Vocabulary", "Tokenizer", "Template", "Image size", "Visual tokens", "Data of DPT",
                             "Probes", "Evaluation", "Disk", "Memory"})
      QVERIFY2(names.count(name) == 1, name);
  }

  /// Both forms say the same of a sample: its segments, what the terms read, and that the teacher gets the same.
  void dataShowsASample() {
    const QStringList arguments = {"data", "show", text(project_), "--stage", "DPT", "--sample", "s1"};
    const Outcome outcome = run_engine(arguments + QStringList{"--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QCOMPARE(keys(result),
             (std::set<std::string>{"set", "file", "line", "id", "student", "terms", "teacher", "same_input"}));
    const Json& student = result["student"];
    QCOMPARE(student["visual"].get<int>(), 35);
    QVERIFY(student["response"].get<int>() > 0);
    QCOMPARE(student["ignored"].get<int>(), 0);
    QCOMPARE(student["input_ids"].size(), student["labels"].size());
    QCOMPARE(student["length"].get<size_t>(), student["input_ids"].size());
    QVERIFY(student["images"][0]["prepared_size"] == Json({96, 96}));
    QVERIFY(result["same_input"].get<bool>());
    for (const Json& term : result["terms"])
      QVERIFY2(term["count"] == student["visual"] || term["count"] == student["response"], outcome.out);
    const QByteArray words = run_engine(arguments).out;
    QVERIFY2(words.contains("a red car") && words.contains("Teacher: the same tokens and images"), words);
    const Outcome nobody = run_engine({"data", "show", text(project_), "--stage", "DPT", "--sample", "nobody"});
    QVERIFY2(nobody.code == 2 && nobody.err.contains("--ids --stage DPT"), nobody.err);
    const Outcome ids = run_engine({"data", "show", text(project_), "--stage", "DPT", "--ids"});
    QVERIFY2(ids.code == 0 && ids.lines().size() == 8 && ids.lines()[1].endsWith("s1"), ids.out);
    const Json list = run_engine({"data", "show", text(project_), "--stage", "DPT", "--ids", "--json"}).json();
    QVERIFY(list["sets"][0]["ids"].size() == 8 && list["sets"][0]["ids"][7] == "s7");
    QVERIFY(run_engine({"data", "show", text(project_), "--stage", "XYZ"}).err.contains("DPT, "));
  }

  void dataShowsWhatIsLeftOut() {
    const Outcome outcome = run_engine({"data", "show", text(project_), "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    const Json& sets = result["sets"];
    QVERIFY(sets.size() == 5 && sets[4]["name"] == "probes");  // three stages, an evaluation, the probes
    for (const Json& set : sets) QVERIFY2(set["faults"].empty(), outcome.out);
    QCOMPARE(sets[0]["samples"].get<int>(), 8);
    const fs::path data = folder_ / "data.json", kept = folder_ / "kept.json";
    fs::copy_file(data, kept);
    Json broken = read_json(data);
    broken[2]["image"] = "gone.png";
    broken.push_back({{"id", "none"}});
    write_json(data, broken);
    const QByteArray words = run_engine({"data", "show", text(project_), "--stage", "SFT"}).out;
    fs::rename(kept, data);
    QVERIFY2(words.contains("stage SFT: 9 samples, 2 left out"), words);
    QVERIFY2(words.contains("sample 's2'") && words.contains("gone.png") && words.contains("sample 'none'"), words);
  }

  /// Time is known when some steps have been done, and stays known.
  void checkMeasuresSteps() {
    const Json before = run_engine({"check", text(project_), "--json"}).json()["estimates"];
    QVERIFY(!before.empty());
    for (const Json& stage : before) {
      QVERIFY(stage["seconds"].is_null());
      QVERIFY(stage["memory_bytes"] > 1e8 && stage["disk_bytes"] > 0);
    }
    const Outcome measured = run_engine({"check", text(project_), "--probe", "--steps", "2", "--json"});
    QVERIFY2(measured.code == 0, measured.out + measured.err);
    const Json again = run_engine({"check", text(project_), "--json"}).json()["estimates"];
    QCOMPARE(again.size(), before.size());
    for (const Json& stage : again) {
      QVERIFY2(stage["seconds"].is_number() && stage["seconds"] > 0, stage.dump(1).c_str());
      QVERIFY(stage["measured"]["peak_memory_bytes"] > 1e7);
    }
    QVERIFY(fs::exists(folder_ / "runs/step-measurements.json"));
  }

  /// What a run's stage took is a measurement, too, and it is said whose.
  void checkKnowsTheTimesOfRuns() {
    const QString project = text(write_small_project(folder_ / "timed"));
    const Outcome run =
        run_engine({"train", project, "--stage", "DPT", "--run", "timed", "--set", "stages.DPT.max_steps=4", "--set",
                    "stages.DPT.epochs=2", "--set", "evaluations=[]", "--set", "probes=[]"});
    QVERIFY2(run.code == 0, run.err);
    const Json stage = run_engine({"check", project, "--json"}).json()["estimates"][0];
    QVERIFY2(stage["stage"] == "DPT" && stage["seconds"].is_number() && stage["seconds"] > 0, stage.dump(1).c_str());
    QVERIFY2(stage["measured"]["run"] == "timed" && stage["measured"]["steps"] == 2, stage.dump(1).c_str());
    QVERIFY(run_engine({"check", project}).out.contains("(by the run timed)"));
  }

  void tokens() {
    std::ofstream(folder_ / "lines.jsonl") << "\"a red car\"\n\"\"\n\"line\\nbreak\"\n";
    const Outcome lines = run_engine({"tokens", "--tokenizer", teacher_, "--lines", at("lines.jsonl"), "--json"});
    QCOMPARE(lines.code, 0);
    QCOMPARE(lines.lines().size(), size_t{3});
    QCOMPARE(lines.lines()[1], QByteArray("[]"));
    const Outcome one = run_engine({"tokens", "--tokenizer", teacher_, "--text", "a red car", "--json"});
    QCOMPARE(one.out.trimmed(), lines.lines()[0]);
    QVERIFY(one.json().is_array() && one.json().size() >= 3);
  }

  void pixels() {
    const Outcome outcome = run_engine(
        {"pixels", "--image", at("images/rgb.png"), "--processor", teacher_, "--out", at("pixels.safetensors")});
    QVERIFY2(outcome.code == 0 && outcome.out.isEmpty(), outcome.err);
    const SafetensorsFile file = open_safetensors(folder_ / "pixels.safetensors");
    QCOMPARE(file.tensors.size(), size_t{1});
    QCOMPARE(file.tensors[0].name, std::string("pixel_values"));
    QCOMPARE(file.tensors[0].shape, (std::vector<int64_t>{3, 96, 96}));
    QVERIFY(file.tensors[0].dtype == DType::F32);
    for (const float value : floats(file.tensors[0])) QVERIFY(value >= -1 && value <= 1);
  }

  void show() {
    const Outcome outcome = run_engine({"show", teacher_, "--json"});
    QCOMPARE(outcome.code, 0);
    const Json facts = outcome.json();
    QCOMPARE(facts["layout"].get<std::string>(), std::string("tinyllava_hf"));
    QCOMPARE(facts["family"].get<std::string>(), std::string("qwen2"));
    QCOMPARE(facts["visual_tokens"].get<int>(), 35);
    QVERIFY(facts["faults"].empty() && facts["total_parameters"].get<int64_t>() > 100'000);
    // Of a language model alone nothing is said of a tower.
    const QByteArray alone = run_engine({"show", text(models_folder() / "language-student")}).out;
    QVERIFY2(alone.contains("hidden size") && !alone.contains("tower") && !alone.contains("visual"), alone);
    const Outcome none = run_engine({"show", at("images"), "--json"});
    QVERIFY(none.code == 2 && none.out.isEmpty() && none.err.contains("config.json"));
  }

  void answer() {
    const QStringList arguments = {"answer",           teacher_,
                                   "--image",          at("images/rgb.png"),
                                   "--question",       "How many things are there?",
                                   "--template",       "no_system",
                                   "--max-new-tokens", "5"};
    const Outcome outcome = run_engine(arguments + QStringList{"--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QCOMPARE(keys(result), (std::set<std::string>{"text", "ids", "template", "template_known_by"}));
    QVERIFY(result["template"] == "no_system" && result["template_known_by"] == "--template");
    QVERIFY(result["ids"].size() <= 5);
    QCOMPARE(run_engine(arguments).out.trimmed().toStdString(), result["text"].get<std::string>());
  }

  /// The sample's teacher says how it was trained; without that, nothing goes on silently with a guess.
  void anUnknownTemplateIsSaidOrRefused() {
    const QStringList question = {
        "--image", at("images/rgb.png"), "--question", "How many things are there?", "--max-new-tokens", "5"};
    const Outcome known = run_engine(QStringList{"answer", teacher_} + question + QStringList{"--json"});
    QVERIFY2(known.code == 0 && known.err.isEmpty(), known.err);
    QVERIFY(known.json()["template"] == "no_system" && known.json()["template_known_by"] == "config.json");
    const fs::path silent = folder_ / "silent";
    fs::copy(models_folder() / "teacher", silent, fs::copy_options::recursive);
    Json config = read_json(silent / "config.json");
    config.erase("conversation_template");
    write_json(silent / "config.json", config);
    const Outcome guessed = run_engine(QStringList{"answer", text(silent)} + question);
    QVERIFY2(guessed.code == 0 && guessed.err.contains("is a guess") && guessed.err.contains("--template"),
             guessed.err);
    const QStringList scored = {"--file", at("data.json"), "--images", at("images")};
    const Outcome refused = run_engine(QStringList{"eval", text(silent)} + scored);
    QVERIFY2(refused.code == 2 && refused.out.isEmpty() && refused.err.contains("no_system"), refused.err);
    const QByteArray said = run_engine(QStringList{"eval", teacher_} + scored).out;
    QVERIFY2(said.contains("template no_system (config.json)"), said);
    const Outcome summed = run_engine({"losses", "--teacher", text(silent), "--student", text(silent), "--sample",
                                       at("data.json"), "--images", at("images"), "--json"});
    QVERIFY2(summed.code == 0 && summed.err.contains("is a guess"), summed.err);
    QVERIFY(summed.json()["template_known_by"].is_null());
  }

  void losses() {
    const Outcome outcome =
        run_engine({"losses", "--teacher", teacher_, "--student", teacher_, "--sample", at("data.json"), "--images",
                    at("images"), "--template", "no_system", "--gradients", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QCOMPARE(result["samples"].size(), size_t{8});
    const Json& sample = result["samples"][0];
    for (const char* key : {"id", "input_ids", "labels", "segments", "skipped", "terms", "total", "gradient_norm"})
      QVERIFY2(sample.contains(key), key);
    QCOMPARE(sample["input_ids"].size(), sample["labels"].size());
    const auto ids = sample["input_ids"].get<std::vector<int64_t>>();
    QCOMPARE(std::ranges::count(ids, -200), 35);
    int64_t covered = 0;
    for (const auto& segment : sample["segments"]) {
      QCOMPARE(segment["begin"].get<int64_t>(), covered);
      covered = segment["end"];
    }
    QCOMPARE(covered, static_cast<int64_t>(sample["input_ids"].size()));
    // Teacher and student are the same: nothing but the cross entropy is left.
    for (const char* term : {"mdist_response", "mdist_visual", "rdist"})
      QVERIFY(std::abs(sample["terms"][term].get<double>()) < 1e-5);
    QVERIFY(sample["terms"]["ce"].get<double>() > 0);
    QVERIFY(sample["gradient_norm"]["connector"].get<double>() > 0 &&
            sample["gradient_norm"]["language_model"].get<double>() > 0);
    double sum = 0;
    for (const auto& each : result["samples"]) sum += each["total"].get<double>();
    QVERIFY(std::abs(result["mean"]["total"].get<double>() - sum / 8) < 1e-9);
  }

  /// Without the folder of the pictures one line says so, not a row of nothing for each.
  void lossesWithoutPictures() {
    const Outcome outcome =
        run_engine({"losses", "--teacher", teacher_, "--student", teacher_, "--sample", at("data.json")});
    QVERIFY2(outcome.code == 0, outcome.err);
    QVERIFY2(outcome.out.contains("8 samples name pictures") && outcome.out.contains("give --images") &&
                 !outcome.out.contains("there is no such picture"),
             outcome.out);
  }

  void inspect() {
    const Outcome outcome = run_engine({"inspect", text(project_), "--image", at("images/rgb.png"), "--question",
                                        "What color is the background?", "--out", at("probe.safetensors")});
    QVERIFY2(outcome.code == 0 && outcome.out.isEmpty(), outcome.err);
    const SafetensorsFile file = open_safetensors(folder_ / "probe.safetensors");
    double cosine = 0, a = 0, b = 0;
    const StoredTensor *of_teacher = tensor_named(file, "relation.teacher"),
                       *of_student = tensor_named(file, "relation.student");
    QVERIFY(of_teacher && of_student);
    QCOMPARE(of_teacher->shape, (std::vector<int64_t>{35, 35}));
    const auto x = floats(*of_teacher), y = floats(*of_student);
    for (size_t i = 0; i < x.size(); ++i)
      cosine += double(x[i]) * y[i], a += double(x[i]) * x[i], b += double(y[i]) * y[i];
    const Json terms = Json::parse(file.metadata.at("terms"));
    QVERIFY(std::abs(terms["rdist"].get<double>() - (1 - cosine / std::sqrt(a * b))) < 1e-4);
    QVERIFY(terms["ce"].is_null());
    const StoredTensor* divergence = tensor_named(file, "token_kl");
    QVERIFY(divergence);
    for (const float value : floats(*divergence)) QVERIFY(value >= -1e-5);
    for (const char* name : {"topk.teacher.ids", "topk.student.probabilities", "input_ids"})
      QVERIFY2(tensor_named(file, name), name);
    QVERIFY(Json::parse(file.metadata.at("segments")).size() >= 2);
    QCOMPARE(file.metadata.at("grid"), std::string("6x6"));
  }

  /// The numbers that are printed are those of the arrays; the logits' distance is the term of a look.
  void inspectsRelationsFromAnySource() {
    const auto inspected = [&](const char* source, const QStringList& more = {}) {
      return run_engine(QStringList{"inspect", text(project_), "--image", at("images/rgb.png"), "--question",
                                    "What color is the background?", "--source", source} +
                        more);
    };
    const Json logits = inspected("logits", {"--json"}).json();
    QVERIFY(std::abs(logits["distance"].get<double>() - logits["terms"]["rdist"].get<double>()) < 1e-9);
    QVERIFY(logits["trained"] == true);
    QCOMPARE(logits["tokens"].get<int>(), 35);
    QCOMPARE(logits["disagreement"].size(), size_t{35});

    const Outcome outcome = inspected("attention", {"--layer", "1", "--head", "0", "--pairs", "3", "--radius", "2",
                                                    "--json", "--out", at("relations.safetensors")});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json json = outcome.json();
    QCOMPARE(json["source"].get<std::string>(), std::string("attention:1:0"));
    QVERIFY(json["trained"] == false && json["worst_pairs"].size() == 3);
    const SafetensorsFile file = open_safetensors(folder_ / "relations.safetensors");
    std::vector<float> of[2];
    double squares[2] = {};
    for (int i = 0; i < 2; ++i) {
      of[i] = floats(*tensor_named(file, i == 0 ? "relation.teacher" : "relation.student"));
      for (const float value : of[i]) squares[i] += double(value) * value;
    }
    for (const Json& pair : json["worst_pairs"]) {
      const size_t at = pair["first"]["token"].get<size_t>() * 35 + pair["second"]["token"].get<size_t>();
      for (int i = 0; i < 2; ++i)
        QVERIFY(std::abs(pair[i == 0 ? "teacher" : "student"].get<double>() - of[i][at] / std::sqrt(squares[i]) * 35) <
                1e-6);
      const auto apart = [&](const char* way) {
        return std::abs(pair["first"][way].get<int>() - pair["second"][way].get<int>());
      };
      QVERIFY(std::max(apart("row"), apart("column")) > 2);
    }
    const Outcome words = inspected("hidden:1");
    QVERIFY2(words.code == 0 && words.out.contains("the states after layer 1 of") && words.out.contains("1 - cosine"),
             words.out + words.err);
    for (const char* wrong : {"hidden:99", "attention:1:99", "hidden", "logit"})
      QVERIFY2(inspected(wrong, {"--json"}).code == 2, wrong);
  }

  void eval() {
    const Outcome outcome = run_engine(
        {"eval", teacher_, "--file", at("data.json"), "--images", at("images"), "--template", "no_system", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QCOMPARE(result["questions"].get<int>(), 8);
    QCOMPARE(keys(result["types"]), (std::set<std::string>{"animal", "thing"}));
    QVERIFY(result["score"].get<double>() >= 0 && result["score"].get<double>() <= 100);
  }

  void dataCheck() {
    const Outcome clean = run_engine({"data", "check", at("data.json"), "--images", at("images"), "--json"});
    QCOMPARE(clean.code, 0);
    QVERIFY(clean.json()["faults"].is_array() && clean.json()["faults"].empty());
    // Without the folder of the pictures one line says so, not one for each.
    const Outcome elsewhere = run_engine({"data", "check", at("data.json")});
    QCOMPARE(elsewhere.code, 2);
    QVERIFY2(elsewhere.out.contains("give --images or --project") && !elsewhere.out.contains("no such picture"),
             elsewhere.out);
  }

  void doctor() {
    const Outcome outcome = run_engine({"doctor", "--json"});
    QCOMPARE(outcome.code, 0);
    const Json facts = outcome.json();
    QVERIFY(facts["cores"].get<int>() >= 1 && facts["memory_bytes"].get<int64_t>() > 0 &&
            facts["disk_free_bytes"].get<int64_t>() > 0);
    QCOMPARE(facts["devices"][0]["name"].get<std::string>(), std::string("cpu"));
    QVERIFY(facts["devices"][0]["gemm_gflops"]["fp32"].get<double>() > 0);
  }
};

QTEST_GUILESS_MAIN(TestCommands)
#include "tst_commands.moc"
