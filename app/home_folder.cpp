// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/home_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace llavakd {
namespace {

bool isUsable(const QString& folder) {
  const QFileInfo info(folder);
  return !folder.isEmpty() && !info.isRoot() && info.isDir() && info.isWritable();
}

}  // namespace

void prepare_home_folder() {
  if (isUsable(qEnvironmentVariable("HOME"))) return;
  const passwd* account = getpwuid(getuid());
  QString folder = account ? QFile::decodeName(account->pw_dir) : QString();
  if (!isUsable(folder)) {
    QTemporaryDir made(QDir::tempPath() + QStringLiteral("/llavakd-studio-XXXXXX"));
    made.setAutoRemove(false);  // an engine that outlives the window has its log there
    folder = made.path();
  }
  qputenv("HOME", QFile::encodeName(folder));
}

}  // namespace llavakd
