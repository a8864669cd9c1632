// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/added_pictures.h"

#include <QCryptographicHash>
#include <QSettings>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"

namespace llavakd {
namespace {

// A path can't be a key: slashes make groups of it.
QString settingsKey(const char* group, const QString& projectFile) {
  const QByteArray hash = QCryptographicHash::hash(projectFile.toUtf8(), QCryptographicHash::Sha256);
  return QString::fromLatin1(group) + QLatin1Char('/') + QString::fromLatin1(hash.toHex().left(16));
}

QString picturesKey(const QString& projectFile) {
  return settingsKey("comparePictures", projectFile);
}

QString modelsKey(const QString& projectFile) {
  return settingsKey("compareModels", projectFile);
}

}  // namespace

QStringList addedPictures(const ProjectDocument& document) {
  QStringList files;
  if (!document.isOpen()) return files;
  for (const QString& file : QSettings().value(picturesKey(document.path())).toStringList())
    files << document.resolve(file.toStdString());
  return files;
}

void keepAddedPictures(const ProjectDocument& document, const QStringList& files) {
  if (!document.isOpen()) return;
  QStringList paths;
  for (const QString& file : files) paths << toQString(document.relative(file));
  QSettings settings;
  if (paths.isEmpty())
    settings.remove(picturesKey(document.path()));
  else
    settings.setValue(picturesKey(document.path()), paths);
}

std::optional<QStringList> keptModels(const ProjectDocument& document) {
  const QSettings settings;
  if (!document.isOpen() || !settings.contains(modelsKey(document.path()))) return std::nullopt;
  return settings.value(modelsKey(document.path())).toStringList();
}

void keepModels(const ProjectDocument& document, const QStringList& choice) {
  if (document.isOpen()) QSettings().setValue(modelsKey(document.path()), choice);
}

}  // namespace llavakd
