// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/command_line.h"
#include "app/commands/new_project.h"
#include "core/data/conversation_file.h"
#include "core/data/emoji/make_emoji_data.h"
#include "core/evaluation/loaded_model.h"
#include "core/image/decode.h"
#include "core/preflight/cache_advice.h"
#include "core/preflight/preflight.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

struct NewOptions {
  std::string name, folder;
  bool list = false, json = false;
};

int list_templates(bool json) {
  Json list = Json::array();
  for (const auto& entry : catalog::project_templates())
    list.push_back({{"name", entry.name}, {"label", entry.label}, {"help", entry.help}});
  if (json)
    print_json(list);
  else
    for (const auto& entry : catalog::project_templates())
      std::cout << fmt::format("{:<24} {}\n", entry.name, entry.help);
  return exit_done;
}

int run_new(const NewOptions& options) {
  if (options.list) return list_templates(options.json);
  if (options.name.empty() || options.folder.empty())
    throw UserError("Give a template and a folder: llavakd new emoji-quick FOLDER. --list shows the templates.");
  ProgressLine progress;
  const auto file = new_project(options.name, options.folder, [&](std::string_view what, int done, int total) {
    progress.show(fmt::format("  {} {}/{}", what, done, total));
  });
  progress.show("");
  if (options.json)
    print_json({{"project", file.string()}});
  else
    std::cout << file.string() << std::endl;
  return exit_done;
}

struct CheckOptions {
  std::string file;
  bool from_stdin = false, json = false;
};

int run_check(const CheckOptions& options) {
  const std::string& file = options.file;
  const auto typed = [] {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  };
  const Project project = options.from_stdin ? project_from_text(typed(), file) : load_project(file);
  const auto items = preflight(project, file, device_fault);
  const auto caches = cache_advice(project, file);
  Json result = to_json(items);
  result["caches"] = to_json(caches);
  if (options.json) {
    print_json(result);
  } else {
    for (const auto& item : items) {
      std::cout << fmt::format("{:<6} {:<18} {}\n", name_of(item.level), item.name, item.finding);
      if (!item.remedy.empty()) std::cout << fmt::format("{:<25} -> {}\n", "", item.remedy);
    }
    for (const auto& cache : caches)
      std::cout << fmt::format("{:<6} {:<18} {}\n", cache.on ? "on" : "off", cache.option, cache.sentence);
  }
  return result["level"] == "red" ? exit_wrong_input : exit_done;
}

struct MakeOptions {
  std::string what, folder;
  uint64_t seed = 1;
  bool teacher = false;
};

int run_make(const MakeOptions& options) {
  if (options.what != "emoji") throw UserError(fmt::format("Unknown data \"{}\"; known is emoji.", options.what));
  EmojiDataOptions data;
  data.seed = options.seed;
  data.teacher = options.teacher;
  ProgressLine progress;
  make_emoji_data(options.folder, data, [&](std::string_view what, int done, int total) {
    progress.show(fmt::format("  {} {}/{}", what, done, total));
  });
  return exit_done;
}

struct CheckDataOptions {
  std::string file, images;
  bool json = false;
};

std::optional<std::string> image_fault(const std::filesystem::path& image) {
  try {
    read_image(image);
    return std::nullopt;
  } catch (const UserError& error) {
    return error.what();
  }
}

int run_check_data(const CheckDataOptions& options) {
  const auto images = images_folder(options.file, options.images);
  const auto faults = check_samples(options.file, images, image_fault);
  if (options.json) {
    Json list = Json::array();
    for (const auto& fault : faults) list.push_back({{"line", fault.line}, {"id", fault.id}, {"reason", fault.reason}});
    print_json({{"file", options.file}, {"faults", list}});
  } else {
    for (const auto& fault : faults) std::cout << fault.sentence() << '\n';
    std::cout << (faults.empty() ? "No faults." : fmt::format("{} samples can't be used.", faults.size())) << std::endl;
  }
  return faults.empty() ? exit_done : exit_wrong_input;
}

}  // namespace

void add_project_commands(CommandLine& line) {
  auto made = std::make_shared<NewOptions>();
  CLI::App* command = line.add("new", "Makes a ready project with the models and data that it needs.",
                               [made] { return run_new(*made); });
  command->add_option("template", made->name, "One of those that --list shows.");
  command->add_option("folder", made->folder, "Where to make it.");
  command->add_flag("--list", made->list, "Shows the templates.");
  command->add_flag("--json", made->json, "Machine-readable output.");

  auto checked = std::make_shared<CheckOptions>();
  command = line.add(
      "check", "Looks at everything a run needs before it starts: models, tokenizer, template, data, disk, memory.",
      [checked] { return run_check(*checked); });
  command->add_option("project", checked->file, "Project file.")->required();
  command->add_flag("--stdin", checked->from_stdin, "Checks the text on standard input as if it stood in that file.");
  command->add_flag("--json", checked->json, "Machine-readable output.");

  CLI::App* data = line.add_group("data", "Makes sample data and checks data files.");
  auto make = std::make_shared<MakeOptions>();
  command = line.add_to(data, "make", "Makes the sample data: pictures, captions and questions.",
                        [make] { return run_make(*make); });
  command->add_option("what", make->what, "emoji")->required();
  command->add_option("folder", make->folder, "Where to make it.")->required();
  command->add_option("--seed", make->seed, "Decides the scenes.")->capture_default_str();
  command->add_flag("--teacher", make->teacher,
                    "Also what the teacher is trained on: 25,806 pictures instead of 3,406.");

  auto file = std::make_shared<CheckDataOptions>();
  command = line.add_to(data, "check", "All faults of a conversation file, by line.",
                        [file] { return run_check_data(*file); });
  command->add_option("file", file->file, "Conversation file.")->required();
  command->add_option("--images", file->images, "Folder of its image paths; otherwise the file's own.");
  command->add_flag("--json", file->json, "Machine-readable output.");
}

}  // namespace llavakd
