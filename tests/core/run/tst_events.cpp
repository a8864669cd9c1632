// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <sys/stat.h>

#include <fstream>
#include <type_traits>

#include "core/base/errors.h"
#include "core/run/event_log.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// Gives each member of an event a value of its own; counts them.
struct FillFields {
  int count = 0;

  template <class T>
  void operator()(const char*, T& value) {
    ++count;
    fill(value);
  }
  template <class T>
  void unless_empty(const char*, T& value) {
    ++count;
    fill(value);
  }
  template <class T>
  void rest(T& value) {
    ++count;
    fill(value);
  }
  void format() {}

 private:
  void fill(std::string& value) { value = "text “" + std::to_string(count) + "”\n"; }
  void fill(int64_t& value) { value = 1000 + count; }
  void fill(double& value) { value = 0.1 * count; }
  void fill(bool& value) { value = true; }
  void fill(NamedNumbers& value) { value = {{"ce", 0.1 * count}, {"a term of tomorrow", 2}, {"gone", NAN}}; }
  void fill(nlohmann::ordered_json& value) { value = {{"score", 71.25}, {"a list", {1, "two", nullptr}}}; }
  void fill(TaskResult& value) {
    value = {.score = 71.25,
             .score_is = "F1",
             .n = 3,
             .breakdown = {"metrics", {{"recall", 50.0}, {"precision", std::nullopt}}},
             .skipped = {"r1: no picture"},
             .scorer = "a task of tomorrow",
             .settings = {"questions.json", "qwen2_base", "pad", 2048}};
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(T& part) requires std::is_class_v<T> {
    T::fields(part, *this);
  }
};

/// Every event that there is, with all its members set.
template <size_t... index>
std::vector<Event> all_events(std::index_sequence<index...>) {
  std::vector<Event> events;
  const auto add = [&]<class T>(T body) {
    if constexpr (std::is_same_v<T, UnknownEvent>)
      body = {.name = "of tomorrow", .content = {{"value", 3}}};
    else {
      FillFields filler;
      T::fields(body, filler);
    }
    events.push_back({.time = 12.5, .stage = "DPT", .stage_step = 3, .step = 103, .body = std::move(body)});
  };
  (add(std::variant_alternative_t<index, EventBody>{}), ...);
  return events;
}

std::string line_of(const std::string& type, const std::string& members = {}) {
  return "{\"type\":\"" + type + '"' + (members.empty() ? "" : ",") + members + "}\n";
}

}  // namespace

