// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/checkpoint/model_template.h"
#include "core/evaluation/answer.h"
#include "core/evaluation/sample_losses.h"
#include "core/io/mapped_file.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"
#include "core/training/describe_error.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// Error codes of the JSON-RPC 2.0 specification, and one of our own range for wrong input.
constexpr int parse_error = -32700, invalid_request = -32600, method_not_found = -32601, internal_error = -32603;
constexpr int wrong_input = -32000;
constexpr size_t longest_message = 1 << 20;

std::string text_of(const Json& parameters, const char* key, const std::string& otherwise = {}) {
  const auto found = parameters.find(key);
  if (found == parameters.end() || found->is_null()) return otherwise;
  if (!found->is_string()) throw UserError(fmt::format("\"{}\" must be text.", key));
  return found->get<std::string>();
}

std::string required_text(const Json& parameters, const char* key) {
  std::string text = text_of(parameters, key);
  if (text.empty()) throw UserError(fmt::format("\"{}\" is missing.", key));
  return text;
}

struct UnknownMethod {};

/// Holds the models of one project between requests.
class Server {
 public:
  explicit Server(std::filesystem::path project_file) : file_(std::move(project_file)), project_(load_project(file_)) {
    options_ = {precision_of(project_.run.precision), device_of(project_.run.device)};
  }

  /// `wanted` is asked again and again while an answer is made.
  Json call(const std::string& method, const Json& parameters, const std::function<bool()>& wanted) {
    drop_changed_models();
    if (method == "answer") return answer_question(parameters, wanted);
    if (method == "relations") return relations(parameters);
    throw UnknownMethod{};
  }

 private:
  /// A model whose file was touched or written over is opened again by the next question to it.
  void drop_changed_models() {
    try {
      refuse_changed_mappings();
    } catch (const RunError&) {
      teacher_.reset();
      student_.reset();
    }
  }

  /// The model is asked as it was trained, where it or its run says how; else as the project says.
  Question question_of(const Json& parameters, const LoadedModel& model) const {
    Question question;
    if (const auto image = text_of(parameters, "image"); !image.empty()) question.image = resolve(file_, image);
    question.text = required_text(parameters, "question");
    question.conversation_template = text_of(parameters, "template", known_template_of(model).name);
    if (question.conversation_template.empty()) question.conversation_template = project_.conversation_template;
    question.aspect_ratio = project_.image.aspect_ratio;
    return question;
  }

  const LoadedModel& teacher() {
    if (!teacher_) teacher_ = load_teacher(project_, file_, options_);
    return *teacher_;
  }

  const LoadedModel& student(const Json& parameters) {
    const std::string checkpoint = text_of(parameters, "checkpoint");
    if (!student_ || student_checkpoint_ != checkpoint) {
      student_.reset();
      student_ = checkpoint.empty() ? load_student(project_, file_, options_)
                                    : load_model(model_folder_of(resolve(file_, checkpoint)), options_);
      student_checkpoint_ = checkpoint;
    }
    return *student_;
  }

  Json answer_question(const Json& parameters, const std::function<bool()>& wanted) {
    const std::string who = required_text(parameters, "model");
    if (who != "teacher" && who != "student") throw UserError("\"model\" must be teacher or student.");
    const LoadedModel& model = who == "teacher" ? teacher() : student(parameters);
    const auto limit = parameters.value("max_new_tokens", Json(64));
    if (!limit.is_number_integer() || limit.get<int64_t>() < 1 || limit.get<int64_t>() > 4096)
      throw UserError("\"max_new_tokens\" must lie between 1 and 4096.");
    Question question = question_of(parameters, model);
    // Each answers as it was trained, which the project doesn't know of a model that it was given.
    if (model.model.config().has_aspect_ratio) question.aspect_ratio.clear();
    const Answer given = answer(model, question, limit.get<int64_t>(), wanted);
    Json result;
    result["text"] = given.text;
    result["ids"] = given.ids;
    result["seconds"] = given.seconds;
    result["first_token_seconds"] = given.first_token_seconds ? Json(*given.first_token_seconds) : Json();
    result["tokens_per_second"] = given.tokens_per_second ? Json(*given.tokens_per_second) : Json();
    result["cut"] = given.cut;
    result["template"] = question.conversation_template;
    return result;
  }

  Json relations(const Json& parameters) {
    const std::filesystem::path out = resolve(file_, required_text(parameters, "out"));
    required_text(parameters, "image");
    const bool has_teacher = !project_.teacher.checkpoint.empty();
    const LoadedModel& learner = student(parameters);
    const Probe probe = probe_question(has_teacher ? &teacher() : nullptr, learner, question_of(parameters, learner));
    write_probe(probe, out);
    Json result;
    result["file"] = out.string();
    result["terms"] = terms_json(probe.terms);
    return result;
  }

