// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/model_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/config_json.h"
#include "core/model_spec/model_facts.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_folder.h"
#include "core/text/conversation.h"
#include "core/text/label_reason.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_known(const std::string& name) {
  const auto all = conversation_templates();
  return std::ranges::find(all, name, &ConversationTemplate::name) != all.end();
}

/// The templates that the tokenizer has the tokens for, the one of the model's family first.
ModelTemplate guessed(const LoadedModel& model) {
  ModelTemplate used{.name = read_model_facts(model.folder).template_guess};
  for (const ConversationTemplate& form : conversation_templates())
    if (!form.is_caption() && !template_fault(model.tokenizer, form)) used.fits.emplace_back(form.name);
  const auto first = std::ranges::find(used.fits, used.name);
  if (first != used.fits.end())
    std::rotate(used.fits.begin(), first, std::next(first));
  else if (!used.fits.empty())
    used.name = used.fits.front();
  else if (used.name.empty())
    used.name = conversation_template("qwen2_base").name;
  used.alike = !used.fits.empty() && std::ranges::all_of(used.fits, [&](const std::string& name) {
    return write_alike(conversation_template(name), conversation_template(used.name));
  });
  return used;
}

/// The template that the run's options had as it came to this step: they may be changed at a resume.
std::string template_at(const RunInfo& info, int64_t step) {
  std::string name = text_or_empty(info.project, "template");
  for (const StageRecord& record : info.stages)
    if (std::string other = text_or_empty(record.shared, "template"); record.from_step < step && !other.empty())
      name = std::move(other);
  return name;
}

/// The run's step that a checkpoint's name ends with, "DFT-160"; the largest where it has none.
int64_t step_of_name(const std::string& name) {
  int64_t step = 0;
  const char *begin = name.data() + name.rfind('-') + 1, *end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(begin, end, step);
  return error == std::errc() && rest == end ? step : std::numeric_limits<int64_t>::max();
}

}  // namespace

ModelTemplate known_template_of(const LoadedModel& model) {
  if (const std::string& own = model.model.config().conversation_template; !own.empty()) return {own, "config.json"};
  if (std::string of_run = template_of_run(model.folder); !of_run.empty()) return {std::move(of_run), "run.json"};
  return {};
}

ModelTemplate template_of_model(const LoadedModel& model) {
  ModelTemplate known = known_template_of(model);
  return known.name.empty() ? guessed(model) : known;
}

ModelTemplate template_of_model(const LoadedModel& model, const std::string& asked) {
  if (asked.empty()) return template_of_model(model);
  const ConversationTemplate& form = conversation_template(asked);
  ModelTemplate used{.name = asked, .known_by = "--template"};
  const ModelTemplate known = known_template_of(model);
  if (is_known(known.name) && !write_alike(form, conversation_template(known.name))) {
    used.own = known.name;
    used.own_known_by = known.known_by;
  }
  return used;
}

std::string template_of_run(const fs::path& model_folder) try {
  const auto run = run_of_model(model_folder);
  if (!run) return {};
  const fs::path model = fs::absolute(model_folder).lexically_normal();
  const fs::path checkpoint = (model.has_filename() ? model : model.parent_path()).parent_path();
  std::string name = template_at(read_run_info(*run), step_of_name(checkpoint.filename().string()));
  return is_known(name) ? name : std::string();
} catch (const UserError&) {
  return {};
}

std::string doubts_text(const ModelTemplate& used, const fs::path& model) {
  if (!used.own.empty())
    return fmt::format(
        "{} was trained with the template {} ({} says so), and {} was asked for: the result may be wrong. "
        "Leave --template out to ask it as it was trained.",
        model.string(), used.own, used.own_known_by, used.name);
  if (!used.is_guess()) return {};
  const std::string begin =
      fmt::format("{} doesn't say which conversation template it was trained with", model.string());
  if (used.fits.empty())
    return fmt::format("{}, and no template fits its tokenizer; {} was used. Give the right one with --template.",
                       begin, used.name);
  const std::string others =
      used.fits.size() == 1
          ? std::string()
          : fmt::format(" (as do {})", name_list(std::vector(used.fits.begin() + 1, used.fits.end())));
  return fmt::format(
      "{}; {} is a guess that fits its family and tokenizer{}. If it was another one, the result is "
      "wrong: give it with --template.",
      begin, used.name, others);
}

void refuse_guess(const ModelTemplate& used, const fs::path& model) {
  if (!used.is_guess() || used.alike) return;
  const std::string begin = fmt::format(
      "{} doesn't say which conversation template it was trained with, and a score with another one would "
      "be wrong: give it with --template. ",
      model.string());
  throw UserError(begin + (used.fits.empty()
                               ? std::string("None that is known here fits its tokenizer.")
                               : fmt::format("Its tokenizer fits {}, of which {} is usual for its family.",
                                             fmt::join(used.fits, ", "), used.name)));
}

void add_template(Json& json, const ModelTemplate& used) {
  json["template"] = used.name;
  json["template_known_by"] = used.is_guess() ? Json() : Json(used.known_by);
}

}  // namespace llavakd
