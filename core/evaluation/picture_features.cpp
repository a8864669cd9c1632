// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/picture_features.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {

at::Tensor picture_features(const LoadedModel& model, const std::filesystem::path& images_folder,
                            const std::vector<std::string>& images, const std::string& aspect_ratio,
                            const PictureProgress& progress) {
  const at::NoGradGuard no_grad;
  const AspectRatio aspect = aspect_of(model, aspect_ratio);
  const at::Tensor& weight = model.model.head_weight();
  std::vector<at::Tensor> means;
  const auto total = static_cast<int64_t>(images.size());
  for (int64_t i = 0; i < total; ++i) {
    if (progress && !progress(i, total)) throw RunError("The map of the pictures was stopped.");
    const ImageRef image = find_image(images_folder, images[static_cast<size_t>(i)]);
    const at::Tensor pixels = load_pixels(model, {image}, aspect).to(weight.device(), weight.scalar_type());
    means.push_back(model.model.vision_features(pixels).to(at::kFloat).mean(1).cpu());
  }
  if (progress) progress(total, total);
  refuse_changed_mappings();
  return means.empty() ? at::Tensor() : at::cat(means);
}

PrincipalPlane principal_plane(const at::Tensor& points) {
  const at::NoGradGuard no_grad;
  const at::Tensor all = points.to(at::kCPU, at::kDouble);
  const at::Tensor centred = all - all.mean(0, true);
  const double total = centred.square().sum().item<double>();
  PrincipalPlane plane{.places = at::zeros({all.size(0), 2}, at::kDouble), .explained = {}};
  // The smaller of the two matrices of products has the same eigenvalues.
  const bool wide = all.size(1) > all.size(0);
  const auto [values, vectors] = at::linalg_eigh(wide ? centred.mm(centred.t()) : centred.t().mm(centred));
  const int64_t directions = std::min<int64_t>(2, values.size(0));
  for (int64_t k = 0; k < directions; ++k) {
    const int64_t place = values.size(0) - 1 - k;  // ascending
    const double value = values[place].item<double>();
    constexpr double rounding = 1e-12;
    if (!(value > rounding * total)) break;
    const at::Tensor vector = vectors.select(1, place);
    at::Tensor direction = wide ? centred.t().mv(vector) : vector;
    direction = direction / direction.norm();
    if (direction[direction.abs().argmax()].item<double>() < 0) direction = -direction;
    plane.places.select(1, k).copy_(centred.mv(direction));
    plane.explained[static_cast<size_t>(k)] = value / total;
  }
  return plane;
}

PictureMap make_picture_map(const LoadedModel& model, const PairedAnswers& paired, const std::string& aspect_ratio,
                            const PictureProgress& progress) {
  const std::vector<std::string> images = pictures_of(paired);
  if (images.empty()) throw UserError("No question has a picture, so that there is no map of them.");
  const PrincipalPlane plane =
      principal_plane(picture_features(model, paired.student.images, images, aspect_ratio, progress));
  PictureMap map{.model = model.folder.string(), .explained = plane.explained, .pictures = {}};
  const auto places = plane.places.accessor<double, 2>();
  for (size_t i = 0; i < images.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    map.pictures.push_back({.image = images[i], .x = places[row][0], .y = places[row][1], .outcomes = {}});
  }
  count_outcomes(map, paired);
  return map;
}

}  // namespace llavakd
