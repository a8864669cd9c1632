// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_queue_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/io/json_file.h"
#include "core/project/arms.h"
#include "core/project/project_file.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int64_t queue_format = 1;

fs::path queue_file(const fs::path& folder) {
  return folder / "queue.json";
}

/// Held while the queue is read, changed and written.
class QueueFileLock {
 public:
  explicit QueueFileLock(const fs::path& folder)
      : descriptor_(open((folder / "queue.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
    if (descriptor_ < 0)
      throw UserError(fmt::format("The queue of runs can't be changed: {}: {}.", folder.string(), strerror(errno)));
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) continue;  // where there are no locks, without
  }
  ~QueueFileLock() { close(descriptor_); }
  QueueFileLock(const QueueFileLock&) = delete;
  QueueFileLock& operator=(const QueueFileLock&) = delete;

 private:
  int descriptor_;
};

Json entry_json(const QueuedRun& run) {
  return {{"id", run.id},
          {"project_file", run.project_file.string()},
          {"project_name", run.project_name},
          {"run_name", run.run_name},
          {"added", run.added},
          {"fault", run.fault},
          {"project", run.project}};
}

constexpr double latest_time = 1e12;

QueuedRun entry_of(const ConfigObject& json) {
  return {.id = json.text("id", ""),
          .project_file = json.text("project_file", ""),
          .project_name = json.text("project_name", ""),
          .run_name = json.text("run_name", ""),
          .project = json.text("project", ""),
          .added = json.number("added", 0, latest_time, 0),
          .fault = json.text("fault", "")};
}

bool is_whole_entry(const QueuedRun& run) {
  return !run.id.empty() && !run.project_file.empty() && !run.project.empty();
}

Json queue_json(const StoredQueue& queue) {
  Json json{{"format", queue_format}, {"held", queue.held}, {"reason", queue.reason}, {"waiting", Json::array()}};
  for (const QueuedRun& run : queue.waiting) json["waiting"].push_back(entry_json(run));
  if (queue.started)
    json["started"] = Json{{"entry", entry_json(queue.started->entry)},
                           {"folder", queue.started->folder.string()},
                           {"since", queue.started->since}};
  return json;
}

StoredQueue queue_of(const Json& json, const std::string& where) {
  const ConfigObject object(json, where);
  if (object.integer("format", 1, int64_t{1} << 31, 1) > queue_format)
    throw UserError(fmt::format("{} was written by a newer version of this program.", where));
  StoredQueue queue{.held = object.boolean("held", false), .reason = object.text("reason", "")};
  if (const auto waiting = json.find("waiting"); waiting != json.end() && waiting->is_array())
    for (const Json& each : *waiting)
      if (QueuedRun run = entry_of(ConfigObject(each, where));
          is_whole_entry(run) && std::ranges::find(queue.waiting, run.id, &QueuedRun::id) == queue.waiting.end())
        queue.waiting.push_back(std::move(run));
  if (const auto started = object.child_or_null("started"))
    queue.started = StartedRun{.entry = entry_of(started->child("entry")),
                               .folder = started->text("folder", ""),
                               .since = started->number("since", 0, latest_time, 0)};
  return queue;
}

QueuedRun* find_entry(StoredQueue& queue, const std::string& id) {
  const auto found = std::ranges::find(queue.waiting, id, &QueuedRun::id);
  return found == queue.waiting.end() ? nullptr : &*found;
}

void refuse_bad_name(const std::string& run_name) {
  if (!run_name.empty() && !is_run_id(run_name))
    throw UserError(
        fmt::format("“{}” can't be a run's name: it may hold letters, digits, “-”, “_” and “.” only.", run_name));
}

std::string new_entry_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

fs::path run_queue_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && fs::path(state).is_absolute())
    return fs::path(state) / "llavakd-studio" / "queue";
  const char* home = std::getenv("HOME");
  if (const passwd* account = home && *home ? nullptr : getpwuid(getuid())) home = account->pw_dir;
  return fs::path(home ? home : "/") / ".local" / "state" / "llavakd-studio" / "queue";
}

