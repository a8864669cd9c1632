// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How time and memory of the loss step grow with tokens, vocabulary and batch: forward and backward of all terms from
// final hidden states, bfloat16, at the sizes of Qwen2.5-0.5B. Prints a table, the slopes in log-log, and JSON for
// draw_growth.py.
//   bench_losses [--json FILE] [--quick]
//   bench_losses --point TOKENS VOCABULARY BATCH     this one alone
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/losses/distillation_loss.h"
#include "core/losses/head_gram.h"

using namespace llavakd;

namespace {

constexpr int64_t width = 896;

struct Point {
  int64_t tokens = 824, vocabulary = 151'936, batch = 1;
};

struct Measured {
  double seconds = 0, bytes = 0;
  RelationMethod relation = RelationMethod::none;
};

int64_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1)) * 1024;
  return 0;
}

/// Seven tokens of eight are a picture's, the others an answer.
Sequence sequence_of(int64_t tokens, int64_t vocabulary) {
  const int64_t visual = tokens * 7 / 8;
  Sequence sequence;
  sequence.segments = {{SegmentKind::visual, 0, visual}, {SegmentKind::response, visual, tokens}};
  for (int64_t i = 0; i < tokens; ++i) sequence.labels.push_back(i < visual ? ignore_index : i * 31 % vocabulary);
  sequence.input_ids.resize(static_cast<size_t>(tokens));
  return sequence;
}

at::Tensor noise(at::IntArrayRef shape, double scale) {
  return at::empty(shape, at::kBFloat16).normal_(0, scale);
}

/// The first words of one head, so that numbers are drawn once.
at::Tensor head(int64_t vocabulary) {
  static const at::Tensor words = noise({262'144, width}, 0.02);
  return words.narrow(0, 0, vocabulary).detach();
}

/// The second of two steps, so that what the system prepares once isn't counted; memory of the first.
Measured measure(const Point& at, bool head_learns) {
  const std::vector<Term> terms = {{.kind = term_named("ce")},
                                   {.kind = term_named("mdist_response")},
                                   {.kind = term_named("mdist_visual")},
                                   {.kind = term_named("rdist"), .weight = 0.5}};
  ModelOutput student{noise({at.batch, at.tokens, width}, 1).requires_grad_(),
                      head(at.vocabulary).requires_grad_(head_learns)};
  ModelOutput teacher{noise({at.batch, at.tokens, width}, 1), head(at.vocabulary)};
  teacher.head_gram = head_gram(teacher.head_weight, at.vocabulary);
  if (!head_learns) student.head_gram = head_gram(student.head_weight, at.vocabulary);
  const std::vector<Sequence> sequences(static_cast<size_t>(at.batch), sequence_of(at.tokens, at.vocabulary));

  Measured found;
  malloc_trim(0);                                 // What earlier points freed would hide what this one takes.
  std::ofstream("/proc/self/clear_refs") << "5";  // Resets the high-water mark.
  const int64_t before = status_bytes("VmRSS");
  for (int round = 0; round < 2; ++round) {
    student.hidden.mutable_grad().reset();
    student.head_weight.mutable_grad().reset();
    const auto start = std::chrono::steady_clock::now();
    if (head_learns) student.step_gram = std::make_shared<HeadGram>(student.head_weight, at.vocabulary);
    const LossResult loss = distillation_loss(student, &teacher, sequences, terms, static_cast<double>(at.batch));
    loss.total.backward();
    if (head_learns) student.step_gram->flush_gradient(student.head_weight.mutable_grad());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (round == 0) found.bytes = static_cast<double>(std::max<int64_t>(0, status_bytes("VmHWM") - before));
    found.seconds = round == 0 ? took.count() : std::min(found.seconds, took.count());
    found.relation = loss.relation;
    if (found.seconds > 5) break;  // Long ones hardly notice.
  }
  return found;
}

/// Exponent of the growth where it is large: least squares of log y by log x over the last three points.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const size_t first = x.size() - 3;
  const double n = 3;
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t i = first; i < x.size(); ++i) {
    const double a = std::log(x[i]), b = std::log(y[i]);
    sx += a;
    sy += b;
    sxx += a * a;
    sxy += a * b;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

struct Sweep {
  std::string name;
  int64_t Point::*varied;
  std::vector<int64_t> values;
};

void print_point(const std::string& title, const Point& at, bool head_learns, const Measured& found) {
  fmt::print("{:<10} {:>7} {:>11} {:>6}  {:<8} {:>8.3f} s {:>8.0f} MB  {}\n", title, at.tokens, at.vocabulary, at.batch,
             head_learns ? "learns" : "frozen", found.seconds, found.bytes / 1e6, name(found.relation));
  std::fflush(stdout);
}

nlohmann::ordered_json run_sweep(const Sweep& sweep, bool head_learns, bool quick) {
  std::vector<double> x, seconds, bytes;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const int64_t value : sweep.values) {
    Point at;
    if (quick) at.vocabulary = 8192;
    at.*sweep.varied = value;
    const Measured found = measure(at, head_learns);
    print_point(sweep.name, at, head_learns, found);
    x.push_back(static_cast<double>(value));
    seconds.push_back(found.seconds);
    bytes.push_back(found.bytes);
    rows.push_back({{sweep.name, value},
                    {"seconds", found.seconds},
                    {"peak_bytes", found.bytes},
                    {"relation", std::string(name(found.relation))}});
  }
  const double of_time = slope(x, seconds), of_memory = slope(x, bytes);
  fmt::print("  head {}: time ~ {}^{:.2f}, memory ~ {}^{:.2f}\n", head_learns ? "learns" : "frozen", sweep.name,
             of_time, sweep.name, of_memory);
  return {{"sweep", sweep.name},
          {"head", head_learns ? "learns" : "frozen"},
          {"time_slope", of_time},
          {"memory_slope", of_memory},
          {"points", std::move(rows)}};
}

}  // namespace

