// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One clone of a function for each processor generation, chosen when the program starts. "arch=haswell" would test the
// model's name instead of its features. Sanitizers can't run the resolvers, which come before their own start.
//
// A file with clones includes no LibTorch header: its inline functions would be compiled for the widest processor.
// What a clone calls must be inline in the same file, or it runs at the width of the oldest processor.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LLAVAKD_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LLAVAKD_CLONES
#endif
