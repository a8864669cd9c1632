// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/write_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"
#include "core/io/safetensors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/bundle_files.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/compared_log.h"
#include "core/run/curve_table.h"
#include "core/run/disk_use.h"
#include "core/run/event_sums.h"
#include "core/run/run_lock.h"
#include "core/run/run_redaction.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void refuse_used_place(const fs::path& out) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(out, error)) && !(fs::is_directory(out, error) && fs::is_empty(out, error)))
    throw UserError(fmt::format("{} is there already: give the bundle another name.", out.string()));
}

Redaction redaction_of(const RunFolder& run, const RunInfo& info, const std::vector<BundleNeed>& needs) {
  Redaction redaction = Redaction::of_this_user();
  hide_run(redaction, run, info, needs);
  return redaction;
}

/// A file with the words of a tokenizer: it stays as it is.
bool is_vocabulary(const fs::path& file) {
  const std::string name = file.filename().string(), ending = file.extension().string();
  for (const char* known : {"tokenizer.json", "vocab.json", "added_tokens.json", "merges.txt", "vocab.txt"})
    if (name == known) return true;
  return ending == ".model" || ending == ".tiktoken" || ending == ".gguf";
}

class BundleWriter {
 public:
  BundleWriter(const RunFolder& run, const fs::path& folder, const BundleOptions& options)
      : run_(run), folder_(folder), options_(options), info_(read_run_info(run)), known_(read_known_inputs(run)) {
    result_.info = {.version = LLAVAKD_VERSION,
                    .run = run.id(),
                    .weights = options.weights,
                    .redacted = options.redact,
                    .needs = bundle_needs(run, info_, known_)};
    if (options.redact) redaction_ = redaction_of(run, info_, result_.info.needs);
    result_.info.run = hidden(result_.info.run);
    for (BundleNeed& need : result_.info.needs) {
      need.path = hidden(need.path);
      need.key = hidden(need.key);
    }
  }

  WrittenBundle write() {
    const std::vector<BundledFile> files = files_for_bundle(run_, options_.weights);
    for (const BundledFile& file : files) refuse_link_out(run_, file);
    refuse_full_disk(files);
    int64_t done = 0;
    for (const BundledFile& file : files) {
      throw_if_interrupted();
      write_file(file);
      if (options_.progress) options_.progress(++done, std::ssize(files));
    }
    write_record();
    write_project();
    write_curve_table(RunFolder{folder_ / "runs" / result_.info.run}.events(), folder_ / "curves.csv");
    write_json(folder_ / "environment.json", hidden_json(bundle_environment(info_)));
    write_json(folder_ / bundle_info_name, to_json(result_.info));
    write_file_atomically(folder_ / "README.md", bundle_readme(result_.info));
    if (redaction_) finish_redaction();
    write_checkpoint_sums(folder_);
    count_files();
    return std::move(result_);
  }

 private:
  std::string hidden(const std::string& text) { return redaction_ ? redaction_->text(text) : text; }
  Json hidden_json(const Json& json) { return redaction_ ? redaction_->json(json) : json; }

  /// Names in it are hidden, too: of the run, of a stage.
  fs::path place_of(const BundledFile& file) {
    fs::path place;
    for (const fs::path& part : file.to) place /= hidden(part.string());
    return folder_ / place;
  }

  /// Before an hour of copying: a full disk is noticed all the same.
  void refuse_full_disk(const std::vector<BundledFile>& files) const {
    int64_t bytes = 0;
    for (const BundledFile& file : files) bytes += file.bytes;
    const int64_t left = free_bytes(folder_);
    if (left >= 0 && bytes > left)
      throw RunError(
          fmt::format("{} can't be written: the bundle takes {}, the disk has {} left. Choose another disk, "
                      "or leave the weights out.",
                      fs::path(folder_).replace_extension().string(), size_text(static_cast<double>(bytes)),
                      size_text(static_cast<double>(left))));
  }

  void write_file(const BundledFile& file) {
    const fs::path to = place_of(file);
    fs::create_directories(to.parent_path());
    if (file.from == run_.info() || (redaction_ && file.from == sums_file(run_.events()))) return;  // comes later
    if (!redaction_ || (file.is_of_a_model && is_vocabulary(file.from))) return copy_file_atomically(file.from, to);
    const fs::path kind = file.from.extension();
    if (kind == ".json")
      copy_json(file.from, to);
    else if (kind == ".safetensors")
      copy_tensors(file.from, to);
    else if (file.is_of_a_model && kind != ".txt" && kind != ".md" && kind != ".jinja")
      copy_file_atomically(file.from, to);  // it may hold anything; in the end it is looked through
    else
      copy_lines(file.from, to, kind == ".jsonl");
  }

  /// Where nothing is hidden the bytes stay, which may be a published model's.
  void copy_json(const fs::path& from, const fs::path& to) {
    const Json before = read_json(from), after = redaction_->json(before);
    if (after == before) return copy_file_atomically(from, to);
    write_json(to, after);
  }

