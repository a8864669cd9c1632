// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_facts.h"

#include <exception>

#include "core/preflight/project_models.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"

namespace llavakd {
namespace {

ProjectFacts::Result readFacts(const Project& project, const std::filesystem::path& file) {
  ProjectFacts::Result result;
  try {
    if (!project.teacher.checkpoint.empty()) {
      result.teacher = teacher_facts(project, file);
      result.hasTeacher = true;
    }
    if (has_student(project)) {
      result.student = student_facts(project, file);
      result.hasStudent = true;
    }
    if (result.hasTeacher) add_processor(result.teacher);
    if (result.hasStudent) add_processor(result.student);
    if (result.hasTeacher && result.hasStudent) result.rows = compare_models(result.teacher, result.student);
  } catch (const std::exception& error) {
    // Only what the system refuses gets here; faults of the folders are part of the facts.
    (result.hasTeacher ? result.student : result.teacher).faults.push_back(error.what());
  }
  return result;
}

}  // namespace

ProjectFacts* ProjectFacts::of(ProjectDocument* document) {
  auto* facts = document->findChild<ProjectFacts*>(QString(), Qt::FindDirectChildrenOnly);
  return facts ? facts : new ProjectFacts(document);
}

ProjectFacts::ProjectFacts(ProjectDocument* document) : QObject(document), m_document(document) {
  connect(document, &ProjectDocument::changed, this, [this] { refresh(false); });
  connect(document, &ProjectDocument::opened, this, [this] { refresh(true); });
  connect(document, &ProjectDocument::closed, this, [this] { refresh(true); });
  connect(ProjectFiles::of(document), &ProjectFiles::changed, this, [this] { refresh(true); });
  refresh(true);
}

void ProjectFacts::refresh(bool force) {
  const Project& project = m_document->project();
  if (!force && project.teacher == m_teacher && project.student == m_student && m_document->path() == m_path) return;
  const bool other = m_document->path() != m_path;
  m_teacher = project.teacher;
  m_student = project.student;
  m_path = m_document->path();
  const NewestRequest::Ticket reading = m_readings.begin();
  m_loading = m_document->isOpen();
  if (!m_loading) {
    m_result = {};
    Q_EMIT changed();
    return;
  }
  if (other) {  // nothing is known of this project yet
    m_result = {};
    Q_EMIT changed();
  }
  inBackground(
      this, [path = toPath(m_path), chosen = project] { return readFacts(chosen, path); },
      reading.only([this](const Result& result) {
        m_loading = false;
        m_result = result;
        Q_EMIT changed();
      }));
}

}  // namespace llavakd
