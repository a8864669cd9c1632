// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_facts.h"

#include "core/base/errors.h"
#include "core/image/processor_text.h"
#include "core/project/project_file.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"

namespace llavakd {
namespace {

// How the model's pictures are prepared; what keeps that from being known is one of its faults.
void lookAtProcessor(ModelFacts& facts) {
  if (facts.tower.type.empty()) return;
  try {
    facts.processor =
        processor_text(processor_of_folder(facts.image_processor_from, facts.tower.type, facts.tower.image_size));
  } catch (const UserError& error) {
    facts.faults.emplace_back(error.what());
  }
}

ProjectFacts::Result readFacts(const std::filesystem::path& project, const TeacherOptions& teacher,
                               const StudentOptions& student) {
  ProjectFacts::Result result;
  try {
    if (!teacher.checkpoint.empty()) {
      result.teacher = read_model_facts(resolve(project, teacher.checkpoint));
      result.hasTeacher = true;
    }
    if (!student.checkpoint.empty()) {
      result.student = read_model_facts(resolve(project, student.checkpoint));
      result.hasStudent = true;
    } else if (!student.language_model.empty() && !student.vision_tower.empty()) {
      result.student = combine_parts(read_model_facts(resolve(project, student.language_model)),
                                     read_model_facts(resolve(project, student.vision_tower)),
                                     student.connector.empty() ? "mlp2x_gelu" : student.connector, student.num_queries);
      result.hasStudent = true;
    }
    if (result.hasTeacher) lookAtProcessor(result.teacher);
    if (result.hasStudent) lookAtProcessor(result.student);
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
  inBackground(
      this,
      [path = toPath(m_path), teacher = m_teacher, student = m_student] { return readFacts(path, teacher, student); },
      reading.only([this](const Result& result) {
        m_loading = false;
        m_result = result;
        Q_EMIT changed();
      }));
}

}  // namespace llavakd