  std::filesystem::path file_;
  Project project_;
  OpenOptions options_;
  std::optional<LoadedModel> teacher_, student_;
  std::string student_checkpoint_;
};

Json error_reply(const Json& id, int code, const std::string& message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

/// Ids are text or numbers; anything else isn't sent back.
Json id_of(const Json& request) {
  const Json id = request.is_object() ? request.value("id", Json()) : Json();
  return id.is_string() || id.is_number() ? id : Json();
}

Json handle(Server& server, const Json& request, const std::function<bool()>& wanted) {
  const Json id = id_of(request);
  if (request.is_discarded()) return error_reply(nullptr, parse_error, "This line is not JSON.");
  if (!request.is_object() || !request.value("method", Json()).is_string())
    return error_reply(id, invalid_request, "A request needs a \"method\".");
  const Json parameters = request.value("params", Json::object());
  if (!parameters.is_object()) return error_reply(id, invalid_request, "\"params\" must be an object.");
  try {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", server.call(request["method"], parameters, wanted)}};
  } catch (const UserError& error) {
    return error_reply(id, wrong_input, error.what());
  } catch (const UnknownMethod&) {
    return error_reply(id, method_not_found,
                       fmt::format("Unknown method \"{}\"; known are answer, relations, cancel and shutdown.",
                                   request["method"].get<std::string>()));
  } catch (const std::exception& error) {
    return error_reply(id, internal_error, describe_error(error));
  }
}

/// Requests in order of arrival. `cancel` overtakes them: it ends the one that is worked on or, before that begins, the
/// first of those that wait.
class RequestQueue {
 public:
  void push(std::optional<Json> request) {
    const std::lock_guard lock(mutex_);
    if (request) ++pushed_;
    requests_.push_back(std::move(request));
    arrived_.notify_one();
  }
  void cancel() {
    const std::lock_guard lock(mutex_);
    if (pushed_ > finished_) cancelled_ = finished_ + 1;
  }
  void cancel_all() {
    const std::lock_guard lock(mutex_);
    cancelled_ = pushed_;
  }
  /// Whether the request that is worked on still counts.
  bool wanted() {
    const std::lock_guard lock(mutex_);
    return cancelled_ <= finished_;
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    ++finished_;
  }
  std::optional<Json> pop() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !requests_.empty(); });
    auto request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::optional<Json>> requests_;
  int64_t pushed_ = 0, finished_ = 0, cancelled_ = 0;  // numbers of requests, from 1
};

std::string method_of(const Json& request) {
  if (!request.is_object()) return {};
  const auto method = request.find("method");
  return method != request.end() && method->is_string() ? method->get<std::string>() : std::string();
}

/// The next line, cut off after what no request has; false at the end. Nobody's line fills the memory.
bool read_line(std::istream& in, std::string& line) {
  using Traits = std::istream::traits_type;
  line.clear();
  Traits::int_type next = in.rdbuf()->sbumpc();
  if (Traits::eq_int_type(next, Traits::eof())) return false;
  for (; !Traits::eq_int_type(next, Traits::eof()) && next != '\n'; next = in.rdbuf()->sbumpc())
    if (line.size() <= longest_message) line += Traits::to_char_type(next);
  return true;
}

/// Discarded when the line is too long or no JSON. What is nested deeper than any request needs is left out: copying
/// and printing are recursive, and a megabyte of brackets would be the end of the stack.
Json parse_request(const std::string& line) {
  if (line.size() > longest_message) return Json(Json::value_t::discarded);
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    return depth <= 4;
  };
  return Json::parse(line, shallow, false);
}

void read_requests(std::istream& in, RequestQueue& queue) {
  for (std::string line; read_line(in, line);) {
    if (line.empty()) continue;
    Json request = parse_request(line);
    const std::string method = method_of(request);
    if (method == "cancel") {
      queue.cancel();
      continue;
    }
    if (method == "shutdown") {
      queue.cancel_all();
      break;
    }
    queue.push(std::move(request));
  }
  // What was asked before the input ended is still answered: a script may have no more to say.
  queue.push(std::nullopt);
}

}  // namespace

int serve(const std::filesystem::path& project_file, std::istream& in, std::ostream& out) {
  Server server(project_file);
  RequestQueue queue;
  std::jthread reader([&] { read_requests(in, queue); });
  while (const auto request = queue.pop()) {
    const Json reply = handle(server, *request, [&] { return queue.wanted(); });
    queue.finish();
    out << reply.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }
  return exit_done;
}

}  // namespace llavakd
