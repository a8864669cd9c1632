// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/base/byte_size.h"
#include "core/report/html_text.h"
#include "core/report/sections.h"

namespace llavakd {
namespace {

constexpr size_t most_listed_inputs = 200;

std::string bytes_text(int64_t bytes) {
  return bytes < 0 ? "–" : size_text(static_cast<double>(bytes));
}

std::string versions_table(const ReportRun& run) {
  HtmlTable table{.caption = "Program and machine", .head = {"What", "Value"}, .rows = {}, .numbers = {}};
  for (const auto& [name, value] : run.versions) table.rows.push_back({html_text(name), html_text(value)});
  if (!run.info.host.empty()) table.rows.push_back({"machine", html_text(run.info.host)});
  return table.rows.empty() ? "<p class=\"muted\">The run’s record names neither program nor machine.</p>\n"
                            : table_html(table);
}

std::string inputs_table(const ReportRun& run) {
  if (run.inputs.empty() && run.images == 0) return "<p class=\"muted\">The run has noted no inputs.</p>\n";
  HtmlTable table{.caption = "Inputs", .head = {"File", "Size", "SHA-256"}, .rows = {}, .numbers = {1}};
  for (size_t i = 0; i < std::min(run.inputs.size(), most_listed_inputs); ++i) {
    const ReportInput& input = run.inputs[i];
    table.rows.push_back(
        {html_text(input.file, 400), bytes_text(input.bytes),
         input.hash.empty() ? "–" : fmt::format("<code class=\"hash\">{}</code>", html_text(input.hash))});
  }
  std::string html = table.rows.empty() ? "" : table_html(table);
  if (run.inputs.size() > most_listed_inputs)
    html += fmt::format("<p class=\"muted\">And {} more in run.json.</p>\n",
                        count_html(std::ssize(run.inputs) - std::ptrdiff_t(most_listed_inputs)));
  if (run.images > 0)
    html += fmt::format("<p class=\"muted\">And {} pictures, {}; their hashes are in the run’s pictures.txt.</p>\n",
                        count_html(run.images), bytes_text(run.image_bytes));
  return html;
}

std::string verification_html(const ReportRun& run) {
  if (!run.verification)
    return fmt::format("<p>{} <code>llavakd verify</code> compares a run with what it wrote and read.</p>\n",
                       verification_badge(run));
  const RunVerification& verification = *run.verification;
  std::string html = fmt::format("<p>{} on {}", verification_badge(run), date_html(verification.time));
  if (!verification.checkpoint.empty())
    html += fmt::format(", its newest checkpoint was {}", html_text(verification.checkpoint));
  if (!verification.version.empty()) html += fmt::format(", by version {}", html_text(verification.version));
  HtmlTable table{.caption = "What was verified", .head = {"What", "Name", "Found"}, .rows = {}, .numbers = {}};
  for (const VerifiedPart& part : verification.parts) {
    std::string found = part.skipped ? "not looked at: " + html_text(part.found) : html_text(part.found);
    for (const std::string& fault : part.faults) found += fmt::format("<div>✗ {}</div>", html_text(fault));
    if (part.faults.empty() && !part.skipped) found = part.is_near ? "✓ within its tolerance. " + found : "✓ " + found;
    table.rows.push_back({html_text(part.what), html_text(part.name), found});
  }
  return html + ".</p>\n" + table_html(table);
}

std::string accepted_changes_html(const ReportRun& run) {
  if (!run.info.accepted_changes.is_array() || run.info.accepted_changes.empty()) return {};
  return fmt::format(
      "<p class=\"message\">At {} of its resumes changed inputs were accepted; run.json names them.</p>\n",
      run.info.accepted_changes.size());
}

}  // namespace

std::string provenance_html(const ReportRun& run) {
  return verification_html(run) + accepted_changes_html(run) + versions_table(run) +
         folded_html(fmt::format("{} inputs", count_html(std::ssize(run.inputs) + run.images)), inputs_table(run));
}

}  // namespace llavakd
