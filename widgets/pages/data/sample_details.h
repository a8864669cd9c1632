// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QString>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/data/model_input.h"
#include "core/data/sample_tokens.h"
#include "widgets/document/project_facts.h"

namespace llavakd {

/// How both models of a project read samples, or why that isn't known.
struct ModelInputs {
  std::optional<ModelInput> student, teacher;
  QString studentFault, teacherFault;
  bool hasTeacher = false;
};

/// Reads what `facts` name of the models' files. For worker threads.
std::shared_ptr<const ModelInputs> readModelInputs(const Project& project, const std::filesystem::path& file,
                                                   const ProjectFacts::Result& facts);

/// Where a term of the stage reads a model's output.
struct TermReading {
  std::string term;
  double weight = 0;
  std::vector<Segment> positions;
  int64_t count = 0;
};

/// A sample as one model gets it.
struct SampleOfModel {
  QString fault;  ///< Why nothing of it is known; a sentence.
  SampleTokens tokens;
  std::vector<QString> texts;   ///< Of the first positions; empty where a picture is.
  std::vector<QString> pieces;  ///< Of the same, as the vocabulary writes them.
  std::vector<TermReading> terms;
  int64_t maxLength = 0, visualTokens = 0;
  QString processor;  ///< How pictures are prepared, or why that isn't known.
};

/// A picture of a sample: the file's, and what each model gets of it.
struct SamplePicture {
  QString name, fault;
  QSize size;
  bool cutShort = false;
  QImage original, student, teacher;  ///< The teacher's is null where it is the student's.
};

/// Everything that is shown of one sample.
struct SampleDetails {
  QString id, templateName;
  int64_t line = 0;
  std::vector<Turn> turns;
  SampleOfModel student, teacher;
  bool hasTeacher = false;
  bool sameInput = true;  ///< The teacher gets the same tokens and pictures.
  std::vector<SamplePicture> pictures;
  int64_t picturesLeft = 0;  ///< Further ones, which aren't shown.
};

/// Expands the sample by the code of a run and prepares its pictures. For worker threads.
SampleDetails describeSample(const SampleSet& set, const Sample& sample, const ModelInputs& inputs);

}  // namespace llavakd
