// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/kept_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

using AnswerJson = nlohmann::ordered_json;

AnswerJson answer_line(const AnswerSet& set, const KeptAnswer& kept) {
  AnswerJson line = {{"id", kept.id}, {"question", kept.question}, {"type", kept.type}};
  if (kept.images.size() == 1)
    line["image"] = kept.images.front();
  else
    line["image"] = kept.images.empty() ? AnswerJson() : AnswerJson(kept.images);
  line["reference"] = kept.reference;
  line["answer"] = kept.answer;
  line["right"] = kept.right;
  if (kept.cut) line["cut"] = true;
  if (kept.turns != 1) line["turns"] = kept.turns;
  if (!kept.template_name.empty()) line["template"] = kept.template_name;
  line["model"] = set.model;
  line["task"] = set.task;
  line["file"] = set.file.string();
  line["images"] = set.images.string();
  return line;
}

/// The members of a line, and what is wrong with them as a part of a sentence.
class AnswerLine {
 public:
  AnswerLine(const AnswerJson& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) refuse("is no object");
  }

  std::string text(const char* key) const {
    const AnswerJson& value = member(key);
    if (!value.is_string()) refuse(fmt::format("has no text as \"{}\"", key));
    return value.get<std::string>();
  }
  std::string text_or(const char* key, const std::string& otherwise) const {
    return json_.contains(key) ? text(key) : otherwise;
  }
  bool flag(const char* key) const {
    const AnswerJson& value = member(key);
    if (!value.is_boolean()) refuse(fmt::format("has neither true nor false as \"{}\"", key));
    return value.get<bool>();
  }
  int64_t turns() const {
    if (!json_.contains("turns")) return 1;
    const AnswerJson& value = member("turns");
    if (!value.is_number_integer() || value.get<int64_t>() < 1) refuse("has no number of questions as \"turns\"");
    return value.get<int64_t>();
  }
  std::vector<std::string> images() const {
    const AnswerJson& value = member("image");
    if (value.is_null()) return {};
    if (value.is_string()) return {value.get<std::string>()};
    std::vector<std::string> images;
    if (value.is_array())
      for (const AnswerJson& image : value)
        if (image.is_string()) images.push_back(image.get<std::string>());
    if (images.empty() || images.size() != value.size()) refuse("has neither a path nor paths as \"image\"");
    return images;
  }
  KeptAnswer answer() const {
    return {.id = text("id"),
            .question = text("question"),
            .type = text("type"),
            .images = images(),
            .reference = text("reference"),
            .answer = text("answer"),
            .right = flag("right"),
            .cut = json_.contains("cut") && flag("cut"),
            .turns = turns(),
            .template_name = text_or("template", "")};
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw UserError(fmt::format("{} {}. Give a file that `llavakd eval --answers` has written.", where_, what));
  }

 private:
  const AnswerJson& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) refuse(fmt::format("has no \"{}\"", key));
    return *found;
  }

  const AnswerJson& json_;
  std::string where_;
};

/// Takes over what all lines of a file have in common. Refuses a line that says otherwise.
void take_common(AnswerSet& set, const AnswerLine& line, bool first) {
  AnswerSet own{.model = line.text("model"),
                .task = line.text("task"),
                .file = line.text("file"),
                .images = line.text("images"),
                .answers = {}};
  if (first) {
    set = std::move(own);
    return;
  }
  const auto refuse_other = [&](const char* what, const std::string& is, const std::string& was) {
    if (is != was)
      line.refuse(
          fmt::format("is of another {} ({}) than the lines before it ({})", what, printable(is), printable(was)));
  };
  refuse_other("model", own.model, set.model);
  refuse_other("task", own.task, set.task);
  refuse_other("file of questions", own.file.string(), set.file.string());
  refuse_other("folder of pictures", own.images.string(), set.images.string());
}

}  // namespace

void write_answers(const std::filesystem::path& path, const AnswerSet& set) {
  if (set.answers.empty())
    throw UserError(
        fmt::format("No question of {} could be asked, so that there are no answers to keep.", set.file.string()));
  AtomicFile file(path);
  for (const KeptAnswer& kept : set.answers)
    // What a model says may end within a character.
    file.write(answer_line(set, kept).dump(-1, ' ', false, AnswerJson::error_handler_t::replace) + '\n');
  file.commit();
}

AnswerSet read_answers(const std::filesystem::path& path) {
  const auto mapped = MappedFile::open(path);
  AnswerSet set;
  std::string_view rest = mapped->text();
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    const std::string_view text = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = fmt::format("{}, line {}", path.string(), number);
    const AnswerJson json = parse_json(text, fmt::format("{} in its line {}", path.string(), number));
    const AnswerLine line(json, where);
    take_common(set, line, set.answers.empty());
    set.answers.push_back(line.answer());
  }
  refuse_changed_mappings();
  if (set.answers.empty())
    throw UserError(
        fmt::format("{} has no answers. Give a file that `llavakd eval --answers` has written.", path.string()));
  return set;
}

}  // namespace llavakd