QueuedRun queued_run(const fs::path& project_file, const Project& project, const std::string& run_name) {
  refuse_bad_name(run_name);
  if (const std::string path = fs::absolute(project_file).string(); !is_utf8(path))
    throw UserError(
        fmt::format("{}: a path that isn't UTF-8 can't be written into the queue of runs. Rename the folder "
                    "or the file, or start the run with `llavakd train`.",
                    printable(path)));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.id = new_entry_id(),
          .project_file = fs::absolute(project_file).lexically_normal(),
          .project_name = project.name,
          .run_name = run_name,
          .project = project_text(project),
          .added = std::chrono::duration<double>(now).count()};
}

std::vector<QueuedRun> queued_arms(const fs::path& project_file, const Project& project, const std::string& arms,
                                   const std::string& seeds) {
  const std::vector<Arm> schedules =
      arms.empty() ? std::vector<Arm>{{.name = {}, .stages = project.schedule}} : parse_arms(project, arms);
  const std::vector<int64_t> all_seeds = seeds.empty() ? std::vector{project.run.seed} : parse_seeds(seeds);
  std::vector<QueuedRun> entries;
  for (const Arm& arm : schedules)
    for (const int64_t seed : all_seeds) {
      Project part = project;
      part.schedule = arm.stages;
      part.run.seed = seed;
      QueuedRun& entry = entries.emplace_back(queued_run(project_file, part));
      if (!arm.name.empty()) entry.project_name += " " + arm.name;
      if (!seeds.empty()) entry.project_name += fmt::format(" s{}", seed);
    }
  return entries;
}

std::vector<ProjectDifference> queued_changes(const QueuedRun& run) try {
  return project_differences(load_project(run.project_file), project_from_text(run.project, run.project_file));
} catch (const UserError&) {
  return {};
}

StoredQueue read_run_queue(const fs::path& folder) {
  std::error_code error;
  const fs::path file = queue_file(folder);
  if (!fs::exists(file, error)) return {};
  constexpr JsonLimits limits{.max_bytes = size_t{64} << 20, .max_depth = 8};
  try {
    return queue_of(read_json(file, limits), file.string());
  } catch (const UserError& fault) {
    throw UserError(fmt::format("The queue of runs can't be read: {} Move the file {} away to begin an empty queue.",
                                fault.what(), file.string()));
  }
}

StoredQueue change_run_queue(const fs::path& folder, const std::function<void(StoredQueue&)>& change) {
  std::error_code error;
  fs::create_directories(folder, error);
  const QueueFileLock lock(folder);
  StoredQueue queue = read_run_queue(folder);
  const StoredQueue before = queue;
  change(queue);
  if (queue == before) return queue;
  const Json json = queue_json(queue);
  constexpr size_t most_bytes = size_t{32} << 20;  // half of what is read
  if (json.dump(-1, ' ', false, Json::error_handler_t::replace).size() > most_bytes)
    throw UserError("The queue of runs would be too large (32 MiB at most). Let some runs end first, or add fewer.");
  write_json(queue_file(folder), json);
  return queue;
}

void move_queued_run(StoredQueue& queue, const std::string& id, int by) {
  const auto found = std::ranges::find(queue.waiting, id, &QueuedRun::id);
  if (found == queue.waiting.end()) return;
  const auto last = static_cast<std::ptrdiff_t>(queue.waiting.size()) - 1;
  const std::ptrdiff_t from = found - queue.waiting.begin();
  const std::ptrdiff_t to = std::clamp<std::ptrdiff_t>(from + by, 0, last);
  const QueuedRun run = *found;
  queue.waiting.erase(found);
  queue.waiting.insert(queue.waiting.begin() + to, run);
}

void remove_queued_run(StoredQueue& queue, const std::string& id) {
  std::erase_if(queue.waiting, [&](const QueuedRun& run) { return run.id == id; });
}

void name_queued_run(StoredQueue& queue, const std::string& id, const std::string& run_name) {
  refuse_bad_name(run_name);
  if (QueuedRun* run = find_entry(queue, id)) run->run_name = run_name;
}

void retry_queued_run(StoredQueue& queue, const std::string& id) {
  if (QueuedRun* run = find_entry(queue, id)) run->fault.clear();
}

void hold_queue(StoredQueue& queue, bool held, const std::string& reason) {
  queue.held = held;
  queue.reason = held ? reason : std::string();
}

const QueuedRun* next_queued_run(const StoredQueue& queue) {
  const auto next = std::ranges::find_if(queue.waiting, [](const QueuedRun& run) { return run.fault.empty(); });
  return next == queue.waiting.end() ? nullptr : &*next;
}

}  // namespace llavakd