  /// A probe has its picture's path and its question in the header.
  void copy_tensors(const fs::path& from, const fs::path& to) {
    const SafetensorsFile file = open_safetensors(from);
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : file.metadata) metadata[key] = redaction_->text(value);
    if (metadata == file.metadata) return copy_file_atomically(from, to);
    std::vector<TensorToWrite> tensors;
    for (const StoredTensor& tensor : file.tensors)
      tensors.push_back({.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape, .bytes = [&tensor] {
                           return std::span(tensor.data, tensor.bytes());
                         }});
    write_safetensors(to, std::move(tensors), metadata);
  }

  /// A line of JSON by its values, where a path may hold quotes.
  void copy_lines(const fs::path& from, const fs::path& to, bool of_json) {
    std::ifstream stream(from, std::ios::binary);
    AtomicFile file(to);
    for (std::string line; std::getline(stream, line);) {
      const bool half_written = of_json && stream.eof();
      if (half_written) break;
      file.write((of_json ? hidden_line(line) : redaction_->text(line)) + "\n");
    }
    file.commit();
  }

  std::string hidden_line(const std::string& line) {
    std::string plain = redaction_->text(line);
    if (plain == line) return line;
    try {
      return redaction_->json(parse_json(line, "event")).dump(-1, ' ', false, Json::error_handler_t::replace);
    } catch (const UserError&) {
      return plain;  // no event
    }
  }

  /// run.json as it is, without the process that was at work. What was hidden in the log has other checksums.
  void write_record() {
    Json record = read_json(run_.info());
    for (const char* key : {"pid", "host", "control_socket"}) record.erase(key);
    const RunFolder bundled{folder_ / "runs" / result_.info.run};
    if (redaction_) {
      record = redaction_->json(record);
      record["id"] = result_.info.run;
      const ComparedLog log = compare_log(run_.events(), log_mark_from_text(info_.log_mark));
      std::error_code error;
      if (log.has_sums && log.faults.empty() && fs::exists(bundled.events(), error))
        record["log_mark"] = to_text(LineSums(bundled.events()).mark());
      else
        record.erase("log_mark");
    }
    write_json(bundled.info(), record);
  }

  void write_project() {
    if (info_.kind == RunKind::imported || !info_.project.is_object() || info_.project.empty()) return;
    const auto project = options_from_json<Project>(hidden_json(info_.project), "run.json: ");
    std::string name = hidden(fs::path(info_.project_file).filename().string());
    if (!is_bundled_project_name(name)) name = "project.kdproj";
    write_file_atomically(folder_ / name, project_text(project, info_.project_id));
    result_.info.project = std::move(name);
  }

  /// Checkpoints get new manifests; then every file is looked through once more.
  void finish_redaction() {
    std::error_code error;
    const fs::path checkpoints = folder_ / "runs" / result_.info.run / "checkpoints";
    for (const auto& entry : fs::directory_iterator(checkpoints, error))
      if (fs::exists(entry.path() / checkpoint_sums_name, error)) write_checkpoint_sums(entry.path());
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      throw_if_interrupted();
      const fs::path name = entry.path().lexically_relative(folder_);
      const bool is_of_a_model = *name.begin() == "student" || std::ranges::find(name, "model") != name.end();
      refuse_what_is_left(entry.path(), name, is_of_a_model && is_vocabulary(name));
    }
  }

  void refuse_what_is_left(const fs::path& file, const fs::path& name, bool holds_words) const {
    const auto mapped = MappedFile::open(file);
    std::string_view text = mapped->text();
    // Of tensors the names and the texts: numbers spell anything.
    if (file.extension() == ".safetensors") text = text.substr(0, header_end(text));
    for (const std::string_view each : {text, std::string_view(name.native())})
      if (const auto left = holds_words ? redaction_->path_found_in(each) : redaction_->found_in(each))
        throw UserError(
            fmt::format("{} holds \"{}\", which can't be taken out, so nothing is written.", name.string(), *left));
  }

  static size_t header_end(std::string_view text) {
    uint64_t length = 0;
    constexpr size_t digits = sizeof length;
    for (size_t i = 0; i < std::min(digits, text.size()); ++i)
      length |= static_cast<uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
    return static_cast<size_t>(std::min<uint64_t>(text.size(), length + digits));
  }

  void count_files() {
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      if (entry.is_regular_file()) {
        ++result_.files;
        result_.bytes += static_cast<int64_t>(entry.file_size());
      }
  }

  const RunFolder& run_;
  const fs::path folder_;
  const BundleOptions& options_;
  const RunInfo info_;
  const KnownInputs known_;
  std::optional<Redaction> redaction_;
  WrittenBundle result_;
};

}  // namespace

WrittenBundle write_bundle(const RunFolder& run, const fs::path& out, const BundleOptions& options) {
  refuse_used_place(out);
  const RunLock lock(run, "Bundle it when that one has stopped.");
  AtomicFolder building(out);
  try {
    WrittenBundle written = BundleWriter(run, building.partial(), options).write();
    building.commit();
    return written;
  } catch (const fs::filesystem_error& error) {
    throw RunError(fmt::format("{} can't be written: {}.", out.string(), error.code().message()));
  }
}

}  // namespace llavakd
