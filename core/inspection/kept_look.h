// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/inspection/relation_look.h"

namespace llavakd {

/// The last look, kept so that another source of the same picture and question needs no forward pass. What is kept of
/// both models together stays below the budget: where it would be more, a look keeps what its source needs, and the
/// next source is a new pass.
class KeptLook {
 public:
  static constexpr int64_t usual_budget = int64_t{1} << 30;  ///< 1 GiB
  explicit KeptLook(int64_t budget_bytes = usual_budget) : budget_(budget_bytes) {}

  /// A look that has what the source needs, as look_inside() makes it. Valid until the next call, as long as both
  /// models live. Models are known as objects, which it doesn't keep alive; the picture's file by name, size and time.
  const RelationLook& look(const std::shared_ptr<const LoadedModel>& teacher,
                           const std::shared_ptr<const LoadedModel>& student, const Question& question,
                           const RelationSource& source);
  /// Whether the last call needed no pass.
  bool reused() const { return reused_; }

 private:
  int64_t budget_;
  bool reused_ = false;
  std::string key_;
  std::weak_ptr<const LoadedModel> teacher_, student_;
  std::optional<RelationLook> look_;
};

}  // namespace llavakd
