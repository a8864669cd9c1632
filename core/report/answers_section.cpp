// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/answers_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/base/errors.h"
#include "core/io/interruption.h"
#include "core/report/html_text.h"
#include "core/run/curve_table.h"
#include "core/run/kept_answers.h"
#include "core/run/proportions.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// answers/WHO/FILE.jsonl, in the order of their names.
std::vector<fs::path> answer_files_of(const RunFolder& run) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& who : fs::directory_iterator(run.answers(), error))
    for (const auto& file : fs::directory_iterator(who.path(), error))
      if (file.path().extension() == ".jsonl" && file.is_regular_file(error)) files.push_back(file.path());
  std::ranges::sort(files);
  return files;
}

class AnswersOfRun {
 public:
  AnswersOfRun(const fs::path& file, std::string folder, ReportFiles& files, Redaction* redaction)
      : who_(file.parent_path().filename().string()),
        name_(fmt::format("{}/{}-{}.csv", folder, file_word(who_), file_word(file.stem().string()))),
        answers_(read_answers(file)),
        files_(files),
        redaction_(redaction) {
    for (const KeptAnswer& answer : answers_.answers) right_ += answer.right ? 1 : 0;
  }

  std::string html() {
    files_.write(name_, csv());
    const auto n = std::ssize(answers_.answers);
    const ShareInterval interval = wilson_interval(right_, n);
    const std::string summary =
        fmt::format("Answers of {} to {}: {} of {} right, {:.1f} % [{:.1f}, {:.1f}]", html_text(hidden(who_)),
                    html_text(hidden(answers_.file.filename().string())), count_html(right_), count_html(n),
                    n > 0 ? 100.0 * static_cast<double>(right_) / static_cast<double>(n) : 0.0, 100 * interval.low,
                    100 * interval.high);
    return folded_html(summary, table() + note());
  }

 private:
  std::string hidden(const std::string& text) const { return redaction_ ? redaction_->text(text) : text; }

  std::string table() const {
    HtmlTable table{.caption = "Wrong answers first",
                    .head = {"Question", "Type", "Expected", "Answer", "Right"},
                    .rows = {},
                    .numbers = {}};
    for (const bool right : {false, true})
      for (const KeptAnswer& answer : answers_.answers) {
        if (answer.right != right || table.rows.size() >= most_listed_answers) continue;
        constexpr size_t longest = 500;
        table.rows.push_back({html_text(hidden(answer.question), longest), html_text(hidden(answer.type), longest),
                              html_text(hidden(answer.reference), longest), html_text(hidden(answer.answer), longest),
                              right ? "✓" : "✗"});
      }
    return table_html(table);
  }

  std::string note() const {
    const size_t all = answers_.answers.size();
    const std::string left_out = all > most_listed_answers
                                     ? fmt::format("{} of {} answers are shown. ", most_listed_answers, all)
                                     : std::string();
    return fmt::format("<p class=\"muted\">{}<a href=\"{}\" download>All as CSV</a></p>\n", left_out, name_);
  }

  std::string csv() const {
    std::string csv = "id,type,question,expected,answer,right\n";
    for (const KeptAnswer& answer : answers_.answers) {
      for (const std::string* text : {&answer.id, &answer.type, &answer.question, &answer.reference, &answer.answer})
        csv += csv_text(hidden(*text)) + ",";
      csv += answer.right ? "1\n" : "0\n";
    }
    return csv;
  }

  const std::string who_, name_;
  const AnswerSet answers_;
  ReportFiles& files_;
  Redaction* redaction_;
  int64_t right_ = 0;
};

}  // namespace

std::string answers_html(const ReportRun& run, size_t number, ReportFiles& files, Redaction* redaction) {
  const std::vector<fs::path> all = answer_files_of(run.folder);
  std::string html;
  for (size_t i = 0; i < std::min(all.size(), most_answer_files); ++i) try {
      throw_if_interrupted();
      html += AnswersOfRun(all[i], fmt::format("answers/run-{}", number), files, redaction).html();
    } catch (const UserError& error) {
      const std::string fault = error.what();
      html +=
          fmt::format("<p class=\"muted\">Left out: {}</p>\n", html_text(redaction ? redaction->text(fault) : fault));
    }
  if (all.size() > most_answer_files)
    html += fmt::format("<p class=\"muted\">The first {} of {} files of answers are shown.</p>\n", most_answer_files,
                        all.size());
  return html;
}

}  // namespace llavakd
