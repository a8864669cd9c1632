// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "made_run.h"

#include <fmt/format.h>

#include <QColor>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/io/safetensors.h"
#include "core/project/project_file.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
constexpr double started = 1763978400;  // any time will do
constexpr const char* stage_names[] = {"DPT", "SFT", "DFT"};

// Answers as `llavakd serve` would, by the words of the question, and as `check` would; no model needed.
constexpr const char* engine_script = R"sh(#!/bin/sh
if [ "$1" = check ]; then
  level=green
  name=Disk
  given=$(cat)
  case "$given" in *'"name": "full disk"'*) level=red;; esac
  case "$given" in *'"name": "no loss"'*) level=red; name='Stage DPT';; esac
  evaluation=
  case "$given" in *'"file": "gone.json"'*)
    level=red
    evaluation='{"name":"Evaluation","level":"red","finding":"gone.json is not there.","remedy":"Choose another.",'
    evaluation=$evaluation'"fixes":[{"action":"choose","label":"Choose a file…","key":"evaluations[1].file"}]},';;
  esac
  printf '{"level":"%s","items":[%s' "$level" "$evaluation"
  printf '{"name":"Template of the project","level":"amber","finding":"no end token","remedy":"Choose another.",'
  printf '"fixes":[{"action":"set","label":"Use no_system","settings":["template=no_system"]}]},'
  printf '{"name":"%s","level":"%s","finding":"checkpoints take 14 GiB","remedy":"Free some space."}],' "$name" "$level"
  printf '"caches":[{"option":"run.vision_cache","on":false,"sentence":"2 pictures take 36 KB"}],'
  seconds=null
  case "$*" in *--probe*) seconds=11400;; esac
  printf '"estimates":[{"stage":"DPT","steps":1200,"seconds":%s,"memory_bytes":41e9,' "$seconds"
  printf '"predicted_memory_bytes":40e9,"disk_bytes":3e8,"memory":{"student":1e9,"activations":2e10}}]}\n'
  [ "$level" = green ] || exit 2
  exit 0
fi
if [ "$1" = export ]; then
  case "$*" in *refused*) echo 'llavakd: refused holds files already; give a new folder.' >&2; exit 2;; esac
  printf '{"folder":"%s","precision":"fp32","parameters":1234,"rounded_tensors":0,' "$5"
  printf '"largest_logit":8.5,"logit_difference":0}\n'
  exit 0
fi
if [ "$1" = train ]; then
  case "$*" in *--stdin*) cat >"$(dirname "$2")/started-with";; esac
  echo "$@" >>"$(dirname "$2")/started"
  if grep -q '"name": "nothing learns"' "$(dirname "$2")/started-with" 2>/dev/null; then
    echo 'llavakd: Stage DPT trains nothing: choose at least one part that has weights.' >&2; exit 2
  fi
  case "$*" in
    *--accept-changes*|*--branch*) ;;
    *--resume*) echo 'llavakd: data.json has changed; give --accept-changes to go on.' >&2; exit 2;;
  esac
  exit 0