class TestEvents : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path file() const { return fs::path(m_folder.path().toStdString()) / "events.jsonl"; }
  void write(const std::string& text) const { std::ofstream(file()) << text; }

 private Q_SLOTS:
  void init() { fs::remove(file()); }

  void everyEventIsReadAsItWasWritten() {
    const auto events = all_events(std::make_index_sequence<std::variant_size_v<EventBody>>());
    for (const Event& event : events) {
      const std::string line = to_line(event);
      const auto read = parse_event(line);
      QVERIFY2(read.has_value(), line.c_str());
      QCOMPARE(read->body.index(), event.body.index());
      QCOMPARE(read->time, 12.5);
      QCOMPARE(read->stage, "DPT");
      QCOMPARE(read->stage_step, int64_t{3});
      QCOMPARE(read->step, int64_t{103});
      QCOMPARE(to_line(*read), line);
      const nlohmann::ordered_json members = to_json(event.body);
      for (const auto& [key, value] : members.items())
        QVERIFY2(line.find('"' + key + '"') != std::string::npos, key.c_str());
    }
  }

  /// Scripts and other programs read these lines.
  void theKeysStay() {
    const Event step{1, "DPT", 3, 103,
                     StepEvent{.terms = {{"ce", 1.5}}, .weighted = {{"ce", 3.0}}, .total = 3, .tokens = 7}};
    QCOMPARE(to_line(step),
             std::string(R"({"type":"step","time":1.0,"stage":"DPT","stage_step":3,"step":103,"terms":{"ce":1.5},)"
                         R"("weighted":{"ce":3.0},"total":3.0,"tokens":7,"samples":0,"skipped":0,"grad_norm":null,)"
                         R"("learning_rate":null,"seconds":null,"waiting_seconds":null,"phases":{}})"));
    const Event probe{
        1, "DPT", 0, 0,
        ProbeEvent{.folder = "probes/DPT-0", .means = {{"rdist", 0.5}}, .probes = {{0, {{"rdist", 0.5}}}}}};
    QCOMPARE(to_line(probe),
             std::string(R"({"type":"probe","time":1.0,"stage":"DPT","stage_step":0,"step":0,"folder":"probes/DPT-0",)"
                         R"("rdist":0.5,"probes":[{"index":0,"rdist":0.5}]})"));
    const Event started{1, "DPT", 0, 0, RunStartedEvent{.run = "one", .stages = {{"DPT", 6}}, .seed = 7, .threads = 2}};
    QCOMPARE(to_line(started),
             std::string(R"({"type":"run_started","time":1.0,"stage":"DPT","stage_step":0,"step":0,"format":2,)"
                         R"("run":"one","stages":[{"name":"DPT","steps":6}],"seed":7,"threads":2})"));
    const TaskResult result{.score = 50, .score_is = "accuracy", .n = 2, .scorer = "exact_match"};
    const Event evaluated{1, "SFT", 1, 9, EvaluationEvent{.result = result}};
    QCOMPARE(to_line(evaluated),
             R"({"type":"eval","time":1.0,"stage":"SFT","stage_step":1,"step":9,)" + to_json(result).dump().substr(1));
    const Event warning{1, "", 0, 0, WarningEvent{.message = "Look."}};
    QCOMPARE(to_line(warning), std::string(R"({"type":"warning","time":1.0,"stage":"","stage_step":0,"step":0,)"
                                           R"("message":"Look."})"));
  }

  void foreignLinesAreNoEvents() {
    for (const char* line : {"", "{", "3", "[]", "{}", "{\"type\":3}", "\xff"}) QVERIFY2(!parse_event(line), line);
    // A million brackets: copying such a value would be the end of the stack.
    const std::string deep =
        "{\"type\":\"step\",\"time\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    QVERIFY(!parse_event(deep));
  }

  void whatALineLacksStaysUnknown() {
    const auto read = parse_event(R"({"type":"step","step":4,"total":null,"of":"tomorrow"})");
    QVERIFY(read && read->is<StepEvent>());
    QCOMPARE(read->step, int64_t{4});
    QVERIFY(std::isnan(read->as<StepEvent>()->total) && std::isnan(read->as<StepEvent>()->seconds));
    QVERIFY(!read->as<StepEvent>()->memory_bytes && read->as<StepEvent>()->phases.empty());
  }

  void wrongTypesAreNamed_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* line, const char* message) {
      QTest::newRow(message) << QByteArray(line) << QByteArray(message);
    };
    row(R"({"type":"step","step":"three"})", "step.step must be a whole number, not \"three\".");
    row(R"({"type":"step","time":"noon"})", "step.time must be a number, not \"noon\".");
    row(R"({"type":"step","total":"much"})", "step.total must be a number, not \"much\".");
    row(R"({"type":"step","tokens":1.5})", "step.tokens must be a whole number, not 1.5.");
    row(R"({"type":"step","tokens":18446744073709551615})",
        "step.tokens must be a whole number, not 18446744073709551615.");
    row(R"({"type":"step","terms":"nonsense"})", "step.terms must be an object of numbers, not \"nonsense\".");
    row(R"({"type":"step","terms":{"ce":[]}})", "step.terms.ce must be a number, not [].");
    row(R"({"type":"run_started","stages":{}})", "run_started.stages must be a list, not {}.");
    row(R"({"type":"run_started","stages":[{"name":3}]})", "run_started.stages.name must be text, not 3.");
    row(R"({"type":"probe","probes":[7]})", "probe.probes must be an object, not 7.");
    row(R"({"type":"resumed","stages":7})", "run_resumed.stages must be a list, not 7.");
  }
  void wrongTypesAreNamed() {
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, message);
    try {
      parse_event(line.toStdString());
      QFAIL("read");
    } catch (const UserError& error) {
      QCOMPARE(QByteArray(error.what()), message);
    }
  }

  /// Format 1 had one word for both, and no number.
  void theOldWordForTwoIsRead() {
    const auto resumed = parse_event(R"({"type":"resumed","checkpoint":"DPT-6","stages":[{"name":"DPT","steps":9}]})");
    QVERIFY(resumed && resumed->is<RunResumedEvent>());
    QCOMPARE(resumed->as<RunResumedEvent>()->stages.at(0).steps, int64_t{9});
    const auto unpaused = parse_event(R"({"type":"resumed","time":3.5,"step":7})");
    QVERIFY(unpaused && unpaused->is<UnpausedEvent>());
    QCOMPARE(unpaused->step, int64_t{7});
  }

  void theReaderReturnsWhatWasCompletedSince() {
    EventReader reader(file());
    QVERIFY(reader.read().empty());
    EventLog log(file());
    log.append({.body = RunStartedEvent{}});
    log.append({.body = StepEvent{}});
    QCOMPARE(reader.read().size(), size_t{2});
    QVERIFY(reader.read().empty());
    std::ofstream(file(), std::ios::app) << "{\"type\":\"st";
    QVERIFY(reader.read().empty());
    std::ofstream(file(), std::ios::app) << "ep\"}\n";
    QCOMPARE(reader.read().size(), size_t{1});
    QVERIFY(reader.take_warnings().empty());
  }

  void whatIsNewerIsLeftOutAndNamedOnce() {
    write(line_of("run_started") + line_of("merged") + line_of("step") + line_of("merged") + line_of("step"));
    EventReader reader(file());
    const auto events = reader.read();
    QCOMPARE(events.size(), size_t{3});
    QVERIFY(events[2].is<StepEvent>());
    const auto warnings = reader.take_warnings();
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY2(warnings[0].starts_with("events.jsonl, line 2: events of the type “merged”"), warnings[0].c_str());
    QVERIFY(reader.take_warnings().empty());
  }

  void damagedEventsAreLeftOutAndNamed() {
    const std::string damaged = line_of("step", R"("total":"much")");
    write(line_of("step") + damaged + "no event\n" + damaged + line_of("step", R"("tokens":[])") + line_of("step"));
    EventReader reader(file());
    QCOMPARE(reader.read().size(), size_t{2});
    const auto warnings = reader.take_warnings();
    QCOMPARE(warnings.size(), size_t{2});
    QCOMPARE(warnings[0], std::string("events.jsonl, line 2: step.total must be a number, not \"much\". The event is "
                                      "left out."));
    QVERIFY2(warnings[1].starts_with("events.jsonl, line 5: step.tokens must be"), warnings[1].c_str());
  }

  /// Where a key may have another meaning nothing is shown, until this version has written itself.
  void aNewerFormatIsLeftOut() {
    const std::string newer = line_of("run_started", R"("format":3,"stages":"in another way")") +
                              line_of("step", R"("total":"in another way")") + line_of("merged") + line_of("step");
    write(newer + line_of("run_resumed", R"("format":2)") + line_of("step"));
    EventReader reader(file());
    const auto events = reader.read();
    QCOMPARE(events.size(), size_t{2});
    QVERIFY(events[0].is<RunResumedEvent>() && events[1].is<StepEvent>());
    const auto warnings = reader.take_warnings();
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY2(warnings[0].starts_with("events.jsonl, line 1: what follows has the format 3"), warnings[0].c_str());
    QVERIFY(reader.met_newer_format());
    QVERIFY(event_lines_up_to(file(), 9).starts_with(newer));
  }

  void aHalfWrittenLineDoesNotSpoilTheNext() {
    write(line_of("step") + "{\"type\":\"st");
    EventLog log(file());
    log.append({.body = UnpausedEvent{}});
    const auto events = EventReader(file()).read();
    QCOMPARE(events.size(), size_t{2});
    QVERIFY(events[1].is<UnpausedEvent>());
  }

  void onlyAnOrdinaryFileHoldsEvents() {
    fs::create_directory(file());
    QVERIFY(EventReader(file()).read().empty());
    QVERIFY_EXCEPTION_THROWN(EventLog{file()}, UserError);
    fs::remove(file());
    QCOMPARE(mkfifo(file().c_str(), 0600), 0);
    QVERIFY(EventReader(file()).read().empty());
    QVERIFY(event_lines_up_to(file(), 9).empty());
    QVERIFY_EXCEPTION_THROWN(EventLog{file()}, UserError);
  }

  void aShorterFileIsReadFromItsStart() {
    write(line_of("step") + line_of("step"));
    EventReader reader(file());
    QCOMPARE(reader.read().size(), size_t{2});
    write(line_of("failed"));
    QVERIFY(reader.read().at(0).is<FailedEvent>());
    QVERIFY(reader.restarted());
  }

  /// What a killed run did after its checkpoint will be done again; a newer version's events are not ours to remove.
  void aResumeKeepsTheLinesUpToItsCheckpoint() {
    const std::string kept = line_of("run_started") + line_of("step", R"("step":1, "of":"tomorrow")") +
                             line_of("merged", R"("step":2)") + line_of("step", R"("step":2)") +
                             line_of("checkpoint", R"("step":2)");
    write(kept + line_of("step", R"("step":3)") + line_of("warning", R"("step":2)") + "{\"type\":");
    QCOMPARE(event_lines_up_to(file(), 2), kept);
    write(line_of("step", R"("step":1)") + line_of("step", R"("step":5)") + line_of("failed", R"("step":1)"));
    QCOMPARE(event_lines_up_to(file(), 4), line_of("step", R"("step":1)"));
  }

  /// In a format that isn't known a line's step alone counts.
  void aResumeKeepsALineOfANewerFormatByItsStep() {
    const std::string kept = line_of("run_started", R"("format":3)") + line_of("step", R"("step":1,"total":"much")") +
                             line_of("checkpoint", R"("step":2,"path":7)") + line_of("step", R"("step":2)");
    write(kept + line_of("step", R"("step":3,"total":"much")") + line_of("step", R"("step":"4")") + "{\"type\":\n");
    QCOMPARE(event_lines_up_to(file(), 2), kept);
  }

  /// That checkpoints were written is told by lines that can't be read otherwise, too.
  void aCheckpointIsToldByAnyLine() {
    write(line_of("step") + "[1]\n{\n" + line_of("probe"));
    QVERIFY(!has_checkpoint_event(file()));
    write(line_of("step") + line_of("checkpoint", R"("path":7)"));
    QVERIFY(has_checkpoint_event(file()));
    write(line_of("run_started", R"("format":3)") + line_of("checkpoint"));
    QVERIFY(has_checkpoint_event(file()));
    fs::remove(file());
    QVERIFY(!has_checkpoint_event(file()));
  }
};

QTEST_APPLESS_MAIN(TestEvents)
#include "tst_events.moc"
