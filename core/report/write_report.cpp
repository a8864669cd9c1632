// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/write_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/report/answers_section.h"
#include "core/report/html_text.h"
#include "core/report/probe_maps.h"
#include "core/report/report_page.h"
#include "core/report/report_run.h"
#include "core/report/sections.h"
#include "core/run/curve_table.h"
#include "core/run/run_redaction.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* marker_name = "report.json";
constexpr const char* marker_format = "llavakd-report";

/// The files of an earlier report there. Throws UserError where the folder isn't one.
std::set<std::string> files_of_report(const fs::path& folder) {
  const auto refuse = [&](const std::string& why) {
    throw UserError(fmt::format("{} {}. Give the report another folder.", printable(folder.string()), why));
  };
  std::error_code error;
  if (!fs::is_regular_file(folder / marker_name, error)) refuse("is there already and holds no report");
  std::set<std::string> files{marker_name};
  Json json;
  try {
    constexpr JsonLimits limits{.max_bytes = size_t{16} << 20, .max_depth = 8};
    json = read_json(folder / marker_name, limits);
  } catch (const UserError&) {
    refuse("holds a damaged report.json");
  }
  if (!json.is_object() || json.value("format", Json()) != marker_format)
    refuse("holds a report.json of another program");
  for (const Json& file : json.value("files", Json::array()))
    if (file.is_string()) files.insert(file.get<std::string>());
  return files;
}

/// Only what an earlier report wrote is replaced.
void refuse_foreign_folder(const fs::path& out, const std::vector<RunFolder>& runs) {
  for (const RunFolder& run : runs) {
    const fs::path within = out.lexically_relative(fs::absolute(run.path).lexically_normal());
    if (!within.empty() && *within.begin() != "..")
      throw UserError(fmt::format("{} is in the folder of the run {}. Give the report another folder.",
                                  printable(out.string()), printable(run.id())));
  }
  std::error_code error;
  if (!fs::exists(fs::symlink_status(out, error))) return;
  if (!fs::is_directory(fs::symlink_status(out, error)))
    throw UserError(
        fmt::format("{} is there already and is no folder. Give the report another name.", printable(out.string())));
  if (fs::is_empty(out, error)) return;
  const std::set<std::string> own = files_of_report(out);
  for (auto entry = fs::recursive_directory_iterator(out, error); entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    if (error) break;
    const std::string name = entry->path().lexically_relative(out).generic_string();
    if (!entry->is_directory() && !own.contains(name))
      throw UserError(
          fmt::format("{} holds {}, which its report didn't write. Move it away, or give the report another folder.",
                      printable(out.string()), printable(name)));
  }
}

Redaction redaction_of_runs(const std::vector<RunFolder>& runs) {
  Redaction redaction = Redaction::of_this_user();
  size_t first_input = 1;
  for (const RunFolder& run : runs) {
    const RunInfo info = read_run_info(run);
    const std::vector<BundleNeed> needs = bundle_needs(run, info, read_known_inputs(run));
    hide_run(redaction, run, info, needs, first_input);
    first_input += needs.size();
  }
  return redaction;
}

/// Pictures as texts may spell anything.
std::string without_pictures(std::string_view text) {
  constexpr std::string_view begin = "base64,";
  std::string rest;
  for (size_t place = text.find(begin); place != std::string_view::npos; place = text.find(begin)) {
    rest.append(text.substr(0, place));
    text.remove_prefix(std::min(text.find('"', place), text.size()));
  }
  return rest.append(text);
}

class ReportWriter {
 public:
  ReportWriter(const std::vector<RunFolder>& runs, const fs::path& folder, const ReportOptions& options)
      : options_(options), files_(folder) {
    if (options.redact) redaction_ = redaction_of_runs(runs);
    for (const RunFolder& run : runs) {
      told("reading " + run.id());
      runs_.push_back(read_report_run(run, hiding()));
    }
    name_apart();
  }

