// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/doctor_report.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/run/control_socket.h"
#include "core/run/redaction.h"
#include "core/run/write_bundle.h"
#include "core/training/machine_facts.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A folder to try things in, which goes with it.
class TrialFolder {
 public:
  explicit TrialFolder(const fs::path& parent) {
    std::string name = (parent / "llavakd-doctor-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TrialFolder(const TrialFolder&) = delete;
  TrialFolder& operator=(const TrialFolder&) = delete;
  ~TrialFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  /// Empty where it couldn't be made.
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// 0, or the system's error.
using Trial = std::function<int(const fs::path& folder)>;

int error_unless(bool worked) {
  return worked ? 0 : errno;
}

int try_file(const fs::path& folder) {
  const int file = open((folder / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return errno;
  const int error = error_unless(write(file, "x", 1) == 1 && fsync(file) == 0);
  close(file);
  return error;
}

int try_lock(const fs::path& folder) {
  const int file = open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return errno;
  const int error = error_unless(flock(file, LOCK_EX | LOCK_NB) == 0);
  close(file);
  return error;
}

int try_link(const fs::path& folder) {
  return error_unless(link((folder / "file").c_str(), (folder / "link").c_str()) == 0);
}

int try_socket(const fs::path& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / "socket").string();
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return errno;
  const int error = error_unless(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  close(listener);
  return error;
}

std::string trials_in(const char* where, const fs::path& parent) {
  const TrialFolder folder(parent);
  if (folder.path().empty()) return fmt::format("{:<18}no folder can be made there: {}\n", where, std::strerror(errno));
  std::string text;
  const std::pair<const char*, Trial> trials[] = {
      {"files", try_file}, {"locks", try_lock}, {"hard links", try_link}, {"sockets", try_socket}};
  for (const auto& [what, trial] : trials) {
    const int error = trial(folder.path());
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, error == 0 ? "work" : std::strerror(error));
  }
  return fmt::format("{:<18}{}\n", where, text);
}

/// Which of them are set; their values may be paths.
std::string settings_of_environment() {
  std::string text;
  for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR", "LD_LIBRARY_PATH",
                           "LD_PRELOAD", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES"})
    if (std::getenv(name)) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  return text.empty() ? "none" : text;
}

std::string limits_of_process() {
  std::string text;
  const std::pair<const char*, __rlimit_resource_t> limits[] = {
      {"files", RLIMIT_NOFILE}, {"address space", RLIMIT_AS}, {"file size", RLIMIT_FSIZE}, {"processes", RLIMIT_NPROC}};
  for (const auto& [name, resource] : limits) {
    rlimit limit{};
    if (getrlimit(resource, &limit) != 0) continue;
    const std::string value = limit.rlim_cur == RLIM_INFINITY ? "no limit" : fmt::format("{}", limit.rlim_cur);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  }
  return text;
}

/// The libraries that LibTorch names before its build settings, which hold paths of whoever built it.
std::string libraries_of_torch() {
  const std::string config = at::show_config();
  std::string text;
  size_t from = config.find("\n  - ");
  while (from != std::string::npos) {
    const size_t end = std::min(config.find('\n', from + 1), config.size());
    const std::string line = config.substr(from + 5, end - from - 5);
    if (line.starts_with("Build settings")) break;
    text += fmt::format("{:<18}{}\n", "", line);
    from = config.find("\n  - ", end);
  }
  return text;
}

std::string report_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string report_row(const char* name, const std::string& value) {
  return fmt::format("{:<18}{}\n", name, value);
}

Json facts_of_this_machine() {
  const Project defaults;
  return machine_facts(defaults);
}

}  // namespace

std::string doctor_report(const Json& facts) {
  const Json system = bundle_environment({}).at("bundled"), machine = facts_of_this_machine();
  const auto size = [&](const char* key) {
    return size_text(facts.at(key).get<double>());
  };
  std::string text = "LLaVA-KD Studio: this machine. No name, no path and no file of yours is in here.\n\n";
  text += report_row("program", "llavakd " + report_text(facts.at("version")));
  text += report_row("system", report_text(system.at("system")) + ", " + report_text(system.at("kernel")));
  text += report_row("processor", report_text(system.at("processor")));
  text += report_row("cores", fmt::format("{}, {} threads used", facts.at("cores").dump(), facts.at("threads").dump()));
  text += report_row("memory", fmt::format("{} of {} available", size("memory_available_bytes"), size("memory_bytes")));
  text += report_row("disk here", size("disk_free_bytes") + " free");
  text += report_row("instruction set", report_text(machine.at("instruction_set")));
  const std::string library_settings = report_text(machine.at("library_settings"));
  text += report_row("their settings", library_settings.empty() ? "none" : library_settings);
  text += report_row("set variables", settings_of_environment());
  text += report_row("limits", limits_of_process());
  text += report_row("LibTorch", report_text(facts.at("libtorch"))) + libraries_of_torch();
  text += report_row("other libraries",
                     fmt::format("fmt {}, nlohmann-json {}.{}.{}, CLI11 {}", FMT_VERSION, NLOHMANN_JSON_VERSION_MAJOR,
                                 NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, CLI11_VERSION));
  for (const Json& device : facts.at("devices"))
    text += report_row(device.at("name").get<std::string>().c_str(),
                       fmt::format("{:.3g} GFLOPS fp32, {:.3g} GFLOPS bf16 (matrix product)",
                                   device.at("gemm_gflops").at("fp32").get<double>(),
                                   device.at("gemm_gflops").at("bf16").get<double>()));
  text += "\nWhat works\n";
  std::error_code error;
  text += trials_in("in this folder", fs::current_path(error));
  text += trials_in("temporary files", fs::temp_directory_path(error));
  text += trials_in("run-time folder", runtime_folders().front());
  Redaction redaction = Redaction::of_this_user();
  return redaction.text(text);
}

}  // namespace llavakd
