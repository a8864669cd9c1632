// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"

namespace llavakd {

/// A thread as it is kept and exported.
struct KeptThread {
  std::deque<AskedRow> rows;
  std::vector<BlindVote> votes;
};

/// {"format": "llavakd-compare", "version": 1, "asks": [..], "votes": [..]}; what is still waited for is no answer.
nlohmann::ordered_json threadJson(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes);

/// Throws where it isn't of that format; votes about rows that aren't there are left out.
KeptThread threadFromJson(const nlohmann::ordered_json& json);

}  // namespace llavakd
