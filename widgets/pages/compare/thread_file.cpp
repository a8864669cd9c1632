// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/thread_file.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "widgets/document/conversions.h"
#include "widgets/document/recovery_file.h"

namespace llavakd {

QString threadFile(const QString& projectFile) {
  const QByteArray hash = QCryptographicHash::hash(projectFile.toUtf8(), QCryptographicHash::Sha256);
  return QStringLiteral("%1/compare/%2.json").arg(stateFolder(), QString::fromLatin1(hash.toHex().left(16)));
}

ReadThread readThread(const QString& file) {
  if (!QFileInfo::exists(file)) return {};
  try {
    ReadThread read{.thread = threadFromJson(read_json(toPath(file)))};
    for (const AskedRow& row : read.thread.rows)
      for (const AskedModel& model : row.models)
        if (!model.folder.isEmpty() && !read.written.contains(model.folder))
          read.written[model.folder] = double(QFileInfo(model.folder).lastModified().toMSecsSinceEpoch()) / 1000;
    return read;
  } catch (const std::exception& error) {
    return {.fault = toQString(std::string(error.what()))};
  }
}

QString keepThread(const QString& file, const std::string& text) {
  if (text.empty()) {
    QFile::remove(file);
    return {};
  }
  try {
    QDir().mkpath(QFileInfo(file).absolutePath());
    write_file_atomically(toPath(file), text);
    return {};
  } catch (const std::exception& error) {
    return toQString(std::string(error.what()));
  }
}

}  // namespace llavakd
