// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/data_facts.h"

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "core/data/sources/data_source.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

QString fileOf(const QString& folder, const ImageRef& image) {
  if (!image.is_file()) return {};
  try {
    return toQString(image_path(toPath(folder), image.file).string());
  } catch (const UserError&) {
    return {};
  }
}

}  // namespace

DataFacts readDataFacts(const QString& file, const QString& images) {
  DataFacts facts;
  const auto count = [&](const Sample& sample) {
    ++facts.samples;
    if (sample.images.empty()) return;
    ++facts.withImage;
    if (facts.firstImage.isEmpty()) facts.firstImage = fileOf(images, sample.images.front());
  };
  const auto leaveOut = [&](const DataFault& fault) {
    if (facts.leftOut++ == 0) facts.firstFault = toQString(fault.message());
  };
  try {
    read_entries(toPath(file), {.sample = count, .fault = leaveOut});
  } catch (const std::exception& error) {
    facts.error = toQString(std::string(error.what()));
  }
  return facts;
}

}  // namespace llavakd
