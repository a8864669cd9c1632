// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/foreign_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/errors.h"

namespace llavakd {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kFetch = "Fetch the file again.";
constexpr std::string_view kUnpack = "Unpack it and name what is inside.";
constexpr std::string_view kConvert = "Load it with the library that wrote it and save it as safetensors.";

struct Beginning {
  std::string_view bytes;
  ForeignFile file;
};

/// Magic numbers: those of file(1) and of each format's specification.
constexpr std::array kBeginnings{
    Beginning{"version https://git-lfs."sv, {"a Git LFS pointer", "Run `git lfs pull` in its folder."}},
    Beginning{"version https://hawser."sv, {"a Git LFS pointer", "Run `git lfs pull` in its folder."}},
    Beginning{"# xet version"sv, {"a Xet pointer", "Fetch the file with the hub's own program (`hf download`)."}},
    Beginning{"/annex/objects/"sv, {"a git-annex pointer", "Run `git annex get` in its folder."}},
    Beginning{"Entry not found"sv, {"a server's message instead of the file (\"Entry not found\")", kFetch}},
    Beginning{"Invalid username or password"sv,
              {"a server's message instead of the file (\"Invalid username or password\")",
               "Log in to where it comes from and fetch it again."}},
    Beginning{"Invalid credentials"sv,
              {"a server's message instead of the file (\"Invalid credentials\")",
               "Log in to where it comes from and fetch it again."}},
    Beginning{"Access to model "sv,
              {"a server's message instead of the file (access is restricted)",
               "Ask for access where it comes from, log in and fetch it again."}},
    Beginning{"\x89HDF\r\n\x1a\n"sv, {"an HDF5 file (TensorFlow, Keras)", kConvert}},
    Beginning{"\x93NUMPY"sv, {"a NumPy array", kConvert}},
    Beginning{"GGUF"sv, {"a GGUF file", "Name the .gguf file itself where a model is asked for."}},
    Beginning{"GGML"sv, {"a GGML file (before GGUF)", "Convert it with llama.cpp's tools."}},
    Beginning{"ggjt"sv, {"a GGML file (before GGUF)", "Convert it with llama.cpp's tools."}},
    Beginning{"lmgg"sv, {"a GGML file (before GGUF)", "Convert it with llama.cpp's tools."}},
    Beginning{"tjgg"sv, {"a GGML file (before GGUF)", "Convert it with llama.cpp's tools."}},
    Beginning{"PAR1"sv, {"a Parquet file", "Convert it to JSON, its pictures to files."}},
    Beginning{"ARROW1"sv, {"an Arrow file", "Convert it to JSON, its pictures to files."}},
    Beginning{"SQLite format 3"sv, {"an SQLite database", "Name the file that is meant."}},
    Beginning{"%PDF-"sv, {"a PDF document", "Name the file that is meant."}},
    Beginning{"PK\x03\x04"sv, {"a zip archive", kUnpack}},
    Beginning{"\x1f\x8b"sv, {"a gzip archive", kUnpack}},
    Beginning{"BZh"sv, {"a bzip2 archive", kUnpack}},
    Beginning{"\xfd"
              "7zXZ\0"sv,
              {"an xz archive", kUnpack}},
    Beginning{"\x28\xb5\x2f\xfd"sv, {"a Zstandard archive", kUnpack}},
    Beginning{"7z\xbc\xaf\x27\x1c"sv, {"a 7z archive", kUnpack}},
    Beginning{"Rar!\x1a\x07"sv, {"a RAR archive", kUnpack}},
};

/// "<!DOCTYPE html", "<html", "<?xml": text in any case, behind spaces and a byte order mark.
std::optional<ForeignFile> markup(std::string_view beginning) {
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  const size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || beginning[first] != '<') return std::nullopt;
  std::string word(beginning.substr(first, 14));
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view page : {"<!doctype html", "<html", "<head", "<body", "<script"})
    if (word.starts_with(page))
      return ForeignFile{"an HTML page, such as a server sends instead of the file",
                         "Fetch the file itself; some need a login first."};
  if (word.starts_with("<?xml") || word.starts_with("<error"))
    return ForeignFile{"an XML document, such as a server sends instead of the file", kFetch};
  return std::nullopt;
}

}  // namespace

std::optional<ForeignFile> foreign_file(std::string_view beginning) {
  for (const Beginning& known : kBeginnings)
    if (beginning.starts_with(known.bytes)) return known.file;
  if (const auto found = markup(beginning)) return found;
  // tar(5): the magic follows the first entry's name and numbers.
  if (beginning.size() > 262 && beginning.substr(257, 5) == "ustar") return ForeignFile{"a tar archive", kUnpack};
  const std::string_view first = beginning.substr(0, 4096);
  if (first.size() >= 64 && std::ranges::all_of(first, [](char c) { return c == 0; }))
    return ForeignFile{"a file that begins with zeros, as a download leaves it that didn't end", kFetch};
  return std::nullopt;
}

void refuse_foreign_file(const std::filesystem::path& path, std::string_view beginning) {
  if (const auto known = foreign_file(beginning))
    throw UserError(fmt::format("{} is {}. {}", path.string(), known->what, known->remedy));
}

}  // namespace llavakd
