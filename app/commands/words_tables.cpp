// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/words_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/printable.h"
#include "core/text/token_text.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// A bar of eighths of a cell, `cells` long for `most`; padded to that width.
std::string bar(double value, double most, int cells) {
  static constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share = most > 0 && std::isfinite(value) ? std::clamp(value / most, 0.0, 1.0) : 0;
  const int length = static_cast<int>(std::lround(share * cells * 8));
  std::string text;
  for (int i = 0; i < length / 8; ++i) text += "█";
  text += eighths[length % 8];
  for (int used = (length + 7) / 8; used < cells; ++used) text += ' ';
  return text;
}

std::string expected_text(const TokenExpectation& of, int64_t token, const Tokenizer& tokenizer) {
  std::string text =
      fmt::format("{:>6.2f} %  rank {:<6}", 100 * of.probability[token].item<double>(), of.rank[token].item<int64_t>());
  for (int64_t k = 0; k < of.top_ids.size(1); ++k)
    text += fmt::format("  {} {:.1f} %", in_quotes(token_text(tokenizer, of.top_ids[token][k].item<int64_t>())),
                        100 * of.top_probabilities[token][k].item<double>());
  return text;
}

std::string segment_rows(const SegmentDisagreement& sums) {
  std::string text = fmt::format("{:<10}{:>6}{:>12}{:>14}{:>14}{:>12}\n", "segment", "rows", "KL, sum", "KL a token",
                                 "reverse, sum", "JSD, sum");
  for (const SegmentKind kind : segment_kinds) {
    const Disagreement& of = sums.of(kind);
    const std::string each = of.rows > 0 ? fmt::format("{:.4g}", of.forward_kl / static_cast<double>(of.rows)) : "-";
    text += fmt::format("{:<10}{:>6}{:>12.4g}{:>14}{:>14.4g}{:>12.4g}\n", name(kind), of.rows, of.forward_kl, each,
                        of.reverse_kl, of.jsd);
  }
  return text;
}

double greatest_magnitude(const at::Tensor& values) {
  return values.nan_to_num(0).abs().max().item<double>();
}

/// Two characters a patch: shades for what speaks for the word, dashes for what speaks against it.
std::string shade(double value, double most) {
  if (!std::isfinite(value)) return "  ";
  const double share = most > 0 ? value / most : 0;
  if (share < -0.5) return "==";
  if (share < -0.1) return "--";
  static constexpr const char* shades[] = {"··", "░░", "▒▒", "▓▓", "██"};
  return shades[std::clamp(static_cast<int>(std::ceil(share * 5)) - 1, 0, 4)];
}

std::string shaded_row(const at::Tensor& values, int64_t row, double most) {
  std::string text;
  for (int64_t column = 0; column < values.size(1); ++column) text += shade(values[row][column].item<double>(), most);
  return text;
}

/// "row 3, column 2 (0.41)" of the patches with the greatest values, counted from 1.
std::string greatest_patches(const at::Tensor& values, int64_t columns) {
  const at::Tensor flat = values.flatten().nan_to_num(-INFINITY);
  const auto [top, index] = flat.topk(std::min<int64_t>(3, flat.size(0)));
  std::string text;
  for (int64_t k = 0; k < top.size(0); ++k) {
    const auto at = index[k].item<int64_t>();
    if (!std::isfinite(top[k].item<double>())) continue;
    text += text.empty() ? "" : ", ";
    text += columns > 0 ? fmt::format("row {}, column {}", at / columns + 1, at % columns + 1)
                        : fmt::format("token {}", at);
    text += fmt::format(" ({:.3g})", top[k].item<double>());
  }
  return text;
}

std::string both_maps(const at::Tensor& teacher, const at::Tensor& student) {
  if (teacher.dim() < 2 || student.dim() < 2)
    return "  This connector's tokens have no place in the picture; --json and --out have their values.\n";
  const double most_teacher = greatest_magnitude(teacher), most_student = greatest_magnitude(student);
  const auto width = static_cast<size_t>(2 * teacher.size(1));
  std::string text = fmt::format("  {:<{}}  {}\n", "teacher", std::max<size_t>(width, 7), "student");
  for (int64_t row = 0; row < std::max(teacher.size(0), student.size(0)); ++row)
    text += fmt::format("  {}  {}\n",
                        row < teacher.size(0) ? shaded_row(teacher, row, most_teacher) : std::string(width, ' '),
                        row < student.size(0) ? shaded_row(student, row, most_student) : "");
  return text;
}

std::string spread_text(const Json& spread) {
  if (spread["mean"].is_null()) return "-";
  const double mean = spread["mean"].get<double>();
  return spread["sd"].is_null() ? fmt::format("{:.4g}", mean)
                                : fmt::format("{:.4g} ± {:.2g}", mean, spread["sd"].get<double>());
}

}  // namespace

