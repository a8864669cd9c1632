// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/probe_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include "core/base/errors.h"
#include "core/image/decode.h"
#include "core/image/maps.h"
#include "core/io/interruption.h"
#include "core/project/project_file.h"
#include "core/report/html_text.h"
#include "core/report/probe_series.h"
#include "core/run/bundle.h"
#include "core/run/worst_pairs.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

// On a light page the middle of a signed map is that of core/image/maps; on a dark one it is the card.
constexpr Rgb dark_centre{29, 32, 37};

std::string picture_html(std::string_view png, const std::string& described, const char* kind) {
  return fmt::format("<img class=\"{}\" alt=\"{}\" src=\"data:image/png;base64,{}\">", kind, described, base64(png));
}

Image map_picture(const RelationMatrix& matrix, const ColourScale& scale, int most_rows) {
  const ReducedMatrix small = reduced(matrix, most_rows);
  constexpr int least_side = 192;  // so that a small map can be seen in a viewer
  return map_image(small.values, small.n, small.n, scale, std::max(1, least_side / small.n));
}

/// For the page, which enlarges it: a pixel a value.
std::string page_map(const RelationMatrix& matrix, const ColourScale& scale) {
  const ReducedMatrix small = reduced(matrix, most_map_rows);
  const std::vector<uint8_t> png = encode_png(map_image(small.values, small.n, small.n, scale));
  return {png.begin(), png.end()};
}

/// The colours of a scale with its numbers; the same for all maps of a probe.
std::string colour_bar_html(const ColourScale& scale, const std::string& label, const char* kind) {
  constexpr int cells = 64;
  std::vector<float> ramp;
  for (int i = 0; i < cells; ++i)
    ramp.push_back(static_cast<float>(scale.low + (scale.high - scale.low) * i / (cells - 1)));
  const std::vector<uint8_t> png = encode_png(map_image(ramp, 1, cells, scale));
  return fmt::format(
      "<div class=\"scale {}\"><span>{}</span>{}<span>{}</span><span class=\"muted\">{}</span></div>", kind,
      number_html(scale.low),
      picture_html({reinterpret_cast<const char*>(png.data()), png.size()},
                   fmt::format("Colours from {} to {}", number_html(scale.low), number_html(scale.high)), "bar"),
      number_html(scale.high), label);
}

/// "row 2, column 5" of the tower's patches, or the token's number where it has no place.
std::string place_text(const ProbeFile& probe, int token) {
  const int patch = probe.patchOfToken(token);
  if (patch < 0 || probe.columns <= 0 || patch >= probe.rows * probe.columns) return fmt::format("token {}", token + 1);
  return fmt::format("row {}, column {}", patch / probe.columns + 1, patch % probe.columns + 1);
}

std::string pairs_table(const ProbeFile& probe, const std::vector<DisagreeingPair>& pairs) {
  HtmlTable table{.caption =
                      "Pairs that disagree most, neighbours left out: nearer to each other in the student than in the "
                      "teacher (solid), or "
                      "farther (dashed)",
                  .head = {"Patch", "Patch", "Teacher", "Student", "Difference"},
                  .rows = {},
                  .numbers = {2, 3, 4}};
  for (const DisagreeingPair& pair : pairs)
    table.rows.push_back({place_text(probe, int(pair.first)), place_text(probe, int(pair.second)),
                          number_html(pair.teacher), number_html(pair.student), number_html(pair.difference())});
  return table_html(table);
}

/// The pairs as lines over the grid of patches, and over the picture where that is square: then every way of preparing
/// it keeps all of it. `picture` is the symbol's id, or empty.
std::string pairs_svg(const ProbeFile& probe, const std::vector<DisagreeingPair>& pairs, const std::string& picture) {
  if (probe.rows <= 0 || probe.columns <= 0) return {};
  std::string svg = fmt::format(
      "<svg class=\"pairs\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-label=\"The pairs that disagree most, as lines between patches\">",
      probe.columns, probe.rows);
  if (!picture.empty())
    svg += fmt::format("<use href=\"#{}\" width=\"{}\" height=\"{}\" opacity=\".55\"/>", picture, probe.columns,
                       probe.rows);
  svg += fmt::format("<rect class=\"frame\" width=\"{}\" height=\"{}\"/>", probe.columns, probe.rows);
  const double thick = static_cast<double>(probe.columns) / 90;
  for (const DisagreeingPair& pair : pairs) {
    const int a = probe.patchOfToken(int(pair.first)), b = probe.patchOfToken(int(pair.second));
    if (a < 0 || b < 0 || std::max(a, b) >= probe.rows * probe.columns) continue;
    const auto x = [&](int patch) {
      return patch % probe.columns + 0.5;
    };
    const auto y = [&](int patch) {
      return patch / probe.columns + 0.5;
    };
    svg += fmt::format(
        "<path class=\"{0}\" stroke-width=\"{1:.3f}\"{2} d=\"M{3} {4}L{5} {6}\"/>"
        "<circle class=\"{0}\" r=\"{7:.3f}\" cx=\"{3}\" cy=\"{4}\"/><circle class=\"{0}\" r=\"{7:.3f}\" cx=\"{5}\" "
        "cy=\"{6}\"/>",
        pair.difference() > 0 ? "more" : "less", thick,
        pair.difference() > 0 ? "" : fmt::format(" stroke-dasharray=\"{0:.3f} {0:.3f}\"", 2 * thick), x(a), y(a), x(b),
        y(b), 1.8 * thick);
  }
  return svg + "</svg>";
}

