// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/probe_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/errors.h"
#include "core/io/safetensors.h"

namespace llavakd {
namespace {

constexpr int64_t mostPositions = int64_t{1} << 20, mostChoices = 64;

[[noreturn]] void refuse_tokens(const std::string& where) {
  throw UserError(fmt::format(
      "{}: what it says of its tokens doesn't fit together. Look at the probes again, or delete this file.", where));
}

/// The values of a tensor of this type and shape; nothing where the file has no such tensor.
template <class Value>
std::vector<Value> values_of(const SafetensorsFile& file, const std::string& name, DType type, int64_t positions,
                             int64_t each, const std::string& where) {
  const auto found = std::ranges::find(file.tensors, name, &StoredTensor::name);
  if (found == file.tensors.end()) return {};
  if (found->dtype != type || found->elements() != positions * each || found->shape.front() != positions)
    refuse_tokens(where);
  std::vector<Value> values(static_cast<std::size_t>(found->elements()));
  std::memcpy(values.data(), found->data, found->bytes());
  return values;
}

int64_t choices_in(const SafetensorsFile& file, const std::string& where) {
  const auto found = std::ranges::find(file.tensors, "topk.student.ids", &StoredTensor::name);
  if (found == file.tensors.end() || found->shape.size() != 2 || found->shape[1] > mostChoices) refuse_tokens(where);
  return found->shape[1];
}

void add_kinds(std::vector<ProbeToken>& tokens, const SafetensorsFile& file, const std::string& where) {
  const auto written = file.metadata.find("segments");
  if (written == file.metadata.end()) return;
  const auto segments = nlohmann::json::parse(written->second, nullptr, false);
  if (!segments.is_array()) refuse_tokens(where);
  for (const auto& segment : segments) {
    const auto begin = segment.value("begin", int64_t{-1}), end = segment.value("end", int64_t{-1});
    if (begin < 0 || end < begin || end > std::ssize(tokens)) refuse_tokens(where);
    const std::string kind = segment.value("kind", "");
    for (int64_t i = begin; i < end; ++i) {
      ProbeToken& token = tokens[static_cast<std::size_t>(i)];
      if (kind == name(SegmentKind::response)) token.kind = SegmentKind::response;
      if (kind != name(SegmentKind::visual)) continue;
      token.kind = SegmentKind::visual;
      token.visual = int(i - begin);
    }
  }
}

}  // namespace

std::vector<ProbeToken> read_probe_tokens(const std::filesystem::path& path) {
  const std::string where = path.string();
  const SafetensorsFile file = open_safetensors(path);
  const auto kl = std::ranges::find(file.tensors, "token_kl", &StoredTensor::name);
  if (kl == file.tensors.end()) return {};
  if (kl->shape.size() != 1 || kl->shape[0] > mostPositions) refuse_tokens(where);
  const int64_t positions = kl->shape[0], each = choices_in(file, where);
  const auto divergences = values_of<float>(file, "token_kl", DType::F32, positions, 1, where);
  const auto ids = values_of<int64_t>(file, "input_ids", DType::I64, positions, 1, where);
  if (std::ssize(ids) != positions) refuse_tokens(where);
  std::vector<ProbeToken> tokens(static_cast<std::size_t>(positions));
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    tokens[i].id = ids[i];
    tokens[i].divergence = double(divergences[i]);
  }
  for (const auto& [who, choices] :
       {std::pair("teacher", &ProbeToken::teacher), std::pair("student", &ProbeToken::student)}) {
    const auto top = values_of<int64_t>(file, fmt::format("topk.{}.ids", who), DType::I64, positions, each, where);
    const auto p =
        values_of<float>(file, fmt::format("topk.{}.probabilities", who), DType::F32, positions, each, where);
    if (top.size() != p.size() || std::ssize(top) != positions * each) refuse_tokens(where);
    for (std::size_t i = 0; i < top.size(); ++i) (tokens[i / std::size_t(each)].*choices).push_back({top[i], p[i]});
  }
  add_kinds(tokens, file, where);
  return tokens;
}

}  // namespace llavakd
