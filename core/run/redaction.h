// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llavakd {

/// Takes people, machines and places out of what is given to others: a user's, a host's and a person's name, the home
/// folder, and every absolute path. The same thing is replaced by the same word everywhere, so that what belongs
/// together still does.
class Redaction {
 public:
  /// Knows the user who runs the program and this machine.
  static Redaction of_this_user();

  /// A name that is hidden where it is a word by itself. Names of one or two letters, "root" and "localhost" tell
  /// nothing and are left.
  void hide_name(const std::string& name, const std::string& instead);
  /// An absolute path that is hidden together with all that is below it, and the user in /home/USER. Others are found
  /// in texts by their slash, up to the next space.
  void hide_path(const std::filesystem::path& path, const std::string& instead);

  std::string text(std::string_view original);
  /// Texts in it, and keys that are paths.
  nlohmann::ordered_json json(const nlohmann::ordered_json& original);

  /// The first name or path that these bytes hold all the same; nothing: none.
  std::optional<std::string> found_in(std::string_view bytes) const;
  /// The same of paths alone, for vocabularies, which hold every name that is a word.
  std::optional<std::string> path_found_in(std::string_view bytes) const;

 private:
  std::string replace_known_paths(std::string_view original) const;
  std::string replace_other_paths(std::string_view original);
  std::string replace_names(std::string_view original) const;

  std::vector<std::pair<std::string, std::string>> paths_;  ///< Longest first.
  std::vector<std::pair<std::string, std::string>> names_;
  std::map<std::string, std::string, std::less<>> others_;
};

}  // namespace llavakd
