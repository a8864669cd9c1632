// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/kept_look.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

namespace llavakd {
namespace {

/// What a look is of, besides its models. A file that can't be asked is found out by reading it.
nlohmann::json look_key(const Question& question) {
  const std::filesystem::path image = question.image.value_or("");
  std::error_code error;
  const auto size = std::filesystem::file_size(image, error);
  const auto time = std::filesystem::last_write_time(image, error).time_since_epoch().count();
  nlohmann::json key{image.string(), size, time, question.text, question.conversation_template, question.aspect_ratio};
  for (const auto& more : question.more_images) key.push_back(more.string());
  for (const EarlierTurn& turn : question.earlier)
    key.push_back({{"question", turn.question}, {"answer", turn.answer}});
  return key;
}

}  // namespace

const RelationLook& KeptLook::look(const std::shared_ptr<const LoadedModel>& teacher,
                                   const std::shared_ptr<const LoadedModel>& student, const Question& question,
                                   const RelationSource& source) {
  nlohmann::json key = look_key(question);
  const auto tokens = static_cast<int64_t>(prompt_of(*student, question).input_ids.size());
  const int64_t bytes = look_bytes(student->model, tokens) + (teacher ? look_bytes(teacher->model, tokens) : 0);
  const bool whole = bytes <= budget_;
  if (!whole) key.push_back(source_text({source.kind, source.layer, std::nullopt}));
  const std::string name = key.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  reused_ = look_ && key_ == name && look_->teacher.has_value() == (teacher != nullptr) && teacher_.lock() == teacher &&
            student_.lock() == student;
  if (reused_) return *look_;
  look_.reset();
  look_ = look_inside(teacher.get(), *student, question, whole ? nullptr : &source);
  key_ = name;
  teacher_ = teacher;
  student_ = student;
  return *look_;
}

}  // namespace llavakd
