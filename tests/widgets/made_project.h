// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDir>
#include <QFile>
#include <QImage>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>

#include "core/project/project_file.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"

namespace llavakd {

/// A folder with a small project of three stages, its data file and two pictures; settings of its own.
class MadeProject {
 public:
  MadeProject() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QCoreApplication::setApplicationName(QStringLiteral("llavakd test"));
    qputenv("XDG_STATE_HOME", QFile::encodeName(m_folder.path() + QStringLiteral("/state")));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.path() + QStringLiteral("/settings"));
    QDir(m_folder.path()).mkpath(QStringLiteral("images"));
    QImage picture(32, 24, QImage::Format_RGB32);
    picture.fill(Qt::red);
    picture.save(path(QStringLiteral("images/a.png")));
    picture.save(path(QStringLiteral("images/b.png")));
    write(QStringLiteral("data.json"),
          R"([{"id": "1", "image": "a.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"},
              {"from": "gpt", "value": "A field."}]},
              {"id": "2", "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]}])");
    save_project(project(), toPath(file()));
  }

  QString path(const QString& name) const { return m_folder.path() + QLatin1Char('/') + name; }
  QString file() const { return path(QStringLiteral("small.kdproj")); }
  void write(const QString& name, const QByteArray& text) const {
    QFile out(path(name));
    if (out.open(QIODevice::WriteOnly)) out.write(text);
  }

  static Project project() {
    Project project;
    project.name = "small";
    project.student.checkpoint = "student";
    for (const char* name : {"DPT", "SFT", "DFT"}) {
      StageOptions stage;
      stage.name = name;
      stage.data = "data.json";
      stage.images = "images";
      stage.batch_size = 1;
      project.stages.push_back(stage);
    }
    project.probes = {{"images/a.png", "What is it?"}};
    return project;
  }

  /// Opens the project in the document and waits for it.
  bool open(ProjectDocument& document) const {
    QSignalSpy opened(&document, &ProjectDocument::opened);
    document.open(file());
    return opened.wait(5000);
  }

 private:
  QTemporaryDir m_folder;
};

}  // namespace llavakd