std::string in_quotes(const std::string& text) {
  return '"' + printable(text) + '"';
}

std::string agreement_table(const TokenAgreement& agreement, const Tokenizer& tokenizer) {
  const RowDivergences& of = agreement.divergences;
  const double most = of.forward_kl.max().item<double>();
  std::string text;
  for (int64_t i = 0; i < std::ssize(agreement.ids); ++i) {
    text += fmt::format("{:>4}  {:<16} KL {:>9.4g} {} reverse {:>9.4g}   JSD {:>9.4g}\n", i,
                        in_quotes(token_text(tokenizer, agreement.ids[static_cast<size_t>(i)])),
                        of.forward_kl[i].item<double>(), bar(of.forward_kl[i].item<double>(), most, 20),
                        of.reverse_kl[i].item<double>(), of.jsd[i].item<double>());
    text += fmt::format("      teacher {}\n", expected_text(agreement.teacher, i, tokenizer));
    text += fmt::format("      student {}\n", expected_text(agreement.student, i, tokenizer));
  }
  text += '\n' + segment_rows(agreement.segments);
  return text + fmt::format(
                    "KL is that of the teacher's distribution from the student's, in nats, at temperature {:g}, "
                    "over the first {} tokens, which both models have; \"reverse\" the other way round. Percent "
                    "and rank: of the answer's token, over all tokens of each model.\n",
                    agreement.temperature, agreement.compared_vocabulary);
}

std::string attribution_table(const WordAttribution& teacher, const WordAttribution& student) {
  std::string text;
  for (size_t i = 0; i < teacher.maps.size(); ++i) {
    const PatchMap &of_teacher = teacher.maps[i], &of_student = student.maps[i];
    const AttributionMethod& method = *of_teacher.method;
    const auto columns = [](const at::Tensor& values) {
      return values.dim() > 1 ? values.size(1) : 0;
    };
    text += fmt::format("{}: {}\n  It can't show: {}\n", method.label, method.shows, method.cannot_show);
    text += both_maps(of_teacher.values, of_student.values);
    text += fmt::format("  greatest, teacher: {}\n  greatest, student: {}\n\n",
                        greatest_patches(of_teacher.values, columns(of_teacher.values)),
                        greatest_patches(of_student.values, columns(of_student.values)));
  }
  return text +
         "Shades are shares of the greatest value of each map; -- and == are below 0. A map's values are "
         "compared within it only: what one model's numbers are to another's is not their size.\n";
}

std::string disagreement_table(const DataDisagreement& disagreement, int64_t most) {
  const Json json = data_disagreement_json(disagreement, most);
  std::string text = fmt::format("{} of {} samples, {} left out, temperature {:g}\n\n", disagreement.samples.size(),
                                 disagreement.asked, disagreement.left_out.size(), disagreement.temperature);
  text += fmt::format("{:<10}{:>9}{:>10}  {:<20}{:<20}{:<20}{}\n", "segment", "samples", "rows", "KL a sample",
                      "KL a token", "reverse a token", "JSD a token");
  for (const auto& [kind, of] : json["segments"].items())
    text += fmt::format("{:<10}{:>9}{:>10}  {:<20}{:<20}{:<20}{}\n", kind, of["samples"].get<int64_t>(),
                        of["rows"].get<int64_t>(), spread_text(of["forward_kl"]["sum"]),
                        spread_text(of["forward_kl"]["per_token"]), spread_text(of["reverse_kl"]["per_token"]),
                        spread_text(of["jsd"]["per_token"]));
  for (const auto& [kind, of] : json["segments"].items()) {
    if (of["most"].empty()) continue;
    text += fmt::format("\nMost disagreement on {} tokens, KL a token\n", kind);
    const double greatest = of["most"][0]["per_token"].get<double>();
    for (const Json& sample : of["most"])
      text +=
          fmt::format("  {:>9.4g} {} {}\n", sample["per_token"].get<double>(),
                      bar(sample["per_token"].get<double>(), greatest, 20), printable(sample["id"].get<std::string>()));
  }
  for (const std::string& reason : disagreement.left_out) {
    text += &reason == &disagreement.left_out.front() ? "\n" : "";
    if (&reason - &disagreement.left_out.front() == 5) {
      text += fmt::format("and {} more\n", disagreement.left_out.size() - 5);
      break;
    }
    text += "left out: " + printable(reason) + '\n';
  }
  return text +
         "\nMean ± standard deviation over samples, in nats. KL is that of the teacher's distribution from the "
         "student's.\n";
}

}  // namespace llavakd
