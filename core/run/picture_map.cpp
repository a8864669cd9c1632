// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/picture_map.h"

#include <fmt/format.h>

#include <set>
#include <unordered_map>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/run/curve_table.h"

namespace llavakd {
namespace {

using MapJson = nlohmann::ordered_json;

std::string map_table(const PictureMap& map) {
  std::string table = "image,x,y";
  for (const Outcome outcome : all_outcomes) table += fmt::format(",{}", name_of(outcome));
  table += '\n';
  for (const MappedPicture& picture : map.pictures) {
    table += fmt::format("{},{},{}", csv_text(picture.image), picture.x, picture.y);
    for (const int64_t count : picture.outcomes.counts) table += fmt::format(",{}", count);
    table += '\n';
  }
  return table;
}

MapJson map_json(const PictureMap& map) {
  MapJson json = {{"model", map.model}, {"explained", map.explained}, {"pictures", MapJson::array()}};
  for (const MappedPicture& picture : map.pictures) {
    MapJson point = {{"image", picture.image}, {"x", picture.x}, {"y", picture.y}};
    for (const Outcome outcome : all_outcomes) point[std::string(name_of(outcome))] = picture.outcomes.of(outcome);
    json["pictures"].push_back(std::move(point));
  }
  return json;
}

PictureMap map_from_json(const MapJson& json) {
  PictureMap map{.model = json.at("model").get<std::string>(), .pictures = {}};
  map.explained = json.at("explained").get<std::array<double, 2>>();
  for (const MapJson& point : json.at("pictures")) {
    MappedPicture picture{.image = point.at("image").get<std::string>(), .outcomes = {}};
    picture.x = point.at("x").get<double>();
    picture.y = point.at("y").get<double>();
    for (const Outcome outcome : all_outcomes)
      picture.outcomes.of(outcome) = point.at(std::string(name_of(outcome))).get<int64_t>();
    map.pictures.push_back(std::move(picture));
  }
  return map;
}

}  // namespace

std::vector<std::string> pictures_of(const PairedAnswers& paired) {
  std::vector<std::string> pictures;
  std::set<std::string> seen;
  for (const AnsweredTwice& pair : paired.pairs)
    for (const std::string& image : paired.of_student(pair).images)
      if (seen.insert(image).second) pictures.push_back(image);
  return pictures;
}

void count_outcomes(PictureMap& map, const PairedAnswers& paired) {
  std::unordered_map<std::string, OutcomeCounts> counts;
  for (const AnsweredTwice& pair : paired.pairs)
    for (const std::string& image : paired.of_student(pair).images) ++counts[image].of(pair.outcome);
  for (MappedPicture& picture : map.pictures) picture.outcomes = counts[picture.image];
}

void write_picture_map(const std::filesystem::path& path, const PictureMap& map) {
  if (path.extension() == ".csv")
    write_file_atomically(path, map_table(map));
  else
    write_json(path, map_json(map));
}

PictureMap read_picture_map(const std::filesystem::path& path) {
  const MapJson json = read_json(path);
  try {
    return map_from_json(json);
  } catch (const MapJson::exception&) {
    throw UserError(
        fmt::format("{} is no map of pictures. Make it again with `llavakd failures --map`.", path.string()));
  }
}

}  // namespace llavakd