/// A picture whose content isn't what the run noted of it, or of which nothing was noted, isn't opened for a report:
/// what is in run.json may be a stranger's.
bool is_known_picture(const ReportRun& run, const fs::path& picture) {
  const InputFiles inputs{.project_folder = run.project_file.parent_path(), .files = {}, .named = {}};
  const std::string key = input_key(inputs, picture);
  const auto matches = [&](const InputStates& states, bool are_images) {
    const auto known = states.find(key);
    return known != states.end() && !known->second.hash.empty() &&
           hash_of_input({.path = picture, .is_image = are_images}) == known->second.hash;
  };
  return matches(run.known.files, false) || matches(run.known.images, true);
}

class ProbeMaps {
 public:
  ProbeMaps(const ReportRun& run, ProbeSeries series, size_t number, ReportFiles& files, Redaction* redaction)
      : run_(run),
        series_(std::move(series)),
        id_(fmt::format("run-{}-probe-{}", number, series_.index + 1)),
        folder_(fmt::format("maps/run-{}/probe-{}", number, series_.index + 1)),
        files_(files),
        redaction_(redaction) {
    maps_ = {.palette = Palette::viridis, .low = series_.scale.low, .high = series_.scale.high};
    signed_ = {.palette = Palette::diverging, .low = -series_.scale.difference, .high = series_.scale.difference};
    signed_dark_ = signed_;
    signed_dark_.centre = dark_centre;
  }

  std::string html() {
    read_picture();
    std::string looks;
    for (size_t i = 0; i < series_.looks.size(); ++i) looks += look_html(i);
    const size_t last = series_.looks.size() - 1;
    std::string html = fmt::format("<article class=\"probe\" id=\"{}\"><h4>Probe {}</h4>\n", id_, series_.index + 1);
    html += fmt::format("<div class=\"question\">{}<p>{}</p></div>\n", picture_, hidden(series_.question));
    html += fmt::format(
        "<div class=\"slider\"><label for=\"{0}-at\">Step</label><input type=\"range\" id=\"{0}-at\" min=\"0\" "
        "max=\"{1}\" value=\"{1}\" step=\"1\"><output for=\"{0}-at\">{2}</output></div>\n",
        id_, last, step_text(last));
    html += "<div class=\"scales\">" + colour_bar_html(maps_, "of the root mean square", "");
    if (series_.has_teacher)
      html += colour_bar_html(signed_, "student − teacher", "on-light") +
              colour_bar_html(signed_dark_, "student − teacher", "on-dark");
    html += "</div>\n";
    html += fmt::format("<div class=\"looks{}\">\n{}</div>\n", series_.has_teacher ? "" : " alone", looks);
    return html + notes() + "</article>\n";
  }

 private:
  std::string hidden(const std::string& text) const { return html_text(redaction_ ? redaction_->text(text) : text); }

  std::string step_text(size_t look) const {
    return fmt::format("{} · {}", count_html(series_.looks[look].step), html_text(series_.looks[look].stage));
  }

  void read_picture() {
    const auto note = [&](const char* why) {
      picture_note_ = fmt::format("The picture isn't shown: {}.", why);
    };
    if (redaction_) return note("it may show what was taken out");
    if (is_bundle(run_.folder.path.parent_path().parent_path())) return note("a bundle has none");
    try {
      const fs::path path = resolve(run_.project_file, series_.image);
      if (!is_known_picture(run_, path)) return note("it isn't there as the run noted it");
      constexpr int longest_side = 224;
      const Image whole = read_image({path});
      const std::string png = files_.write_png(folder_ + "/picture.png", thumbnail(whole, longest_side));
      picture_ = picture_html(png, "The probe's picture", "picture");
      if (whole.width != whole.height) return;
      square_ = id_ + "-picture";
      picture_ += fmt::format(
          "<svg class=\"symbols\" aria-hidden=\"true\"><symbol id=\"{}\" viewBox=\"0 0 1 1\"><image width=\"1\" "
          "height=\"1\" href=\"data:image/png;base64,{}\"/></symbol></svg>",
          square_, base64(png));
    } catch (const UserError& error) {
      picture_note_ = "The picture isn't shown: " + html_text(error.what());
    }
  }

  /// Writes the files of a map and gives it for the page.
  std::string map_html(const RelationMatrix& matrix, const ColourScale& scale, const std::string& name,
                       const std::string& described, const char* kind) {
    files_.write_png(name + ".png", map_picture(matrix, scale, most_map_file_rows));
    if (!files_.write_matrix(name + ".npy", matrix)) ++maps_without_numbers_;
    return picture_html(page_map(matrix, scale), described, kind);
  }

