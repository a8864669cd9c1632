// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/make_emoji_data.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/data/emoji/data_folder.h"
#include "core/data/emoji/png_file.h"
#include "core/data/emoji/rows.h"
#include "core/io/interruption.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using namespace emoji;
using Json = nlohmann::ordered_json;

constexpr int kTurns = 3;
constexpr int kQuickRows = 400, kQuickTestScenes = 60;
constexpr int kDialoguesPerCaption = 4;  // in teacher-mixed.json: 32 dialogues and 8 captions in a batch of 40

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw RunError(fmt::format("{} could not be written whole. Is the disk full?", path.string()));
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw RunError(fmt::format("The folder {} can't be made: {}.", path.string(), error.message()));
}

/// Paints the scenes and writes the files of one data folder, which exists and is empty.
class Maker {
 public:
  Maker(const fs::path& folder, const EmojiDataOptions& options, const EmojiDataProgress& progress,
        const std::vector<Concept>& concepts, const std::vector<Drawing>& drawings)
      : folder_(folder), options_(options), progress_(progress), concepts_(concepts), drawings_(drawings) {}

  void make(const Origin& origin) {
    for (const SetSize& set : kSets) total_ += set.count(options_.teacher);
    for (const SetSize& set : kSets) sets_[set.name] = make_set(set);
    write_student_files();
    if (options_.teacher) write_teacher_files();
    write_manifest(origin);
  }

 private:
  std::vector<Described> make_set(const SetSize& set) {
    const Pairs pairs = set.name == "captions" || set.name == "dialogues" ? Pairs::seen : Pairs::unseen;
    const fs::path pictures = image_folder(folder_, set);
    make_folder(pictures);
    std::vector<Described> scenes;
    for (int number = 0; number < set.count(options_.teacher); ++number) {
      throw_if_interrupted();
      Random random(options_.seed, set.name, static_cast<uint64_t>(number));
      const Scene scene = draw_scene(random, static_cast<int>(concepts_.size()), pairs);
      const Picture picture = paint(random, scene, drawings_);
      pixels_.add({reinterpret_cast<const char*>(picture.data()), picture.size()});
      const std::string name = fmt::format("{}.png", number);
      write_png(pictures / name, picture, kSide, kSide);
      scenes.push_back({fmt::format("{}-{}", set.name, number), fmt::format("{}/{}", set.name, name),
                        caption(scene, concepts_), questions(random, scene, pairs)});
      ++done_;
      if (progress_) progress_(set.name, done_, total_);
    }
    return scenes;
  }

  /// Training scenes get a dialogue of three types, validation, test and probe scenes each type once.
  std::vector<Question> questions(Random& random, const Scene& scene, Pairs pairs) const {
    if (pairs == Pairs::seen) return dialogue(random, scene, concepts_, kTurns);
    std::vector<Question> all;
    for (const auto type : kQuestionTypes) all.push_back(ask(random, scene, concepts_, type));
    return all;
  }

  std::vector<std::string> captions(size_t count) const {
    std::vector<std::string> rows;
    for (size_t i = 0; i < count; ++i) rows.push_back(caption_row(sets_.at("captions")[i], sets_.at("captions")[i].id));
    return rows;
  }

  std::vector<std::string> dialogues(size_t count) const {
    std::vector<std::string> rows;
    for (size_t i = 0; i < count; ++i) rows.push_back(dialogue_row(sets_.at("dialogues")[i]));
    return rows;
  }

  std::vector<std::string> asked_alone(std::string_view set, size_t count) const {
    std::vector<std::string> rows;
    for (size_t i = 0; i < count; ++i) {
      for (auto& row : question_rows(sets_.at(set)[i])) rows.push_back(std::move(row));
    }
    return rows;
  }

  /// Four dialogues, then a caption row, and so on; the captions begin again when all have been used.
  std::vector<std::string> mixed() const {
    const auto &talks = sets_.at("dialogues"), &pictures = sets_.at("captions");
    std::vector<std::string> rows;
    size_t used = 0;
    for (size_t i = 0; i < talks.size(); ++i) {
      rows.push_back(dialogue_row(talks[i]));
      if ((i + 1) % kDialoguesPerCaption != 0) continue;
      const Described& picture = pictures[used % pictures.size()];
      rows.push_back(caption_row(picture, picture.id + (used < pictures.size() ? "" : "-again"), true));
      ++used;
    }
    return rows;
  }

  void write_list(const std::string& name, const std::vector<std::string>& rows) {
    const std::string text = json_list(rows);
    write_text(folder_ / name, text);
    files_[name] = {{"rows", rows.size()}, {"sha256", sha256(text)}};
  }

  void write_student_files() {
    const auto count = [](size_t set) {
      return static_cast<size_t>(kSets[set].student);
    };
    write_list("captions.json", captions(count(0)));
    write_list("dialogues.json", dialogues(count(1)));
    write_list("validation.json", asked_alone("validation", count(2)));
    write_list("test.json", asked_alone("test", count(3)));
    make_folder(folder_ / "quick");
    write_list("quick/captions.json", captions(kQuickRows));
    write_list("quick/dialogues.json", dialogues(kQuickRows));
    write_list("quick/test.json", asked_alone("test", kQuickTestScenes));
    write_list("probes/probes.json", asked_alone("probes", count(4)));
  }

  void write_teacher_files() {
    write_list("teacher-captions.json", captions(sets_.at("captions").size()));
    write_list("teacher-dialogues.json", dialogues(sets_.at("dialogues").size()));
    write_list("teacher-mixed.json", mixed());
  }

  void write_manifest(const Origin& origin) {
    Json names = Json::array();
    for (const Concept& c : concepts_) names.push_back(Json::array({c.name, c.group}));
    Json pictures;
    for (const SetSize& set : kSets) pictures[std::string(set.name)] = sets_.at(set.name).size();
    const Json manifest = {{"format", kFormat},
                           {"version", kVersion},
                           {"made_from", origin.json()},
                           {"pictures", pictures},
                           {"pixels_sha256", pixels_.finish()},
                           {"files", files_},
                           {"concepts", names}};
    write_text(folder_ / "manifest.json", manifest.dump(2) + "\n");
  }

  const fs::path folder_;
  const EmojiDataOptions& options_;
  const EmojiDataProgress& progress_;
  const std::vector<Concept>& concepts_;
  const std::vector<Drawing>& drawings_;
  std::map<std::string_view, std::vector<Described>> sets_;
  Sha256 pixels_;
  Json files_;
  int done_ = 0, total_ = 0;
};

}  // namespace

void make_emoji_data(const fs::path& folder, const EmojiDataOptions& options, const EmojiDataProgress& progress) {
  if (folder.empty()) throw UserError("The emoji data needs a folder to be made in; none was named.");
  // A link to a folder is followed, so that what it points to is replaced and not the link.
  std::error_code error;
  fs::path target = fs::weakly_canonical(folder, error);
  if (!error) target = fs::absolute(target, error);
  if (error) throw UserError(fmt::format("{} is no usable folder name: {}.", folder.string(), error.message()));
  if (!target.has_filename()) target = target.parent_path();
  const std::vector<Concept> concepts = read_concepts(options.emoji_test);
  const std::vector<Drawing> drawings = read_drawings(options.font, concepts);
  const Origin origin{options.seed, options.teacher, sha256_of_file(options.font), sha256_of_file(options.emoji_test)};
  if (holds_data(target, origin)) return;
  check_may_be_replaced(target);
  UnfinishedFolder unfinished(target);
  Maker(unfinished.path(), options, progress, concepts, drawings).make(origin);
  unfinished.put_in_place();
}

}  // namespace llavakd
