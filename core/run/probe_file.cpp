// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/probe_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/base/errors.h"
#include "core/io/safetensors.h"

namespace llavakd {
namespace {

constexpr int64_t max_tokens = 4096;
constexpr double outermost = 0.005;
constexpr std::size_t sample_size = 20000;  // enough for quantiles, whatever the matrix

// Null when the file has no such tensor.
RelationMatrix read_matrix(const SafetensorsFile& file, const std::string& name, const std::string& where) {
  const auto found =
      std::find_if(file.tensors.begin(), file.tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found == file.tensors.end()) return {};
  if (found->dtype != DType::F32 || found->shape.size() != 2 || found->shape[0] != found->shape[1] ||
      found->shape[0] < 1 || found->shape[0] > max_tokens)
    throw UserError(
        fmt::format("{}: {} is {} {}, where a square float32 matrix of at most {} tokens belongs. Look at the "
                    "probes again, or delete this file.",
                    where, name, name_of(found->dtype), shape_text(found->shape), max_tokens));
  RelationMatrix matrix{int(found->shape[0]), std::vector<float>(std::size_t(found->elements()))};
  std::memcpy(matrix.values.data(), found->data, found->bytes());
  double squares = 0;
  for (const float value : matrix.values)
    if (std::isfinite(value)) squares += double(value) * value;
  const double scale = std::sqrt(squares / double(matrix.values.size()));
  if (scale > 0)
    for (float& value : matrix.values) value = float(value / scale);
  return matrix;
}

std::string text_of(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

std::optional<int> whole_number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int number_or(const SafetensorsFile& file, const char* key, int fallback) {
  const std::string text = text_of(file, key);
  return text.empty() ? fallback : whole_number_in(text).value_or(-max_tokens);
}

// "6x6" and "1", or "0x0" for tokens without a place; without them a square that the tokens fill from its end, as a
// tower that drops its first patch does.
void read_grid(ProbeFile& probe, const SafetensorsFile& file, const std::string& where) {
  const std::string grid = text_of(file, "grid");
  const auto cross = grid.find('x');
  if (cross == std::string::npos) {
    probe.rows = probe.columns = int(std::ceil(std::sqrt(double(probe.tokens()))));
    probe.firstPatch = std::max(0, probe.rows * probe.columns - probe.tokens());
    return;
  }
  if (grid == "0x0") return;
  const int rows = whole_number_in(std::string_view(grid).substr(0, cross)).value_or(-1);
  const int columns = whole_number_in(std::string_view(grid).substr(cross + 1)).value_or(-1);
  const int first = number_or(file, "first_patch", 0), each = number_or(file, "tokens_per_patch", 1);
  if (rows < 1 || columns < 1 || rows > max_tokens || columns > max_tokens || first < -1 || each < 1 ||
      each > max_tokens || int64_t(rows) * columns < int64_t(first) + (probe.tokens() + each - 1) / each)
    throw UserError(
        fmt::format("{}: a grid of {} patches from patch {} on doesn't hold {} visual tokens. Look at the "
                    "probes again, or delete this file.",
                    where, grid, text_of(file, "first_patch"), probe.tokens()));
  probe.rows = rows;
  probe.columns = columns;
  probe.firstPatch = first;
  probe.tokensPerPatch = each;
}

void compare(ProbeFile& probe) {
  const auto &t = probe.teacher.values, &s = probe.student.values;
  probe.difference = {probe.student.n, std::vector<float>(s.size())};
  double dot = 0, tt = 0, ss = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    probe.difference.values[i] = s[i] - t[i];
    dot += double(s[i]) * t[i];
    tt += double(t[i]) * t[i];
    ss += double(s[i]) * s[i];
  }
  const double cosine = dot / std::sqrt(tt * ss);
  if (std::isfinite(cosine)) probe.distance = 1 - cosine;
}

// {low, high} quantiles of the finite values.
std::pair<double, double> bulk(const std::vector<float>& values) {
  std::vector<float> sample;
  const std::size_t stride = std::max<std::size_t>(1, values.size() / sample_size);
  for (std::size_t i = 0; i < values.size(); i += stride)
    if (std::isfinite(values[i])) sample.push_back(values[i]);
  if (sample.empty()) return {0, 1};
  std::sort(sample.begin(), sample.end());
  const auto at = [&](double share) {
    return double(sample[std::size_t(std::llround(share * double(sample.size() - 1)))]);
  };
  return {at(outermost), at(1 - outermost)};
}

}  // namespace

int ProbeFile::tokenOfPatch(int row, int column) const {
  if (row < 0 || column < 0 || row >= rows || column >= columns) return -1;
  const int token = (row * columns + column - firstPatch) * tokensPerPatch;
  return token >= 0 && token < tokens() ? token : -1;
}

std::vector<float> ProbeFile::overPatches(const std::vector<float>& ofTokens) const {
  const auto each = std::size_t(tokensPerPatch);
  if (each == 1) return ofTokens;
  std::vector<float> means;
  for (std::size_t begin = 0; begin < ofTokens.size(); begin += each) {
    const std::size_t end = std::min(begin + each, ofTokens.size());
    float sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += ofTokens[i];
    means.push_back(sum / float(end - begin));
  }
  return means;
}

ProbeFile read_probe_file(const std::filesystem::path& file) {
  const std::string where = file.string();
  const SafetensorsFile tensors = open_safetensors(file);
  ProbeFile probe;
  probe.student = read_matrix(tensors, "relation.student", where);
  probe.teacher = read_matrix(tensors, "relation.teacher", where);
  if (probe.student.isEmpty())
    throw UserError(fmt::format("{}: there is no relation.student in it; this is not a probe file.", where));
  if (!probe.teacher.isEmpty() && probe.teacher.n != probe.student.n)
    throw UserError(fmt::format("{}: the teacher has {} visual tokens, the student {}; their maps can't be compared.",
                                where, probe.teacher.n, probe.student.n));
  probe.image = text_of(tensors, "image");
  probe.question = text_of(tensors, "question");
  read_grid(probe, tensors, where);
  if (!probe.teacher.isEmpty()) compare(probe);
  return probe;
}

void include(RelationScale& scale, const ProbeFile& probe, bool first) {
  const auto widen = [&](const RelationMatrix& matrix) {
    if (matrix.isEmpty()) return;
    const auto [low, high] = bulk(matrix.values);
    scale.low = first ? low : std::min(scale.low, low);
    scale.high = first ? high : std::max(scale.high, high);
    first = false;
  };
  const bool restart = first;
  widen(probe.teacher);
  widen(probe.student);
  if (scale.high <= scale.low) scale.high = scale.low + 1;
  if (probe.difference.isEmpty()) return;
  const auto [low, high] = bulk(probe.difference.values);
  const double most = std::max(std::abs(low), std::abs(high));
  scale.difference = std::max(restart ? 1e-6 : scale.difference, most);
}

}  // namespace llavakd