fi
piece() { printf '{"jsonrpc":"2.0","method":"token","params":{"id":%s,"piece":"%s","tokens":%s}}\n' "$1" "$2" "$3"; }
while read -r line; do
  case "$line" in *'"method":"cancel"'*) continue;; esac
  id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  text='A red circle and a blue square.'
  case "$line" in *'"model":"teacher"'*) text='A red circle, and a green square.';; esac
  case "$line" in *checkpoints/*before*) text=$(printf '%s' "$line" | sed 's|.*checkpoints/\([^"]*\)".*|\1|');; esac
  case "$line" in *'"method":"relations"'*)
    out=$(printf '%s' "$line" | sed 's|.*"out":"\([^"]*\)".*|\1|')
    look=$(printf '%s' "$line" | sed 's|.*"checkpoint":"\([^"]*\)/checkpoints/\([^"]*\)".*|\1/probes/\2/0.safetensors|')
    source=$(printf '%s' "$line" | sed 's|.*"source":"\([^"]*\)".*|\1|')
    if [ "$source" = tower ] || ! cp "$look" "$out" 2>/dev/null; then
      printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"%s can not be had."}}\n' "$id" "$source"
      continue
    fi
    echo "$source" >>"$(dirname "$0")/looked"
    printf '{"jsonrpc":"2.0","id":%s,"result":{"file":"%s","trained":false,"why":"No term compares these.",' "$id" "$out"
    printf '"student":{"what":"%s of the student"},"teacher":{"what":"%s of the teacher"}}}\n' "$source" "$source"
    continue;;
  esac
  case "$line" in *'"more_images":'*) text='Two pictures.';; esac
  case "$line" in *'"temperature":0.7'*'"top_p":'*) text='Drawn by lot.';; esac
  case "$line" in *'"answer":"A red circle'*'"model":"student"'*) text='As I said: blue.';; esac
  case "$line" in
    *wait*) sleep 20;;
    *hang*) piece "$id" 'A red' 2; sleep 20;;
    *drip*)
      piece "$id" 'A red' 2; piece "$id" ' circle' 3
      while read -r next; do case "$next" in *'"method":"cancel"'*) break;; esac; done
      printf '{"jsonrpc":"2.0","id":%s,"result":{"text":"A red circle","ids":[1,2,3],"seconds":0.2,"ended":"stopped"}}\n' "$id";;
    *slow*) sleep 0.2; printf '{"jsonrpc":"2.0","id":%s,"result":{"text":"%s","seconds":0.2}}\n' "$id" "$text";;
    *'"max_new_tokens":128'*long*|*long*'"max_new_tokens":128'*)
      printf '{"jsonrpc":"2.0","id":%s,"result":{"text":"%s And","seconds":0.9,"cut":true}}\n' "$id" "$text";;
    *long*) printf '{"jsonrpc":"2.0","id":%s,"result":{"text":"%s And more.","seconds":2.9}}\n' "$id" "$text";;
    *odd*) printf '{"jsonrpc":"2.0","id":%s,"result":{"words":7}}\n' "$id";;
    *refuse*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"first.png is no picture."}}\n' "$id";;
    *) printf '{"jsonrpc":"2.0","id":%s,"result":{"text":"%s","ids":[1,2],"seconds":0.52,' "$id" "$text"
       printf '"first_token_seconds":0.31,"tokens_per_second":17.3}}\n';;
  esac
done
)sh";

// A repeatable number in [-1, 1] that looks like noise.
double noise(int index, int salt) {
  const double value = std::sin(index * 12.9898 + salt * 78.233) * 43758.5453;
  return 2 * (value - std::floor(value)) - 1;
}

double falling(int step, double from, double to, double pace) {
  return to + (from - to) * std::exp(-step / pace);
}

void write_picture(const fs::path& file, int which) {
  QImage picture(240, 240, QImage::Format_RGB32);
  picture.fill(Qt::white);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(which == 0 ? QColor(0xe0, 0x54, 0x3a) : QColor(0x3a, 0x7c, 0xc8));
  painter.drawEllipse(which == 0 ? QRect(24, 24, 96, 96) : QRect(120, 100, 100, 100));
  painter.setBrush(which == 0 ? QColor(0x4c, 0xa3, 0x52) : QColor(0xe9, 0xb4, 0x2c));
  painter.drawRect(which == 0 ? QRect(136, 128, 80, 84) : QRect(20, 28, 88, 60));
  picture.save(toQString(file));
}

Project made_project() {
  Project project;
  project.name = "made";
  project.teacher.checkpoint = "teacher";
  project.student.checkpoint = "student";
  for (const char* name : stage_names) {
    StageOptions stage;
    stage.name = name;
    stage.data = "data.json";
    stage.images = "images";
    for (const char* term : {"mdist_response", "mdist_visual", "rdist"}) stage.terms.push_back({.term = term});
    project.stages.push_back(stage);
  }
  project.probes = {{"first.png", "What is at the top left?"}, {"second.png", "Which colour has the ball?"}};
  return project;
}

}  // namespace

std::vector<Event> made_events(const MadeRunPlan& plan) {
  std::vector<Event> events;
  int step = 0, stage_step = 0;
  std::string stage;
  const auto add = [&](EventBody body) {
    events.push_back({started + step * 0.8, stage, stage_step, step, std::move(body)});
  };
  std::vector<PlannedStage> stages;
  for (const char* name : stage_names) stages.push_back({name, plan.steps_a_stage});
  add(RunStartedEvent{.run = "made", .stages = stages});
  for (const char* name : stage_names) {
    if (step >= plan.steps_done) break;
    stage = name;
    stage_step = 0;
    add(StageStartedEvent{.steps = plan.steps_a_stage});
    const auto probe = [&] {
      const double rdist = falling(step, 0.4, 0.03, 70);
      add(ProbeEvent{.folder = fmt::format("probes/{}-{}", stage, step),
                     .means = {{"rdist", rdist}},
                     .probes = {{0, {{"rdist", rdist}}}, {1, {{"rdist", rdist * 1.3}}}}});
    };
    if (step == 0) probe();
    while (stage_step < plan.steps_a_stage && step < plan.steps_done) {
      ++step, ++stage_step;
      const bool distils = stage != "SFT";
      NamedNumbers terms{{"ce", falling(step, 4.2, 0.9, 60) * (1 + 0.08 * noise(step, 1))}};
      terms.emplace_back("mdist_response", falling(step, 2.1, 0.35, 50) * (1 + 0.1 * noise(step, 2)));
      terms.emplace_back("mdist_visual", falling(step, 3.0, 0.5, 80) * (1 + 0.1 * noise(step, 3)));
      terms.emplace_back("rdist", falling(step, 0.4, 0.03, 70) * (1 + 0.15 * noise(step, 4)));
      if (!distils) terms.resize(1);
      double total = 0;
      for (const auto& term : terms) total += term.second;
      if (step == 130) terms[0].second = 6.5, total += 5;  // a spike of a single step
      add(StepEvent{.terms = terms,
                    .weighted = terms,
                    .total = total,
                    .tokens = 4096,
                    .samples = 16,
                    .grad_norm = 0.6 + 0.3 * noise(step, 5) + falling(step, 3, 0, 20),
                    .learning_rate = 1e-3 * 0.5 * (1 + std::cos(M_PI * stage_step / plan.steps_a_stage)),
                    .seconds = 0.8 + 0.05 * noise(step, 6),
                    .waiting_seconds = 0.04 + 0.02 * noise(step, 7),
                    .phases = {{"vision", 0.06},
                               {"teacher", distils ? 0.18 : 0.0},
                               {"student", 0.11},
                               {"loss", distils ? 0.14 : 0.05},
                               {"backward", 0.19 + 0.02 * noise(step, 8)},
                               {"optimizer", 0.03},
                               {"waiting", 0.04 + 0.02 * noise(step, 7)}},
                    .memory_bytes = 1'600'000'000 + 4'000'000 * int64_t(step)});
      if (step % plan.probe_every == 0) probe();
    }
    if (step == 160) add(WarningEvent{.message = "A sample is left out: emoji-0412 has no labels."});
    if (stage_step == plan.steps_a_stage) {
      add(StageFinishedEvent{.steps = stage_step});
      add(CheckpointEvent{.path = fmt::format("checkpoints/{}-{}", stage, step)});
    }
  }
  if (plan.status != QLatin1String("running")) add(RunFinishedEvent{.status = plan.status.toStdString()});
  return events;
}

void write_made_probe(const fs::path& file, int grid, int probe, double closeness, bool with_teacher) {
  const int n = grid * grid - 1;
  const auto cells = static_cast<size_t>(n) * static_cast<size_t>(n);
  std::vector<float> teacher(cells), student(cells);
  // Tokens of one object are alike: patches belong to the upper left, the lower right or the ground.
  const auto object = [&](int token) {
    const int row = (token + 1) / grid, column = (token + 1) % grid;
    if (row < grid / 2 && column < grid / 2) return 1;
    return row >= grid / 2 && column >= grid / 2 ? 2 + probe : 0;
  };
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double distance = std::hypot((i + 1) / grid - (j + 1) / grid, (i + 1) % grid - (j + 1) % grid);
      const double truth = (object(i) == object(j) ? 1.6 : 0.5) + 0.6 * std::exp(-distance) + 0.05 * noise(i * j, 3);
      const double wrong = 1.0 + 0.8 * std::exp(-0.3 * distance) + 0.25 * noise(i * n + j, 9) * noise(j * n + i, 9);
      teacher[size_t(i * n + j)] = float(40 * truth);
      student[size_t(i * n + j)] = float(22 * (closeness * truth + (1 - closeness) * wrong));
    }
  const auto bytes = [](const auto& values) {
    return [&values] {
      return std::as_bytes(std::span(values));
    };
  };
  // Four words, the picture, eight words.
  const int64_t positions = n + 12;
  std::vector<float> divergences, certain, spread;
  std::vector<int64_t> ids, expected, others;
  for (int64_t i = 0; i < positions; ++i) {
    const bool visual = i >= 4 && i < 4 + n;
    ids.push_back(visual ? -200 : 20 + i % 7);
    divergences.push_back(float((visual ? 0.4 : 2.0) * (1.05 - closeness) * (1 + 0.5 * noise(int(i), 5))));
    for (int64_t k = 0; k < 5; ++k) {
      expected.push_back(30 + k);
      others.push_back(30 + (k + (i % 2)) % 5);
      certain.push_back(float(0.6 / double(k * k + 1)));
      spread.push_back(float(0.3 / double(k + 1)));
    }
  }
  std::vector<TensorToWrite> tensors{{"relation.student", DType::F32, {n, n}, bytes(student)}};
  if (with_teacher) {
    tensors.push_back({"relation.teacher", DType::F32, {n, n}, bytes(teacher)});
    tensors.push_back({"token_kl", DType::F32, {positions}, bytes(divergences)});
    tensors.push_back({"topk.teacher.ids", DType::I64, {positions, 5}, bytes(expected)});
    tensors.push_back({"topk.teacher.probabilities", DType::F32, {positions, 5}, bytes(certain)});
  }
  tensors.push_back({"topk.student.ids", DType::I64, {positions, 5}, bytes(others)});
  tensors.push_back({"topk.student.probabilities", DType::F32, {positions, 5}, bytes(spread)});
  tensors.push_back({"input_ids", DType::I64, {positions}, bytes(ids)});
  write_safetensors(file, std::move(tensors),
                    {{"format", "pt"},
                     {"segments", fmt::format(R"([{{"kind":"prompt","begin":0,"end":4}},{{"kind":"visual","begin":4,)"
                                              R"("end":{0}}},{{"kind":"prompt","begin":{0},"end":{1}}}])",
                                              4 + n, positions)},
                     {"terms", "{}"},
                     {"image", probe == 0 ? "first.png" : "second.png"},
                     {"question", "What is at the top left?"},
                     {"grid", fmt::format("{}x{}", grid, grid)},
                     {"first_patch", "1"}});
}

MadeRun make_run(const fs::path& folder, const MadeRunPlan& plan) {
  fs::create_directories(folder);
  MadeRun made{folder / "made.kdproj", {}};
  save_project(made_project(), made.project_file);
  write_picture(folder / "first.png", 0);
  write_picture(folder / "second.png", 1);
  const RunFolder run = create_run(made.project_file, "made-run");
  made.run_folder = run.path;
  RunInfo info;
  info.id = run.id();
  info.status = plan.status.toStdString();
  info.started = started;
  info.project_file = made.project_file.string();
  write_run_info(run, info);
  EventLog log(run.events());
  for (const Event& event : made_events(plan)) {
    log.append(event);
    if (const auto* saved = event.as<CheckpointEvent>()) fs::create_directories(run.path / saved->path / "model");
    const auto* looked = event.as<ProbeEvent>();
    if (!looked) continue;
    const fs::path probes = run.path / looked->folder;
    fs::create_directories(probes);
    for (int probe : {0, 1})
      write_made_probe(probes / fmt::format("{}.safetensors", probe), plan.grid, probe,
                       1 - std::exp(-double(event.step) / 70), plan.with_teacher);
  }
  std::ofstream(run.log()) << "09:00:00 info  DPT: 80 steps over 1280 samples\n09:01:04 info  checkpoint DPT-80\n";
  return made;
}

void write_made_engine(const fs::path& folder) {
  const fs::path program = folder / "llavakd";
  std::ofstream(program) << engine_script;
  fs::permissions(program, fs::perms::owner_all);
}

}  // namespace llavakd
