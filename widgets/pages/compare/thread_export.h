// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <deque>
#include <string>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"

namespace llavakd {

enum class ThreadFormat { markdown, json, csv };

/// By a file name's ending; Markdown for one that says nothing.
ThreadFormat threadFormatOf(const QString& file);

/// The thread with its votes to be read elsewhere: Markdown for people, JSON as it is kept (thread_json.h), CSV with a
/// line for each answer. Numbers are written in the C locale.
std::string threadText(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes, ThreadFormat format);

}  // namespace llavakd
