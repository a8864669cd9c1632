// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/gradient_shares.h"
#include "core/training/term_gradients.h"

namespace llavakd {
namespace {

struct GradientsOptions {
  std::string project, stage, student;
  std::vector<std::string> weights;
  int64_t samples = 8;
  bool from_stdin = false, progress = false, json = false;
};

/// "NAME=NUMBER", as --weight takes it.
void set_weight(TermGradients& gradients, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals);
  const auto term = std::ranges::find(gradients.terms, name, &TermOnBatch::term);
  if (term == gradients.terms.end()) {
    std::string known;
    for (const TermOnBatch& each : gradients.terms) known += (known.empty() ? "" : ", ") + each.term;
    throw UserError(fmt::format("--weight {}: there is no term “{}” here; known are {}.", assignment, name, known));
  }
  const std::string number = equals == std::string::npos ? "" : assignment.substr(equals + 1);
  double weight = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
  if (error != std::errc() || end != number.data() + number.size() || !(weight >= 0 && weight <= 1000))
    throw UserError(fmt::format("--weight {}: a weight is a number from 0 to 1000, as in {}=0.5.", assignment, name));
  term->weight = weight;
}

std::string cell(double value, const char* form, size_t width) {
  return std::isfinite(value) ? fmt::format("{:>{}}", fmt::format(fmt::runtime(form), value), width)
                              : fmt::format("{:>{}}", "-", width);
}

/// Wide enough for a number and for the longest name of a term.
size_t term_width(const TermGradients& gradients) {
  size_t width = 10;
  for (const TermOnBatch& each : gradients.terms) width = std::max(width, each.term.size() + 2);
  return width;
}

constexpr size_t label_width = 20;

void print_heads(const TermGradients& gradients, const std::string& label, const std::string& first = "") {
  std::cout << fmt::format("\n{:<{}}", label, label_width);
  if (!first.empty()) std::cout << fmt::format("{:>10}", first);
  for (const TermOnBatch& each : gradients.terms) std::cout << fmt::format("{:>{}}", each.term, term_width(gradients));
  std::cout << '\n';
}

void print_terms(const TermGradients& gradients) {
  const std::vector<double> products = gradients.products(), norms = gradient_norms(products);
  const GradientShares total = gradient_shares(products, gradients.weights());
  std::cout << fmt::format("{:<{}}{:>10}{:>12}{:>12}{:>10}{:>16}\n", "term", label_width, "weight", "value", "gradient",
                           "share", "cosine to total");
  for (size_t t = 0; t < gradients.terms.size(); ++t) {
    const TermOnBatch& each = gradients.terms[t];
    std::cout << fmt::format("{:<{}}", each.term, label_width) << cell(each.weight, "{:.4g}", 10)
              << cell(each.value, "{:.5g}", 12) << cell(norms[t], "{:.4g}", 12)
              << cell(100 * total.shares[t], "{:.1f} %", 10) << cell(total.cosines[t], "{:.3f}", 16) << '\n';
  }
  std::cout << fmt::format("{:<{}}{:>10}{:>12}", "total", label_width, "", "") << cell(total.norm, "{:.4g}", 12)
            << '\n';
}

void print_cosines(const TermGradients& gradients) {
  const std::vector<double> cosines = gradient_cosines(gradients.products());
  const size_t count = gradients.terms.size();
  print_heads(gradients, "cosine between");
  for (size_t row = 0; row < count; ++row) {
    std::cout << fmt::format("{:<{}}", gradients.terms[row].term, label_width);
    for (size_t column = 0; column < count; ++column)
      std::cout << cell(cosines[row * count + column], "{:.3f}", term_width(gradients));
    std::cout << '\n';
  }
}

void print_parts(const TermGradients& gradients) {
  print_heads(gradients, "share by part", "gradient");
  for (const GradientProducts& part : gradients.parts) {
    const GradientShares of_part = gradient_shares(part.products, gradients.weights());
    std::cout << fmt::format("{:<{}}", part.part, label_width) << cell(of_part.norm, "{:.4g}", 10);
    for (const double share : of_part.shares) std::cout << cell(100 * share, "{:.1f} %", term_width(gradients));
    std::cout << '\n';
  }
}

void print_tables(const TermGradients& gradients) {
  const std::string student = gradients.student.empty() ? "the student as the project begins" : gradients.student;
  std::cout << fmt::format("{}: the first {} samples (seed {}), {}\n", gradients.stage, gradients.samples.size(),
                           gradients.seed, student);
  for (const std::string& note : gradients.notes) std::cout << note << '\n';
  std::cout << '\n';
  print_terms(gradients);
  print_cosines(gradients);
  print_parts(gradients);
}

int run_gradients(const GradientsOptions& options) {
  const Project project =
      options.from_stdin ? project_from_text(standard_input(), options.project) : load_project(options.project);
  ProgressLine line;
  TermGradients found = term_gradients(project, options.project,
                                       {.stage = options.stage,
                                        .samples = options.samples,
                                        .student = options.student,
                                        .progress = [&](int64_t done, int64_t of) {
                                          if (options.progress)
                                            std::cerr << fmt::format("progress {} {}\n", done, of) << std::flush;
                                          else
                                            line.show(fmt::format("  {}/{} backward passes", done, of));
                                        }});
  line.show("");
  for (const std::string& assignment : options.weights) set_weight(found, assignment);
  if (options.json)
    print_json(to_json(found));
  else
    print_tables(found);
  return exit_done;
}

}  // namespace

void add_gradients_command(CommandLine& line) {
  auto options = std::make_shared<GradientsOptions>();
  CLI::App* command = line.add("gradients",
                               "How the terms of a stage pull on what learns: norms and cosines of their gradients on "
                               "the stage's first samples, and each term's share at any weights.",
                               [options] { return run_gradients(*options); });
  command->add_option("project", options->project, "Project file.")->required();
  command->add_option("--stage", options->stage, "Name of the stage; needed where the project runs several.");
  command
      ->add_option("--samples", options->samples, "The first samples that a run goes through in that stage, so many.")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--student", options->student,
                      "Model or checkpoint (runs/ID/checkpoints/DPT-40) whose weights are looked at; otherwise the "
                      "student as the project begins.");
  command
      ->add_option("--weight", options->weights,
                   "TERM=NUMBER: the shares as they would be with this weight; may be repeated.")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--stdin", options->from_stdin,
                    "Reads the project from standard input as if it stood in that file.");
  command->add_flag("--progress", options->progress, "Lines “progress DONE OF” on stderr, for programs.");
  command->add_flag("--json", options->json, "Machine-readable output: the inner products and all that follows.");
}

}  // namespace llavakd