  std::string figure_html(const char* who, const char* title, const std::string& pictures) const {
    return fmt::format("<figure class=\"map {}\"><figcaption>{}</figcaption>{}</figure>\n", who, title, pictures);
  }

  std::string teacher_html(const ProbeFile& probe, size_t look, const std::string& stem) {
    if (!series_.teacher_stays)
      return map_html(probe.teacher, maps_, stem + "-teacher", "Relations of the teacher", "cells");
    if (look == 0) teacher_ = map_html(probe.teacher, maps_, folder_ + "/teacher", "Relations of the teacher", "cells");
    return teacher_;
  }

  std::string look_html(size_t index) {
    throw_if_interrupted();
    const ProbeLook& look = series_.looks[index];
    const ProbeFile probe = read_probe_file(look.file);
    block_ = std::max(block_, reduced_block(probe.tokens()));
    const std::string stem = fmt::format("{}/{:07}-{}", folder_, look.step, file_word(look.stage));
    std::string maps;
    if (series_.has_teacher) maps += figure_html("teacher", "Teacher", teacher_html(probe, index, stem));
    maps += figure_html("student", "Student",
                        map_html(probe.student, maps_, stem + "-student",
                                 fmt::format("Relations of the student at step {}", look.step), "cells"));
    std::string below;
    if (series_.has_teacher) {
      const std::string described = fmt::format("Student minus teacher at step {}", look.step);
      maps += figure_html("difference", "Difference",
                          map_html(probe.difference, signed_, stem + "-difference", described, "cells on-light") +
                              picture_html(page_map(probe.difference, signed_dark_), described, "cells on-dark"));
      const std::vector<DisagreeingPair> pairs = disagreeing_pairs(probe, {.pairs = most_listed_pairs});
      below = fmt::format("<div class=\"disagreement\">{}{}</div>\n", pairs_svg(probe, pairs, square_),
                          pairs_table(probe, pairs));
    }
    const std::string distance =
        probe.distance
            ? fmt::format("<p class=\"muted\">1 − cosine of both maps: <b>{}</b></p>", number_html(*probe.distance))
            : "";
    const bool is_last = index + 1 == series_.looks.size();
    return fmt::format(
        "<section class=\"look{}\" data-step=\"{}\" aria-label=\"Step {}\">\n<div "
        "class=\"maps\">\n{}</div>\n{}{}</section>\n",
        is_last ? " shown" : "", step_text(index), step_text(index), maps, distance, below);
  }

  static int reduced_block(int tokens) { return (tokens + most_map_rows - 1) / most_map_rows; }

  std::string notes() const {
    std::string notes;
    const auto add = [&](const std::string& note) {
      notes += fmt::format("<p class=\"muted\">{}</p>\n", note);
    };
    if (!picture_note_.empty()) add(picture_note_);
    if (series_.all_looks > series_.looks.size())
      add(fmt::format("{} of {} looks are shown, evenly chosen.", series_.looks.size(), series_.all_looks));
    if (block_ > 1) add(fmt::format("A cell is the mean of {0} × {0} pairs; the NPY files have all.", block_));
    if (maps_without_numbers_ > 0)
      add(fmt::format("Of {} maps there is no NPY file: those of a report take at most {} MiB.", maps_without_numbers_,
                      ReportFiles::most_map_bytes >> 20));
    for (const std::string& fault : series_.faults) add("Left out: " + hidden(fault));
    return notes;
  }

  const ReportRun& run_;
  const ProbeSeries series_;
  const std::string id_, folder_;  ///< "run-1-probe-1", "maps/run-1/probe-1"
  ReportFiles& files_;
  Redaction* redaction_;
  ColourScale maps_, signed_, signed_dark_;
  std::string picture_, picture_note_, teacher_;
  std::string square_;  ///< Id of the picture as a symbol, where it is square.
  int block_ = 1;
  int64_t maps_without_numbers_ = 0;
};

}  // namespace

std::string probe_maps_html(const ReportRun& run, size_t number, ReportFiles& files, Redaction* redaction) {
  size_t all = 0;
  std::string html;
  for (const int64_t index : probes_of(run, most_shown_probes, all)) {
    ProbeSeries series = read_probe_series(
        run, index, [](int tokens) { return tokens <= few_tokens ? most_small_looks : most_shown_looks; });
    if (!series.looks.empty()) {
      html += ProbeMaps(run, std::move(series), number, files, redaction).html();
      continue;
    }
    html += fmt::format("<h4>Probe {}</h4>\n", index + 1);
    for (const std::string& fault : series.faults)
      html +=
          fmt::format("<p class=\"muted\">Left out: {}</p>\n", html_text(redaction ? redaction->text(fault) : fault));
  }
  if (all > most_shown_probes)
    html += fmt::format("<p class=\"muted\">The first {} of {} probes are shown.</p>\n", most_shown_probes, all);
  return html;
}

}  // namespace llavakd