int main(int count, char** arguments) {
  std::string json;
  bool quick = false;
  std::optional<Point> alone;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--quick") {
      quick = true;
    } else if (argument == "--json" && i + 1 < count) {
      json = arguments[++i];
    } else if (argument == "--point" && i + 3 < count) {
      alone = Point{std::atoll(arguments[i + 1]), std::atoll(arguments[i + 2]), std::atoll(arguments[i + 3])};
      i += 3;
    } else {
      fmt::print(stderr, "bench_losses [--json FILE] [--quick] [--point TOKENS VOCABULARY BATCH]\n");
      return 2;
    }
  }
  measure({100, 8192, 1}, true);  // Libraries choose and compile their loops once.
  fmt::print("{:<10} {:>7} {:>11} {:>6}  {:<8} {:>10} {:>11}  {}\n", "growth", "tokens", "vocabulary", "batch", "head",
             "time", "peak", "relation");
  if (alone) {
    if (alone->tokens < 8 || alone->vocabulary < 1 || alone->vocabulary > 262'144 || alone->batch < 1) return 2;
    for (const bool head_learns : {false, true})
      print_point("point", *alone, head_learns, measure(*alone, head_learns));
    return 0;
  }
  const std::vector<Sweep> sweeps = {{"tokens", &Point::tokens, {100, 300, 824, 1500, 3000}},
                                     {"vocabulary", &Point::vocabulary, {8192, 16384, 32768, 65536, 131072, 262144}},
                                     {"batch", &Point::batch, {1, 2, 4, 8}}};
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Sweep& sweep : sweeps)
    for (const bool head_learns : {false, true}) all.push_back(run_sweep(sweep, head_learns, quick));
  if (json.empty()) return 0;
  const nlohmann::ordered_json whole = {{"width", width}, {"threads", at::get_num_threads()}, {"growth", all}};
  std::ofstream file(json);
  file << whole.dump(1) << '\n';
  return file.good() ? 0 : 1;
}
