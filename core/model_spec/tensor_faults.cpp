// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/tensor_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace {

/// In the order in which they are told.
enum class Fault { missing, shape, no_weights, adapter, unexpected };

/// Part, kind of fault -> names with what is wrong about each.
struct Faults {
  bool gguf = false;  ///< Tensors are called as the GGUF file does.
  std::map<std::pair<std::string_view, Fault>, std::vector<std::string>> names;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPartPrefixes{
    {{"language_model", kLanguagePrefix}, {"vision_tower", kVisionPrefix}, {"connector", kConnectorPrefix}}};

std::string_view kind_text(Fault fault) {
  switch (fault) {
    case Fault::missing:
      return "missing";
    case Fault::shape:
      return "of another shape than the configuration asks for";
    case Fault::no_weights:
      return "not weights but whole numbers";
    case Fault::adapter:
      return "of a LoRA adapter, which is not opened without its adapter_config.json";
    case Fault::unexpected:
      break;
  }
  return "unexpected";
}

void add_tensor_fault(Faults& faults, Fault fault, std::string_view name, const std::string& detail = {}) {
  std::string_view part;
  for (const auto& [candidate, prefix] : kPartPrefixes) {
    if (!name.starts_with(prefix)) continue;
    part = candidate;
    name.remove_prefix(prefix.size());
    break;
  }
  faults.names[{part, fault}].push_back((faults.gguf ? gguf_name(std::string(name)) : std::string(name)) + detail);
}

ParameterShapes expected_shapes(const ModelConfig& config, const std::string& layout) {
  if (layout == "language_model") return language_parameter_shapes(config.language, std::string(kLanguagePrefix));
  return layout == "vision_tower" ? tower_parameter_shapes(config) : parameter_shapes(config);
}

/// A connector_type that isn't the weights' makes a fault of each of its tensors; this says so first.
std::string connector_fault(const ModelConfig& config, const ParameterShapes& expected, const ModelTensors& tensors) {
  bool any = false;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (!name.starts_with(kConnectorPrefix)) continue;
    if (expected.contains(name)) return {};
    any = true;
  }
  return any ? fmt::format("connector: connector_type \"{}\" of config.json isn't that of the connector's tensors",
                           config.connector_type)
             : std::string();
}

/// A program's own name for the model precedes every name ("student.model.layers.…"); this says so first.
std::string prefix_fault(const ParameterShapes& expected, const ModelTensors& tensors) {
  std::string_view common;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (expected.contains(name)) return {};
    std::string_view inner = name;
    for (const auto& [part, prefix] : kPartPrefixes)
      if (inner.starts_with(prefix)) inner.remove_prefix(prefix.size());
    const std::string_view first = inner.substr(0, inner.find('.'));
    if (common.empty()) common = first;
    if (first != common || first.size() == inner.size()) return {};
  }
  if (common.empty() || common == "model") return {};
  return fmt::format("every name begins with \"{}.\", which no name of the model does: save its own state dict",
                     printable(common, 60));
}

}  // namespace

std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors) {
  const ParameterShapes expected = expected_shapes(config, tensors.layout);
  Faults faults{.gguf = tensors.format == "gguf", .names = {}};
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.tensors.find(name);
    if (found == tensors.tensors.end()) {
      if (std::find(tensors.zeros.begin(), tensors.zeros.end(), name) == tensors.zeros.end())
        add_tensor_fault(faults, Fault::missing, name);
    } else if (found->second.shape != shape) {
      add_tensor_fault(faults, Fault::shape, name,
                       fmt::format(" {} instead of {}", shape_text(found->second.shape), shape_text(shape)));
    } else if (!is_floating(found->second.dtype)) {
      add_tensor_fault(faults, Fault::no_weights, name, fmt::format(" ({})", name_of(found->second.dtype)));
    }
  }
  for (const auto& [name, tensor] : tensors.tensors)
    if (!expected.contains(name))
      add_tensor_fault(faults, name.find(".lora_") == std::string::npos ? Fault::unexpected : Fault::adapter, name);
  std::vector<std::string> sentences;
  if (std::string fault = prefix_fault(expected, tensors); !fault.empty()) sentences.push_back(std::move(fault));
  if (std::string fault = connector_fault(config, expected, tensors); !fault.empty())
    sentences.push_back(std::move(fault));
  for (const auto& [kind, names] : faults.names)
    sentences.push_back(fmt::format("{}{}{}: {}", kind.first, kind.first.empty() ? "" : ": ", kind_text(kind.second),
                                    name_list(names)));
  return sentences;
}

}  // namespace llavakd