  WrittenReport write() {
    ReportPage page{.title = runs_.size() == 1 ? runs_.front().name : fmt::format("{} runs compared", runs_.size())};
    page.head = head();
    add(page, "summary", "Summary", summary_html(runs_));
    add(page, "scores", "Scores", or_else(scores_html(runs_, files_) + answers(), "No evaluation has been done."));
    told("drawing curves");
    add(page, "curves", "Curves", or_else(curves_html(runs_, files_), "No step has been done."));
    add(page, "maps", "Relation maps", maps());
    add(page, "notices", "Warnings and gates", or_else(notices_html(runs_), "There are none."));
    add(page, "options", "Configuration", or_else(options_html(runs_), "The options of the run aren’t known."));
    add(page, "provenance", "Provenance", provenance());
    write_curves();
    add(page, "files", "Files", files_section());
    page.foot =
        fmt::format("<p>Written by LLaVA-KD Studio {}. The same runs give the same page.{}</p>\n", LLAVAKD_VERSION,
                    redaction_ ? " Names of people and machines and absolute paths were replaced." : "");
    files_.write("index.html", page_html(page));
    write_marker();
    if (redaction_) refuse_what_is_left();
    return written();
  }

 private:
  Redaction* hiding() { return redaction_ ? &*redaction_ : nullptr; }
  void told(const std::string& what) const {
    throw_if_interrupted();
    if (options_.progress) options_.progress(what);
  }

  static std::string or_else(std::string html, const char* text) {
    return html.empty() ? fmt::format("<p class=\"muted\">{}</p>\n", text) : html;
  }
  static void add(ReportPage& page, const char* id, const char* title, std::string html) {
    page.sections.push_back({id, title, std::move(html)});
  }

  /// Runs of different projects may have the same name.
  void name_apart() {
    std::set<std::string> names;
    for (ReportRun& run : runs_) {
      const std::string name = run.name;
      for (int i = 2; !names.insert(run.name).second; ++i) run.name = fmt::format("{} ({})", name, i);
    }
  }

  std::string head() const {
    if (runs_.size() == 1)
      return fmt::format("<p class=\"badges\">{} {}</p>\n", state_badge(runs_.front()),
                         verification_badge(runs_.front()));
    std::string list = "<p class=\"lead\">";
    for (size_t i = 0; i < runs_.size(); ++i) list += (i == 0 ? "" : " · ") + html_text(runs_[i].name);
    return list + "</p>\n";
  }

  std::string answers() {
    std::string html;
    for (size_t i = 0; i < runs_.size(); ++i) {
      const std::string its = answers_html(runs_[i], i + 1, files_, hiding());
      if (its.empty()) continue;
      html +=
          fmt::format("<h4>{}</h4>\n{}", runs_.size() == 1 ? "Answers" : html_text("Answers of " + runs_[i].name), its);
    }
    return html;
  }

  std::string maps() {
    std::string html;
    for (size_t i = 0; i < runs_.size(); ++i) {
      told(fmt::format("drawing maps of {}", runs_[i].name));
      const std::string maps = probe_maps_html(runs_[i], i + 1, files_, hiding());
      if (maps.empty()) continue;
      html += runs_.size() == 1 ? maps : fmt::format("<h3>{}</h3>\n{}", html_text(runs_[i].name), maps);
    }
    if (html.empty()) return or_else(html, "No probe has been looked at.");
    return "<p>How the visual tokens of a picture belong together, in the teacher and in the student: a cell is the "
           "product of "
           "two tokens’ logits, divided by the root mean square of its map. All maps of a probe have one scale, which "
           "ends "
           "where the outermost half percent of values begins; what is no number is hatched.</p>\n" +
           html;
  }

  std::string provenance() const {
    if (runs_.size() == 1) return provenance_html(runs_.front());
    std::string html;
    for (const ReportRun& run : runs_) html += folded_html(html_text(run.name), provenance_html(run));
    return html;
  }

