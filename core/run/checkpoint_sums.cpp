// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/checkpoint_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/base/sha256.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr size_t sum_length = 64;

/// A line of the manifest.
struct ListedFile {
  std::string_view sum;
  fs::path name;
};

/// Throws UserError where it is none, or its file isn't in the checkpoint.
ListedFile listed_file(std::string_view line, const fs::path& sums) {
  ListedFile listed;
  const std::string_view between = line.substr(std::min(line.size(), sum_length), 2);
  if (line.size() > sum_length + 2 && (between == "  " || between == " *"))
    listed = {line.substr(0, sum_length), fs::path(line.substr(sum_length + 2))};
  if (listed.name.empty() || listed.name.is_absolute() || std::ranges::find(listed.name, "..") != listed.name.end())
    throw UserError(
        fmt::format("{} is damaged: \"{}\" is no checksum with a file.", sums.string(), printable(line, 200)));
  return listed;
}

/// Whatever characters somebody's names hold.
std::string shown_path(const fs::path& path) {
  constexpr size_t longest = 4096;
  return printable(path.string(), longest);
}

/// Throws UserError where the file isn't what was written.
void refuse_changed(const fs::path& file, const std::string& sum) {
  std::error_code error;
  const std::string name = shown_path(file);
  if (!fs::exists(file, error)) throw UserError(fmt::format("{} is missing.", name));
  // Opening a pipe would wait for a writer, and a device has no end.
  if (!fs::is_regular_file(file, error)) throw UserError(fmt::format("{} is not an ordinary file.", name));
  if (sha256_of_file(file) != sum)
    throw UserError(fmt::format("{} is damaged: it isn't what {} says was written.", name, checkpoint_sums_name));
}

/// Files without a checksum: the manifest isn't whole, or they aren't the checkpoint's.
void add_unlisted(const fs::path& checkpoint, const std::map<std::string, std::string>& listed,
                  std::vector<std::string>& faults) {
  std::error_code error;
  using Iterator = fs::recursive_directory_iterator;
  for (Iterator entry(checkpoint, error); !error && entry != Iterator(); entry.increment(error)) {
    const fs::path name = entry->path().lexically_relative(checkpoint);
    const bool aside =
        name == checkpoint_sums_name || name.filename().string().starts_with('.') || name.extension() == ".md";
    std::error_code unreadable;
    if (!aside && !entry->is_directory(unreadable) && !listed.contains(name.string()))
      faults.push_back(fmt::format("{} is damaged or incomplete: it has no checksum of {}, which is there.",
                                   shown_path(checkpoint / checkpoint_sums_name), shown_path(name)));
  }
  if (error) faults.push_back(fmt::format("{} can't be read: {}.", checkpoint.string(), error.message()));
}

}  // namespace

void write_checkpoint_sums(const fs::path& checkpoint) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(checkpoint))
    if (entry.is_regular_file() && entry.path() != checkpoint / checkpoint_sums_name) files.push_back(entry.path());
  std::ranges::sort(files);
  std::string text;
  for (const fs::path& file : files)
    text += fmt::format("{}  {}\n", sha256_of_file(file), file.lexically_relative(checkpoint).string());
  write_file_atomically(checkpoint / checkpoint_sums_name, text);
}

std::map<std::string, std::string> read_checkpoint_sums(const fs::path& checkpoint) {
  const fs::path sums = checkpoint / checkpoint_sums_name;
  std::map<std::string, std::string> listed;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(sums, error))) return listed;
  if (!fs::is_regular_file(sums, error)) throw UserError(fmt::format("{} is not an ordinary file.", sums.string()));
  const auto mapped = MappedFile::open(sums);
  for (std::string_view rest = mapped->text(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const ListedFile file = listed_file(line, sums);
    if (!listed.emplace(file.name.string(), file.sum).second)
      throw UserError(fmt::format("{} is damaged: it names {} twice.", sums.string(), shown_path(file.name)));
  }
  return listed;
}

ComparedFiles compare_with_sums(const fs::path& checkpoint) {
  ComparedFiles compared;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(checkpoint / checkpoint_sums_name, error))) return compared;
  compared.has_sums = true;
  std::map<std::string, std::string> listed;
  try {
    listed = read_checkpoint_sums(checkpoint);
  } catch (const UserError& fault) {
    compared.faults.emplace_back(fault.what());
    return compared;
  }
  for (const auto& [name, sum] : listed) try {
      refuse_changed(checkpoint / name, sum);
      ++compared.files;
      compared.bytes += static_cast<int64_t>(fs::file_size(checkpoint / name, error));
    } catch (const UserError& fault) {
      compared.faults.emplace_back(fault.what());
    }
  add_unlisted(checkpoint, listed, compared.faults);
  return compared;
}

bool verify_checkpoint(const fs::path& checkpoint) {
  const ComparedFiles compared = compare_with_sums(checkpoint);
  if (!compared.faults.empty()) throw UserError(compared.faults.front());
  return compared.has_sums;
}

}  // namespace llavakd
