// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve.h"

#include <fmt/format.h>

#include <iostream>
#include <thread>

#include "app/command_line.h"
#include "app/commands/serve_answer.h"
#include "app/commands/serve_models.h"
#include "app/commands/serve_relations.h"
#include "app/commands/serve_requests.h"
#include "core/base/errors.h"
#include "core/training/describe_error.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// Error codes of the JSON-RPC 2.0 specification, and one of our own range for wrong input.
constexpr int parse_error = -32700, invalid_request = -32600, method_not_found = -32601, internal_error = -32603;
constexpr int wrong_input = -32000;

struct UnknownMethod {};

/// One project's models and the line back to whoever asks.
class Server {
 public:
  Server(const std::filesystem::path& project_file, int64_t memory_bytes, RequestQueue& queue, std::ostream& out)
      : models_(project_file, memory_bytes), queue_(queue), out_(out) {}

  void answer(const Json& request) {
    const Json reply = reply_to(request);
    queue_.finish();
    say(reply);
  }

 private:
  void say(const Json& message) { out_ << message.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl; }

  Json call(const std::string& method, const Json& parameters, const Json& id) {
    models_.drop_changed();
    const auto wanted = [this] {
      return queue_.wanted();
    };
    const auto told = [&](const std::string& piece, size_t tokens) {
      say({{"jsonrpc", "2.0"}, {"method", "token"}, {"params", {{"id", id}, {"piece", piece}, {"tokens", tokens}}}});
    };
    if (method == "answer") return serve_answer(models_, parameters, wanted, told);
    if (method == "relations") return serve_relations(models_, look_, parameters);
    if (method == "models") return models_.facts();
    throw UnknownMethod{};
  }

  static Json error_reply(const Json& id, int code, const std::string& message) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
  }

  Json reply_to(const Json& request) {
    const Json id = id_of(request);
    if (request.is_discarded()) return error_reply(nullptr, parse_error, "This line is not JSON.");
    if (!request.is_object() || !request.value("method", Json()).is_string())
      return error_reply(id, invalid_request, "A request needs a \"method\".");
    const Json parameters = request.value("params", Json::object());
    if (!parameters.is_object()) return error_reply(id, invalid_request, "\"params\" must be an object.");
    const auto method = request["method"].get<std::string>();
    try {
      return {{"jsonrpc", "2.0"}, {"id", id}, {"result", call(method, parameters, id)}};
    } catch (const UserError& error) {
      return error_reply(id, wrong_input, error.what());
    } catch (const UnknownMethod&) {
      return error_reply(
          id, method_not_found,
          fmt::format("Unknown method \"{}\"; known are answer, relations, models, cancel and shutdown.", method));
    } catch (const std::exception& error) {
      return error_reply(id, internal_error, describe_error(error));
    }
  }

  ServedModels models_;
  KeptLook look_;
  RequestQueue& queue_;
  std::ostream& out_;
};

}  // namespace

int serve(const std::filesystem::path& project_file, int64_t memory_bytes, std::istream& in, std::ostream& out) {
  RequestQueue queue;
  Server server(project_file, memory_bytes, queue, out);
  std::jthread reader([&] { read_requests(in, queue); });
  while (const auto request = queue.pop()) server.answer(*request);
  return exit_done;
}

}  // namespace llavakd
