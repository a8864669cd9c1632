// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <memory>
#include <vector>

#include "core/model_spec/matching.h"
#include "core/model_spec/model_facts.h"
#include "core/project/options.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

class ProjectDocument;

/// What the project's teacher and student are and whether they fit, read from their folders on a worker thread whenever
/// their paths change. One for each document, shared by the pages.
class ProjectFacts : public QObject {
  Q_OBJECT

 public:
  /// The document's facts; made at the first call.
  static ProjectFacts* of(ProjectDocument* document);

  struct Result {
    bool hasTeacher = false, hasStudent = false;
    ModelFacts teacher, student;
    std::vector<MatchFact> rows;  ///< Empty unless both are there.
  };
  const Result& result() const { return m_result; }
  /// Of a project that was opened, result() is empty then; after a change it is the one from before.
  bool isLoading() const { return m_loading; }

 Q_SIGNALS:
  void changed();

 private:
  explicit ProjectFacts(ProjectDocument* document);
  void refresh(bool force);
  ProjectDocument* m_document;
  Result m_result;
  TeacherOptions m_teacher;
  StudentOptions m_student;
  QString m_path;
  bool m_loading = false;
  NewestRequest m_readings;
};

}  // namespace llavakd
