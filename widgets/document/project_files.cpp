// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_files.h"

#include <QFileInfo>

#include "widgets/document/background.h"
#include "widgets/document/project_document.h"

namespace llavakd {
namespace {

constexpr int lookEvery = 2000;

QStringList namedPaths(const ProjectDocument& document) {
  const Project& project = document.project();
  QStringList paths;
  const auto add = [&](const std::string& path) {
    if (!path.empty() && !paths.contains(document.resolve(path))) paths << document.resolve(path);
  };
  // A folder changes when files come or go, but not when config.json is written in place.
  for (const std::string& model : {project.teacher.checkpoint, project.student.checkpoint,
                                   project.student.language_model, project.student.vision_tower}) {
    add(model);
    if (!model.empty()) add(model + "/config.json");
  }
  for (const StageOptions& stage : project.stages) {
    add(stage.data);
    add(stage.images);
  }
  for (const ProbeOptions& probe : project.probes) add(probe.image);
  for (const EvaluationOptions& evaluation : project.evaluations) {
    add(evaluation.file);
    add(evaluation.images);
  }
  return paths;
}

}  // namespace

ProjectFiles* ProjectFiles::of(ProjectDocument* document) {
  auto* known = document->findChild<ProjectFiles*>(QString(), Qt::FindDirectChildrenOnly);
  return known ? known : new ProjectFiles(document);
}

ProjectFiles::ProjectFiles(ProjectDocument* document) : QObject(document), m_document(document) {
  m_timer.setInterval(lookEvery);
  connect(&m_timer, &QTimer::timeout, this, &ProjectFiles::look);
  connect(document, &ProjectDocument::changed, this, &ProjectFiles::begin);
  connect(document, &ProjectDocument::closed, this, &ProjectFiles::begin);
  begin();
}

// Other paths are read by whoever named them; only what happens to them afterwards is news.
void ProjectFiles::begin() {
  const QStringList paths = m_document->isOpen() ? namedPaths(*m_document) : QStringList();
  if (paths == m_paths) return;
  m_paths = paths;
  m_looks.cancel();
  m_looking = false;
  m_seen.clear();
  if (m_paths.isEmpty()) return m_timer.stop();
  m_timer.start();
  look();
}

void ProjectFiles::look() {
  if (m_looking) return;  // a disk that answers slowly
  m_looking = true;
  const auto read = [paths = m_paths] {
    std::vector<State> states;
    for (const QString& path : paths) {
      const QFileInfo info(path);
      states.push_back(info.exists() ? State{info.lastModified(), info.size()} : State());
    }
    return states;
  };
  inBackground(this, read, m_looks.begin().only([this](const std::vector<State>& states) {
    m_looking = false;
    const bool news = !m_seen.empty() && states != m_seen;
    m_seen = states;
    if (news) Q_EMIT changed();
  }));
}

}  // namespace llavakd
