// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/project/stage_gate.h"
#include "core/project/visitors.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

Project project_with(const LimitOptions& limit) {
  Project project;
  project.name = "gated";
  project.teacher.checkpoint = "teacher";
  StageOptions stage;
  stage.name = "DPT";
  stage.terms = {{.term = "ce"}, {.term = "rdist", .weight = 0}};
  stage.gate = {limit};
  project.stages = {stage};
  project.probes = {{"fox.png", "What is it?"}};
  project.evaluations = {{"exact_match", "data/first.json", ""}, {"exact_match", "data/test.json", ""}};
  return project;
}

std::string fault_of(const LimitOptions& limit) {
  const Project project = project_with(limit);
  return limit_fault(limit, project.stages[0], project).value_or("none");
}

std::string refusal_of(const char* gate) {
  Json json = to_json(project_with({}));
  json["stages"][0]["gate"] = Json::parse(gate);
  json["format"] = "llavakd-project";
  json["version"] = project_version;
  try {
    project_from_text(json.dump(), "p.kdproj");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

class TestStageGate : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void isWrittenAndRead() {
    const Project project = project_with({.measure = "probe", .of = "rdist", .limit = -10, .unmet = "stop"});
    QCOMPARE(to_json(project)["stages"][0]["gate"].dump(),
             std::string(R"([{"measure":"probe","of":"rdist","against":"beginning","limit":-10.0,"unmet":"stop"}])"));
    QVERIFY(options_from_json<Project>(to_json(project), "p: ") == project);
    Project without = project;
    without.stages[0].gate.clear();
    QVERIFY(!to_json(without)["stages"][0].contains("gate"));
    Project set = project;
    set_option(set, "stages.DPT.gate[0].limit=5");
    set_option(set, R"(stages.DPT.gate=[{"measure":"score","limit":1}])");
    QCOMPARE(set.stages[0].gate.size(), size_t{1});
    QCOMPARE(set.stages[0].gate[0].limit, 1.0);
    QCOMPARE(set.stages[0].gate[0].unmet, std::string("ask"));
  }

  void wrongOnesAreRefused() {
    QCOMPARE(refusal_of("[]"), std::string("accepted"));
    QVERIFY(refusal_of("3").find("gate must be a list") != std::string::npos);
    QVERIFY(refusal_of("[3]").find("gate[0] must be an object") != std::string::npos);
    QVERIFY(refusal_of(R"([{"measure":"accuracy"}])").find("it must be score, probe or loss") != std::string::npos);
    QVERIFY(refusal_of(R"([{"against":"zero"}])").find("it must be beginning or number") != std::string::npos);
    QVERIFY(refusal_of(R"([{"unmet":"fail"}])").find("it must be stop, ask or tell") != std::string::npos);
    QVERIFY(refusal_of(R"([{"limit":"high"}])").find("limit must be a number") != std::string::npos);
    QVERIFY(refusal_of(R"([{"limit":1e9}])").find("must lie between") != std::string::npos);
    QVERIFY(refusal_of(R"([{"at_least":3}])").find("at_least is not a known key") != std::string::npos);
  }

  void saysWhichNumbersCanBeKnown() {
    QCOMPARE(fault_of({.measure = "score"}), std::string("none"));
    QCOMPARE(fault_of({.measure = "score", .of = "test.json"}), std::string("none"));
    QCOMPARE(fault_of({.measure = "score", .of = "data/test.json"}), std::string("none"));
    QVERIFY(fault_of({.measure = "score", .of = "other.json"}).find("no evaluation") != std::string::npos);
    QCOMPARE(fault_of({.measure = "probe", .of = "rdist"}), std::string("none"));
    QVERIFY(fault_of({.measure = "probe", .of = "ce"}).find("nothing of \"ce\"") != std::string::npos);
    QVERIFY(fault_of({.measure = "probe"}).find("nothing of \"\"") != std::string::npos);
    QCOMPARE(fault_of({.measure = "loss"}), std::string("none"));
    QCOMPARE(fault_of({.measure = "loss", .of = "ce"}), std::string("none"));
    QVERIFY(fault_of({.measure = "loss", .of = "rdist"}).find("weight above 0") != std::string::npos);
    Project bare = project_with({});
    bare.evaluations.clear();
    bare.teacher.checkpoint.clear();
    const LimitOptions probe{.measure = "probe", .of = "rdist"};
    QVERIFY(limit_fault({}, bare.stages[0], bare).value_or("").find("no evaluations") != std::string::npos);
    QVERIFY(limit_fault(probe, bare.stages[0], bare).value_or("").find("teacher") != std::string::npos);
    bare.probes.clear();
    QVERIFY(limit_fault(probe, bare.stages[0], bare).value_or("").find("no probes") != std::string::npos);
  }

  /// By what the catalogs say of a number: a score is a percentage, no loss is below 0, rdist is 1 − a cosine.
  void saysWhatIsAlwaysOrNeverMet() {
    const Project project = project_with({});
    const auto idle = [&](const LimitOptions& limit) {
      return idle_limit(limit, project).value_or("none");
    };
    const auto number = [](const char* measure, double limit, const char* of = "") {
      return LimitOptions{.measure = measure, .of = of, .against = "number", .limit = limit};
    };
    QCOMPARE(idle(number("score", 110)), std::string("score is at most 100, so this is never met"));
    QCOMPARE(idle(number("score", 0)), std::string("score is at least 0, so this is always met"));
    QCOMPARE(idle(number("score", -5)), std::string("score is at least 0, so this is always met"));
    QCOMPARE(idle(number("loss", -1)), std::string("loss is at least 0, so this is never met"));
    QCOMPARE(idle(number("probe", 2, "rdist")), std::string("rdist of the probes is at most 2, so this is always met"));
    for (const LimitOptions& limit :
         {number("score", 100), number("score", 0.1), number("loss", 0), number("loss", 1e6),
          number("probe", 1.9, "rdist"), number("probe", 2, "mdist_visual"), number("score", 500, "absent.json")})
      QCOMPARE(idle(limit), std::string("none"));
    QVERIFY(idle({.limit = 101}).ends_with("never met") && idle({.limit = -100}).ends_with("always met"));
    QVERIFY(idle({.measure = "loss", .limit = -101}).ends_with("never met"));
    QVERIFY(idle({.measure = "probe", .of = "rdist", .limit = -150}).ends_with("never met"));
    for (const double limit : {-99.0, 0.0, 99.0}) QCOMPARE(idle({.limit = limit}), std::string("none"));
    for (const double limit : {-100.0, 0.0, 1e6})
      QCOMPARE(idle({.measure = "loss", .limit = limit}), std::string("none"));
  }

  void offersWhatThereIs() {
    const Project project = project_with({});
    const StageOptions& stage = project.stages[0];
    QCOMPARE(limit_subjects("score", stage, project), (std::vector<std::string>{"first.json", "test.json"}));
    QCOMPARE(limit_subjects("loss", stage, project), (std::vector<std::string>{"", "ce"}));
    for (const char* measure : {"score", "probe", "loss"})
      for (const std::string& of : limit_subjects(measure, stage, project))
        QVERIFY(!limit_fault({.measure = measure, .of = of}, stage, project));
  }

  void findsTheEvaluation() {
    const Project project = project_with({});
    QCOMPARE(evaluation_of({}, project), std::optional<size_t>(0));
    QCOMPARE(evaluation_of({.of = "test.json"}, project), std::optional<size_t>(1));
    QVERIFY(!evaluation_of({.of = "data"}, project));
  }

  /// Two files of one name are two numbers.
  void filesOfOneNameAreToldApart() {
    Project project = project_with({});
    project.evaluations.push_back({"exact_match", "other/test.json", ""});
    const StageOptions& stage = project.stages[0];
    QCOMPARE(limit_subjects("score", stage, project),
             (std::vector<std::string>{"first.json", "data/test.json", "other/test.json"}));
    QCOMPARE(evaluation_of({.of = "other/test.json"}, project), std::optional<size_t>(2));
    QVERIFY(!evaluation_of({.of = "test.json"}, project));
    QVERIFY(limit_fault({.of = "test.json"}, stage, project).value_or("").find("several evaluations") !=
            std::string::npos);
    QCOMPARE(measured_key({.of = "data/test.json"}, project), std::string("score data/test.json"));
    QCOMPARE(measured_key({.of = "other/test.json"}, project), std::string("score other/test.json"));
    QCOMPARE(measured_key({}, project), measured_key({.of = "first.json"}, project));
  }

  void compares() {
    const LimitOptions score{.measure = "score", .against = "number", .limit = 55};
    QVERIFY(is_met(score, NAN, 55) && !is_met(score, NAN, 54.9) && !is_met(score, 60, NAN));
    const LimitOptions rise{.measure = "score", .limit = 2};
    QCOMPARE(bound_of(rise, 48), 50.0);
    QVERIFY(is_met(rise, 48, 50) && !is_met(rise, 48, 49.9));
    QVERIFY(std::isnan(bound_of(rise, NAN)) && !is_met(rise, NAN, 100));
    const LimitOptions same{.measure = "score"};
    QVERIFY(is_met(same, 48, 48) && !is_met(same, 48, 47));
    const LimitOptions fall{.measure = "probe", .of = "rdist", .limit = -10};
    QCOMPARE(bound_of(fall, 0.5), 0.45);
    QVERIFY(is_met(fall, 0.5, 0.44) && !is_met(fall, 0.5, 0.46) && !is_met(fall, 0.5, NAN));
    const LimitOptions most{.measure = "loss", .against = "number", .limit = 3};
    QVERIFY(is_met(most, NAN, 3) && !is_met(most, NAN, 3.1));
  }

  void saysWhatMustHold() {
    QCOMPARE(limit_text({.measure = "score", .of = "data/test.json", .limit = 2}),
             std::string("score of data/test.json at least 2 points above the beginning"));
    QCOMPARE(limit_text({.measure = "probe", .of = "rdist", .limit = -10}),
             std::string("rdist of the probes at most 10 % below the beginning"));
    QCOMPARE(limit_text({.measure = "loss", .against = "number", .limit = 2.5}), std::string("loss at most 2.5"));
    QCOMPARE(limit_text({}), std::string("score at least as at the beginning"));
  }
};

QTEST_GUILESS_MAIN(TestStageGate)
#include "tst_stage_gate.moc"
