// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <set>
#include <sstream>

#include "core/base/errors.h"
#include "core/project/visitors.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

/// A project that differs from the defaults in every kind of field.
Project example() {
  Project project;
  project.name = "example";
  project.teacher.checkpoint = "models/teacher";
  project.student = {"", "models/language", "models/tower", "linear"};
  StageOptions dpt;
  dpt.name = "DPT";
  dpt.data = "captions.json";
  dpt.conversation_template = "pretrain";
  dpt.terms = {{"ce", 1, 1, "forward_kl", "logits"},
               {"mdist_visual", 2, 3, "reverse_kl", "logits"},
               {"rdist", 0.5, 1, "forward_kl", "hidden"}};
  dpt.max_steps = 40;
  StageOptions sft;
  sft.name = "SFT";
  sft.train = {"connector", "language_model"};
  project.stages = {dpt, sft};
  project.schedule = {"DPT", "SFT", "SFT"};
  project.probes = {{"fox.png", "What is it?"}};
  project.run.seed = 7;
  return project;
}

std::string refusal(const Json& json) {
  try {
    options_from_json<Project>(json, "p.kdproj: ");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

std::string set_refusal(const std::string& assignment) {
  Project project = example();
  try {
    set_option(project, assignment);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

/// Values that have all fields between them: those of a term depend on its kind and divergence.
template <class T>
std::vector<T> variants() {
  std::vector<T> all(1);
  if constexpr (std::is_same_v<T, TermOptions>)
    for (const char* term : {"ce", "mdist_response", "mdist_visual", "rdist"})
      for (const char* divergence : {"forward_kl", "jsd"}) all.push_back({.term = term, .divergence = divergence});
  return all;
}

/// Collects what describe() says, so that the rules below hold for options that are added later too.
struct Collector {
  std::vector<std::string>* problems;
  std::string where;
  template <class T>
  void operator()(T& value, const Field& field) {
    const std::string place = where + "." + std::string(field.name);
    if (!names.insert(std::string(field.name)).second) problems->push_back(place + " is named twice");
    if (field.help.empty() || field.help.back() != '.') problems->push_back(place + " has no help sentence");
    if constexpr (std::is_arithmetic_v<T>) {
      if (!(field.min <= field.max) || static_cast<double>(value) < field.min || static_cast<double>(value) > field.max)
        problems->push_back(place + " has a default out of its bounds");
      if (std::isinf(field.min)) problems->push_back(place + " has no bounds");
    } else if constexpr (std::is_same_v<T, std::vector<StageOptions>> || std::is_same_v<T, std::vector<TermOptions>> ||
                         std::is_same_v<T, std::vector<ProbeOptions>> ||
                         std::is_same_v<T, std::vector<EvaluationOptions>> ||
                         std::is_same_v<T, std::vector<LimitOptions>>) {
      for (auto& element : variants<typename T::value_type>()) {
        Collector inner{problems, place, {}};
        describe(element, inner);
      }
    } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string> &&
                         !std::is_same_v<T, std::vector<std::string>>) {
      Collector inner{problems, place, {}};
      describe(value, inner);
    }
  }
  std::set<std::string> names;
};

/// Places of all fields, as the manual writes them.
struct Places {
  std::set<std::string> names;
  std::string where;
  template <class T>
  void operator()(T& value, const Field& field) {
    const std::string place = where.empty() ? std::string(field.name) : where + "." + std::string(field.name);
    if constexpr (std::is_same_v<T, std::vector<StageOptions>> || std::is_same_v<T, std::vector<TermOptions>> ||
                  std::is_same_v<T, std::vector<ProbeOptions>> || std::is_same_v<T, std::vector<EvaluationOptions>> ||
                  std::is_same_v<T, std::vector<LimitOptions>>) {
      names.insert(place + "[]");
      for (auto& element : variants<typename T::value_type>()) inside(element, place + "[]");
    } else {
      names.insert(place);
      if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string> &&
                    !std::is_same_v<T, std::vector<std::string>>)
        inside(value, place);
    }
  }
  template <class T>
  void inside(T& value, const std::string& place) {
    Places inner{{}, place};
    describe(value, inner);
    names.merge(inner.names);
  }
};

}  // namespace

class TestOptions : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyFieldHasOneNameHelpAndBounds() {
    std::vector<std::string> problems;
    Project project;
    Collector collector{&problems, "project", {}};
    describe(project, collector);
    for (const auto& problem : problems) qWarning() << problem.c_str();
    QVERIFY(problems.empty());
  }

  void writingAndReadingGivesTheSame() {
    const Project project = example();
    QVERIFY(options_from_json<Project>(to_json(project), "p: ") == project);
  }

  void whatIsUsualIsNotWritten() {
    Project project = example();
    project.run.not_a_number = "stop";
    project.run.roll_back_rate = 0.5;
    QVERIFY(!to_json(project).at("run").contains("not_a_number"));
    QVERIFY(!to_json(project).at("run").contains("roll_back_rate"));
    project.run.not_a_number = "roll_back";
    project.run.roll_back_rate = 0.25;
    QCOMPARE(to_json(project).at("run").at("not_a_number").get<std::string>(), std::string("roll_back"));
    QVERIFY(options_from_json<Project>(to_json(project), "p: ") == project);
  }

  void keysComeInTheOrderOfDescribe() {
    const Json json = to_json(example());
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    const std::vector<std::string> expected = {"name",       "notes",  "teacher",  "student", "template",    "image",
                                               "max_length", "stages", "schedule", "probes",  "probe_every", "run"};
    QCOMPARE(keys, expected);  // evaluations are empty and therefore absent
    QCOMPARE(json["stages"][0]["terms"][0].dump(), R"({"term":"ce","weight":1.0})");
    QCOMPARE(json["stages"][0]["terms"][2].dump(), R"({"term":"rdist","weight":0.5,"on":"hidden"})");
  }

  void wrongJsonIsRefusedWithItsPlace_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("expected");
    QTest::newRow("unknown key") << "stages"
                                 << R"([{"name":"A","lerning_rate":1}])"
                                 << "stages[0].lerning_rate is not a known key";
    QTest::newRow("text for number") << "max_length"
                                     << R"("long")"
                                     << "max_length must be a whole number";
    QTest::newRow("fraction for whole") << "max_length"
                                        << "8.5"
                                        << "max_length must be a whole number";
    QTest::newRow("too large") << "max_length"
                               << "18446744073709551615"
                               << "too large";
    QTest::newRow("number for text") << "name"
                                     << "3"
                                     << "name must be text";
    QTest::newRow("zero character") << "name"
                                    << "\"a\\u0000b\""
                                    << "name holds a zero character";
    QTest::newRow("object for list") << "stages"
                                     << "{}"
                                     << "stages must be a list";
    QTest::newRow("list for object") << "run"
                                     << "[]"
                                     << "run must be an object";
    QTest::newRow("field of another term") << "stages"
                                           << R"([{"terms":[{"term":"ce","divergence":"forward_kl"}]}])"
                                           << "terms[0].divergence is not a known key";
  }
  void wrongJsonIsRefusedWithItsPlace() {
    QFETCH(QString, key);
    QFETCH(QString, json);
    QFETCH(QString, expected);
    Json project = to_json(example());
    project[key.toStdString()] = Json::parse(json.toStdString());
    const QString message = QString::fromStdString(refusal(project));
    QVERIFY2(message.contains(expected), qPrintable(message));
    QVERIFY2(message.startsWith("p.kdproj: "), qPrintable(message));
  }

  void anUnknownKeyIsCut() {
    QVERIFY(refusal({{std::string(1000, 'k'), 1}}).find("kkk… is not a known key") != std::string::npos);
  }

  void valuesOutOfBoundsAreFaults() {
    Project project = example();
    project.stages[0].terms[1].weight = -2;
    project.stages[1].learning_rate = std::nan("");
    project.run.precision = "fp8";
    project.stages[0].train = {"conector"};
    const auto faults = check_options(project);
    QCOMPARE(faults.size(), size_t{4});
    QCOMPARE(faults[0].place, "stages[0].train[0]");
    QCOMPARE(faults[1].place, "stages[0].terms[1].weight");
    QCOMPARE(faults[1].message, "is -2; it must lie between 0 and 1000");
    QCOMPARE(faults[2].place, "stages[1].learning_rate");
    QCOMPARE(faults[3].message, "is \"fp8\"; it must be fp32 or bf16");
  }

  void setChangesOneField() {
    Project project = example();
    set_option(project, "run.seed=11");
    set_option(project, "stages.SFT.learning_rate=1e-4");
    set_option(project, "stages[0].terms.rdist.weight=0");
    set_option(project, "name=a=b");
    set_option(project, R"(schedule=["SFT"])");
    QCOMPARE(project.run.seed, int64_t{11});
    QCOMPARE(project.stages[1].learning_rate, 1e-4);
    QCOMPARE(project.stages[0].terms[2].weight, 0.0);
    QCOMPARE(project.name, "a=b");
    QCOMPARE(project.schedule, std::vector<std::string>{"SFT"});
  }

  void wrongSettingsAreRefused() {
    QVERIFY(set_refusal("run.seed").find("key=value") != std::string::npos);
    QVERIFY(set_refusal("run.sed=1").find("\"sed\" is not a known key") != std::string::npos);
    QVERIFY(set_refusal("stages.DFT.epochs=1").find("no element \"DFT\"") != std::string::npos);
    QVERIFY(set_refusal("run.seed=x").find("not a number") != std::string::npos);
    QVERIFY(set_refusal("run.seed=-1").find("must lie between") != std::string::npos);
    QVERIFY(set_refusal("stages[0=1").find("\"]\" is missing") != std::string::npos);
    QVERIFY(set_refusal("name.first=x").find("nothing below") != std::string::npos);
    QVERIFY(set_refusal("name=\xff").find("\\xff: this is not UTF-8") != std::string::npos);
    QVERIFY(set_refusal("stages[0]xmax_steps=1").find("\".\" is missing") != std::string::npos);
    QVERIFY(set_refusal("probes..question=x").find("number or name is missing") != std::string::npos);
  }

  /// Each place that is read has its one line, and no other place has one.
  void theManualNamesEveryOption() {
    std::multiset<std::string> told;
    std::istringstream lines(option_manual());
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("  ") && !line.starts_with("   ")) told.insert(line.substr(2));
    Places places;
    Project project;
    describe(project, places);
    QVERIFY(places.names.contains("stages[].terms[].on"));
    for (const std::string& name : places.names) QVERIFY2(told.count(name) == 1, name.c_str());
    for (const std::string& name : told) QVERIFY2(places.names.contains(name), name.c_str());
    const std::string manual = option_manual();
    QVERIFY(manual.find("With rdist only. Default \"logits\".") != std::string::npos);
    QVERIFY(manual.find("With mdist_response and mdist_visual only. With the divergence jsd only.") !=
            std::string::npos);
  }

  void unknownNamesListTheKnown() {
    QVERIFY_EXCEPTION_THROWN(find(catalog::divergences(), "kl", "divergence"), UserError);
    QCOMPARE(list_names(catalog::aspect_ratios()), "square or pad");
    QVERIFY(contains(catalog::terms(), "rdist") && !contains(catalog::terms(), "total"));
  }
};

QTEST_APPLESS_MAIN(TestOptions)
#include "tst_options.moc"
