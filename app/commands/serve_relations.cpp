// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_relations.h"

#include "app/commands/serve_answer.h"
#include "app/commands/serve_parameters.h"
#include "core/evaluation/sample_losses.h"
#include "core/project/project_file.h"

namespace llavakd {

nlohmann::ordered_json serve_relations(ServedModels& models, const nlohmann::ordered_json& parameters) {
  const std::filesystem::path out = resolve(models.project_file(), required_text(parameters, "out"));
  required_text(parameters, "image");
  const bool has_teacher = !models.project().teacher.checkpoint.empty();
  const auto learner = models.student(text_of(parameters, "checkpoint"));
  const auto teacher = has_teacher ? models.teacher() : nullptr;
  const Probe probe = probe_question(teacher.get(), *learner, question_of(models, parameters, *learner));
  write_probe(probe, out);
  nlohmann::ordered_json result;
  result["file"] = out.string();
  result["terms"] = terms_json(probe.terms);
  return result;
}

}  // namespace llavakd
