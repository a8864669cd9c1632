// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>

#include "core/project/options.h"

namespace llavakd {

// Changes of a project's list of stages. Each keeps the schedule true: what was scheduled stays so, under its new name
// and in the new order.

/// Whether the stage is part of a run: an empty schedule means all of them.
bool is_scheduled(const Project& project, const std::string& stage);

/// Makes the stage part of a run, behind those that come before it, or leaves it out. An order that was written by hand
/// and stages that come twice stay. The last stage that runs isn't left out.
void schedule_stage(Project& project, const std::string& name, bool on);

/// Why a stage can't be called so, for people: another one has that name, or it has other characters than letters,
/// digits and '_'. Empty when it can. `index` is the stage that is to have it.
std::string stage_name_fault(const Project& project, size_t index, const std::string& name);

/// Adds a stage at the end, with the data of the one before it. Returns its index.
size_t add_stage(Project& project);

/// Puts a copy, under a name of its own, behind the stage. Returns its index.
size_t copy_stage(Project& project, size_t index);

/// Moves a stage so that it has the index `to` afterwards.
void move_stage(Project& project, size_t from, size_t to);

/// Gives a stage another name, which must have no stage_name_fault().
void rename_stage(Project& project, size_t index, const std::string& name);

void remove_stage(Project& project, size_t index);

}  // namespace llavakd
