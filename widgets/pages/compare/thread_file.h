// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <map>

#include "widgets/pages/compare/thread_json.h"

namespace llavakd {

/// The file that a project's thread is kept in, in the user's folder for state: it decides nothing of a run, so that
/// the project's file doesn't have it.
QString threadFile(const QString& projectFile);

/// The kept thread, and why it can't be read. Nothing is kept where there is no file. For worker threads.
struct ReadThread {
  KeptThread thread = {};
  QString fault = {};
  std::map<QString, double> written =
      {};  ///< When the folders of the asked models were written, in seconds since 1970.
};
ReadThread readThread(const QString& file);

/// Replaces the file by this text, or removes it where the text is empty; gives why that can't be done. For worker
/// threads.
QString keepThread(const QString& file, const std::string& text);

}  // namespace llavakd
