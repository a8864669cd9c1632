// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace llavakd {

/// The text of `doctor --report`, to be sent with a fault: `facts` is what `doctor --json` says; with it go the system,
/// the versions of the libraries, and whether files, locks and sockets work here. No name of a user, a machine or a
/// file, and no path, is in it.
std::string doctor_report(const nlohmann::ordered_json& facts);

}  // namespace llavakd