  void write_curves() {
    for (size_t i = 0; i < runs_.size(); ++i) {
      told(fmt::format("writing steps of {}", runs_[i].name));
      const fs::path file = files_.path_of(fmt::format("curves/run-{}.csv", i + 1));
      write_curve_table(runs_[i].folder.events(), file);
      if (redaction_) hide_lines(file);
    }
  }

  void hide_lines(const fs::path& file) {
    std::ifstream lines(file, std::ios::binary);
    AtomicFile hidden(file);
    for (std::string line; std::getline(lines, line);) hidden.write(redaction_->text(line) + "\n");
    hidden.commit();
  }

  std::string files_section() const {
    HtmlTable table{.caption = "Next to this page", .head = {"File", "What"}, .rows = {}, .numbers = {}};
    for (size_t i = 0; i < runs_.size(); ++i)
      table.rows.push_back({fmt::format("<a href=\"curves/run-{0}.csv\" download>curves/run-{0}.csv</a>", i + 1),
                            fmt::format("every step of {}", html_text(runs_[i].name))});
    const auto has = [&](std::string_view folder) {
      return std::ranges::any_of(files_.names(), [&](const std::string& name) { return name.starts_with(folder); });
    };
    if (has("charts/")) table.rows.push_back({"charts/*.svg", "every chart"});
    if (has("maps/"))
      table.rows.push_back(
          {"maps/run-N/probe-N/", "every map as a picture (PNG) and as numbers (NPY, float32, divided as told above)"});
    if (has("answers/"))
      table.rows.push_back({"answers/run-N/*.csv", "every answer that was kept, and what was expected"});
    if (has("scores.csv")) table.rows.push_back({"scores.csv", "scores, intervals and what scores are made of"});
    return table_html(table);
  }

  void write_marker() {
    Json runs = Json::array(), files = Json::array();
    for (const ReportRun& run : runs_) runs.push_back(run.name);
    for (const std::string& name : files_.names()) files.push_back(name);
    write_json(files_.folder() / marker_name, {{"format", marker_format},
                                               {"version", 1},
                                               {"llavakd", LLAVAKD_VERSION},
                                               {"runs", std::move(runs)},
                                               {"redacted", redaction_.has_value()},
                                               {"files", std::move(files)}});
  }

  void refuse_what_is_left() const {
    for (const std::string& name : files_.names()) {
      const std::string ending = fs::path(name).extension().string();
      if (ending == ".png" || ending == ".npy") continue;
      throw_if_interrupted();
      std::ifstream stream(files_.folder() / name, std::ios::binary);
      for (std::string line; std::getline(stream, line);)
        if (const auto left = redaction_->path_found_in(without_pictures(line)))
          throw UserError(
              fmt::format("{} holds \"{}\", which can't be taken out, so nothing is written.", name, *left));
    }
  }

  WrittenReport written() const {
    WrittenReport result;
    for (const auto& entry : fs::recursive_directory_iterator(files_.folder()))
      if (entry.is_regular_file()) {
        ++result.files;
        result.bytes += static_cast<int64_t>(entry.file_size());
      }
    return result;
  }

  const ReportOptions& options_;
  std::optional<Redaction> redaction_;
  std::vector<ReportRun> runs_;
  ReportFiles files_;
};

}  // namespace

WrittenReport write_report(const std::vector<RunFolder>& runs, const fs::path& out, const ReportOptions& options) {
  if (runs.empty() || runs.size() > most_reported_runs)
    throw UserError(fmt::format("A report is of 1 to {} runs, not of {}.", most_reported_runs, runs.size()));
  fs::path folder = fs::absolute(out).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // a slash at the end
  refuse_foreign_folder(folder, runs);
  try {
    AtomicFolder building(folder);
    WrittenReport written = ReportWriter(runs, building.partial(), options).write();
    building.commit();
    written.page = folder / "index.html";
    return written;
  } catch (const fs::filesystem_error& error) {
    throw RunError(fmt::format("{} can't be written: {}.", folder.string(), error.code().message()));
  }
}

}  // namespace llavakd
