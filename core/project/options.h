// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/project/catalog.h"
#include "core/project/term_catalog.h"

namespace llavakd {

// Options are plain structs with defaults. Each has one describe() that names, bounds and explains its fields; JSON,
// --set, validation, the manual and the studio's forms are visitors of it. Adding an option = the field and its line.

enum class FieldKind { value, file, folder, long_text };

/// What describe() says of one field.
struct Field {
  std::string_view name;  ///< Key in the project file.
  std::string_view help;  ///< One or two sentences: tooltip, manual, validation message.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  Catalog (*choices)() = nullptr;  ///< Allowed texts, or nothing when any text will do.
  std::string_view unit = {};
  FieldKind kind = FieldKind::value;
  bool omit_if_empty = false;  ///< Not written while it holds its empty value ("", [], 0).
  bool omit_if_usual = false;  ///< Not written while it is what the struct has by itself.
  bool advanced = false;       ///< Behind "More" in forms.
  bool optional_text = false;  ///< A choice that may also stay empty.
};

/// One term of a stage's loss.
struct TermOptions {
  std::string term{term_catalog().front().name};
  double weight = 1;
  double temperature = 1;
  std::string divergence = "forward_kl";
  std::string on = "logits";
  std::string temperature_squared = "on";
  double beta = 0.5;
  bool operator==(const TermOptions&) const = default;
};

template <class Visitor>
void describe(TermOptions& o, Visitor& visit) {
  visit(o.term, {.name = "term", .help = terms_help(), .choices = catalog::terms});
  visit(o.weight, {.name = "weight", .help = term_weight_help(), .min = 0, .max = 1000});
  if (term_has(o.term, "temperature"))
    visit(o.temperature, {.name = "temperature",
                          .help = "Both models' logits are divided by it. The paper uses 1.",
                          .min = 0.05,
                          .max = 100,
                          .advanced = true});
  if (term_has(o.term, "temperature_squared"))
    visit(o.temperature_squared,
          {.name = "temperature_squared",
           .help = "Multiply the term by the temperature's square, so that its gradient keeps its size (Hinton). TRL's "
                   "and ms-swift's GKD trainers don't; torchtune and the released LLaVA-KD have no temperature.",
           .choices = catalog::switches,
           .advanced = true});
  if (term_has(o.term, "divergence")) {
    visit(o.divergence, {.name = "divergence",
                         .help = "How two distributions are compared. The paper uses forward_kl.",
                         .choices = catalog::divergences,
                         .advanced = true});
    if (divergence_has(o.divergence, "beta"))
      visit(o.beta, {.name = "beta",
                     .help = "β of β KL(teacher‖m) + (1 − β) KL(student‖m) with m = β teacher + (1 − β) student; 0 is "
                             "KL(teacher‖student), 1 is KL(student‖teacher). As in TRL's and ms-swift's GKD trainers.",
                     .min = 0,
                     .max = 1,
                     .advanced = true});
  }
  if (term_has(o.term, "on"))
    visit(o.on, {.name = "on",
                 .help = "What the relation matrix is made of: the visual tokens' logits (released code) or the last "
                         "hidden states.",
                 .choices = catalog::relation_sources,
                 .advanced = true});
}

/// What a number of the student must be at a stage's end before the next stage begins.
struct LimitOptions {
  std::string measure = "score";
  std::string of = {};
  std::string against = "beginning";
  double limit = 0;
  std::string unmet = "ask";
  bool operator==(const LimitOptions&) const = default;
};

template <class Visitor>
void describe(LimitOptions& o, Visitor& visit) {
  visit(o.measure, {.name = "measure",
                    .help = "The number: an evaluation's score, a term's mean over the probes, or a term's mean over "
                            "the stage's last 20 steps (half of the steps, where it has fewer than 40).",
                    .choices = catalog::gate_measures});
  visit(o.of, {.name = "of",
               .help = "Of a score: the name of the evaluation's file; empty: the first one's. Of a probe or a loss: "
                       "the term; a loss without one is the total.",
               .omit_if_empty = true});
  visit(o.against, {.name = "against",
                    .help = "What the number is compared with. The beginning of a stage is the end of the one before.",
                    .choices = catalog::gate_references});
  visit(o.limit, {.name = "limit",
                  .help = "A score must be at least this, a probe or a loss at most. Against the beginning it is the "
                          "change: in points of a score, in percent of a probe or a loss.",
                  .min = -1e6,
                  .max = 1e6});
  visit(o.unmet,
        {.name = "unmet", .help = "What the run does where the limit isn't met.", .choices = catalog::gate_policies});
}

/// One stage of training. DPT, SFT and DFT are three of these, not three code paths.
struct StageOptions {
  std::string name;
  std::vector<std::string> train = {"connector"};
  std::string data;
  std::string images;
  std::string conversation_template;
  std::vector<TermOptions> terms = {TermOptions{}};
  double epochs = 1;
  int64_t max_steps = 0;
  int64_t batch_size = 256;
  int64_t micro_batch_size = 1;
  double learning_rate = 1e-3;
  std::string schedule = "cosine";
  double warmup_ratio = 0.03;
  double weight_decay = 0;
  double max_grad_norm = 1.0;
  std::string sampler = "random";
  std::vector<LimitOptions> gate;
  bool operator==(const StageOptions&) const = default;
};

template <class Visitor>
void describe(StageOptions& o, Visitor& visit) {
  visit(o.name,
        {.name = "name", .help = "Short name of the stage, used in the schedule, in file names and on charts."});
  visit(o.train,
        {.name = "train", .help = "The parts that learn; the others stay frozen.", .choices = catalog::model_parts});
  visit(o.data, {.name = "data", .help = "LLaVA-style conversation file (JSON list).", .kind = FieldKind::file});
  visit(o.images,
        {.name = "images", .help = "Folder that the file's image paths start from.", .kind = FieldKind::folder});
  visit(o.conversation_template, {.name = "template",
                                  .help = "Prompt format of this stage. Empty: the project's.",
                                  .choices = catalog::conversation_templates,
                                  .omit_if_empty = true,
                                  .optional_text = true});
  visit(o.terms, {.name = "terms", .help = "The terms of the loss and their weights."});
  visit(o.epochs, {.name = "epochs", .help = "Passes over the data.", .min = 0.001, .max = 1000});
  visit(o.max_steps, {.name = "max_steps",
                      .help = "Optimizer steps to stop after, whatever the epochs say. 0: no limit.",
                      .min = 0,
                      .max = 1e9,
                      .unit = "steps",
                      .omit_if_empty = true});
  visit(o.batch_size,
        {.name = "batch_size", .help = "Samples of one optimizer step.", .min = 1, .max = 1048576, .unit = "samples"});
  visit(o.micro_batch_size, {.name = "micro_batch_size",
                             .help = "Samples that go through the models together; the step accumulates micro-batches. "
                                     "Changes memory and speed, not the result.",
                             .min = 1,
                             .max = 65536,
                             .unit = "samples"});
  visit(o.learning_rate, {.name = "learning_rate", .help = "Peak learning rate of AdamW.", .min = 0, .max = 10});
  visit(o.schedule,
        {.name = "schedule", .help = "Shape of the learning rate after the warm-up.", .choices = catalog::schedules});
  visit(o.warmup_ratio, {.name = "warmup_ratio",
                         .help = "Share of the steps over which the learning rate rises from 0.",
                         .min = 0,
                         .max = 1});
  visit(o.weight_decay, {.name = "weight_decay",
                         .help = "Decoupled weight decay of matrices; biases and norms are exempt.",
                         .min = 0,
                         .max = 10,
                         .advanced = true});
  visit(o.max_grad_norm, {.name = "max_grad_norm",
                          .help = "Gradients are scaled down to this norm. 0: no clipping.",
                          .min = 0,
                          .max = 1e6,
                          .advanced = true});
  visit(o.sampler, {.name = "sampler",
                    .help = "Order of the samples: random, or batches of similar length and one modality as the "
                            "released fine-tuning scripts use.",
                    .choices = catalog::samplers,
                    .advanced = true});
  visit(o.gate, {.name = "gate",
                 .help = "What must hold at the stage's end before the run goes on: limits on scores, probes and "
                         "losses.",
                 .omit_if_empty = true});
}

struct TeacherOptions {
  std::string checkpoint;
  bool operator==(const TeacherOptions&) const = default;
};

template <class Visitor>
void describe(TeacherOptions& o, Visitor& visit) {
  visit(o.checkpoint,
        {.name = "checkpoint",
         .help = "Folder of the trained LLaVA-type model that is imitated. Not needed when no stage distils.",
         .kind = FieldKind::folder});
}

/// Either a whole checkpoint or its parts with a fresh connector.
struct StudentOptions {
  std::string checkpoint;
  std::string language_model;
  std::string vision_tower;
  std::string connector;
  int64_t num_queries = 0;
  bool operator==(const StudentOptions&) const = default;
};

template <class Visitor>
void describe(StudentOptions& o, Visitor& visit) {
  visit(o.checkpoint,
        {.name = "checkpoint",
         .help = "Folder of a LLaVA-type model to train further. Leave it empty to build the student from parts.",
         .kind = FieldKind::folder,
         .omit_if_empty = true});
  visit(o.language_model, {.name = "language_model",
                           .help = "Folder of the student's language model, or of a whole model that has it.",
                           .kind = FieldKind::folder,
                           .omit_if_empty = true});
  visit(o.vision_tower, {.name = "vision_tower",
                         .help = "Folder of the student's vision tower, or of a whole model that has it.",
                         .kind = FieldKind::folder,
                         .omit_if_empty = true});
  visit(o.connector, {.name = "connector",
                      .help = "Kind of the fresh connector between the two.",
                      .choices = catalog::connectors,
                      .omit_if_empty = true,
                      .optional_text = true});
  visit(o.num_queries,
        {.name = "num_queries",
         .help = "Visual tokens of a picture behind a fresh qformer or resampler; 0 means 128. A teacher "
                 "must have as many.",
         .min = 0,
         .max = 65536,
         .omit_if_empty = true,
         .advanced = true});
}

struct ImageOptions {
  std::string aspect_ratio = "square";
  bool operator==(const ImageOptions&) const = default;
};

template <class Visitor>
void describe(ImageOptions& o, Visitor& visit) {
  visit(o.aspect_ratio, {.name = "aspect_ratio",
                         .help = "square: resize without keeping the aspect, as the published checkpoints were "
                                 "trained. pad: enlarge to a square first.",
                         .choices = catalog::aspect_ratios});
}

/// A picture and a question that the Inspect page follows through the run.
struct ProbeOptions {
  std::string image;
  std::string question;
  bool operator==(const ProbeOptions&) const = default;
};

template <class Visitor>
void describe(ProbeOptions& o, Visitor& visit) {
  visit(o.image, {.name = "image", .help = "A picture.", .kind = FieldKind::file});
  visit(o.question, {.name = "question", .help = "What is asked about it."});
}

struct EvaluationOptions {
  std::string task{catalog::evaluation_tasks().front().name};
  std::string file;
  std::string images;
  bool operator==(const EvaluationOptions&) const = default;
};

template <class Visitor>
void describe(EvaluationOptions& o, Visitor& visit) {
  visit(o.task, {.name = "task", .help = "How answers are scored.", .choices = catalog::evaluation_tasks});
  visit(o.file, {.name = "file", .help = "Questions with their answers.", .kind = FieldKind::file});
  visit(o.images, {.name = "images",
                   .help = "Folder that the file's image paths start from. Empty: the file's own.",
                   .kind = FieldKind::folder,
                   .omit_if_empty = true});
}

struct RunOptions {
  std::string device = "auto";
  std::string precision = "bf16";
  int64_t seed = 1234;
  int64_t threads = 0;
  int64_t workers = 0;
  std::string activation_checkpointing = "auto";
  std::string vision_cache = "off";
  std::string teacher_cache = "off";
  std::string cache_folder;
  int64_t checkpoint_every = 500;
  int64_t keep_checkpoints = 3;
  int64_t keep_checkpoints_every = 0;
  int64_t keep_best_checkpoints = 0;
  std::string not_a_number = "stop";
  int64_t most_samples_left_out = 10;
  int64_t roll_back_steps = 10;
  double roll_back_rate = 0.5;
  int64_t most_roll_backs = 3;
  bool operator==(const RunOptions&) const = default;
};

template <class Visitor>
void describe(RunOptions& o, Visitor& visit) {
  visit(o.device, {.name = "device",
                   .help = "auto takes an accelerator when there is one, else the CPU.",
                   .choices = catalog::devices});
  visit(o.precision,
        {.name = "precision",
         .help = "Number format of the models' computation. The relation terms and the optimizer always use fp32.",
         .choices = catalog::precisions});
  visit(o.seed, {.name = "seed",
                 .help = "Decides the fresh connector and the order of the data. The same seed gives the same run.",
                 .min = 0,
                 .max = 9007199254740991});
  visit(o.threads, {.name = "threads",
                    .help = "CPU threads of the engine. 0: one a core.",
                    .min = 0,
                    .max = 1024,
                    .advanced = true});
  visit(o.workers, {.name = "workers",
                    .help = "Threads that read and prepare samples ahead of the step. 0: one for two cores, 4 at most. "
                            "Changes speed, not the order.",
                    .min = 0,
                    .max = 256,
                    .omit_if_empty = true,
                    .advanced = true});
  visit(o.activation_checkpointing,
        {.name = "activation_checkpointing",
         .help = "Keep the student's layer inputs only and compute the rest again on the way back: less memory for one "
                 "more forward pass, the same result. auto: where memory doesn't suffice without.",
         .choices = catalog::automatic_switches,
         .advanced = true});
  visit(o.vision_cache, {.name = "vision_cache",
                         .help = "Keep a frozen tower's features of each picture on disk: from the second pass on "
                                 "pictures are neither decoded nor seen again. `llavakd check` tells what that takes.",
                         .choices = catalog::switches,
                         .advanced = true});
  visit(o.teacher_cache,
        {.name = "teacher_cache",
         .help = "Keep the teacher's final hidden states of each sample on disk, exact to the bit: from "
                 "the second pass on only its head runs. `llavakd check` tells what that takes.",
         .choices = catalog::switches,
         .advanced = true});
  visit(o.cache_folder, {.name = "cache_folder",
                         .help = "Where these caches lie; may be shared by projects and deleted at any time. Empty: "
                                 "`cache` next to the project file.",
                         .kind = FieldKind::folder,
                         .omit_if_empty = true,
                         .advanced = true});
  visit(o.checkpoint_every, {.name = "checkpoint_every",
                             .help = "Steps between checkpoints; a stage's end always has one. 0: only there.",
                             .min = 0,
                             .max = 1e9,
                             .unit = "steps"});
  visit(o.keep_checkpoints, {.name = "keep_checkpoints",
                             .help = "Newest checkpoints kept within a stage; the stages' last ones and pinned ones "
                                     "always stay.",
                             .min = 1,
                             .max = 1e6,
                             .advanced = true});
  visit(o.keep_checkpoints_every, {.name = "keep_checkpoints_every",
                                   .help = "Checkpoints at multiples of this many steps of a stage stay as well. 0: "
                                           "none for that.",
                                   .min = 0,
                                   .max = 1e9,
                                   .unit = "steps",
                                   .omit_if_empty = true,
                                   .advanced = true});
  visit(o.keep_best_checkpoints,
        {.name = "keep_best_checkpoints",
         .help = "Within a stage, so many checkpoints of the lowest mean loss since the one before stay as well.",
         .min = 0,
         .max = 1e6,
         .omit_if_empty = true,
         .advanced = true});
  visit(o.not_a_number, {.name = "not_a_number",
                         .help = "What the run does where a loss or a gradient is not a number. Its last checkpoint is "
                                 "good in any case.",
                         .choices = catalog::not_a_number_policies,
                         .omit_if_usual = true,
                         .advanced = true});
  visit(o.most_samples_left_out,
        {.name = "most_samples_left_out",
         .help = "With not_a_number skip_sample: so many samples may be left out in a run; one more ends it.",
         .min = 1,
         .max = 1e9,
         .unit = "samples",
         .omit_if_usual = true,
         .advanced = true});
  visit(o.roll_back_steps,
        {.name = "roll_back_steps",
         .help = "With not_a_number roll_back: the run goes back so many steps at least, to the stage's newest "
                 "checkpoint that is so old, else to where the stage began.",
         .min = 1,
         .max = 1e9,
         .unit = "steps",
         .omit_if_usual = true,
         .advanced = true});
  visit(o.roll_back_rate, {.name = "roll_back_rate",
                           .help = "With not_a_number roll_back: what the learning rate is multiplied with each time, "
                                   "to the end of the stage.",
                           .min = 0.001,
                           .max = 1,
                           .omit_if_usual = true,
                           .advanced = true});
  visit(o.most_roll_backs, {.name = "most_roll_backs",
                            .help = "With not_a_number roll_back: so many times in a stage; one more ends the run.",
                            .min = 1,
                            .max = 1000,
                            .omit_if_usual = true,
                            .advanced = true});
}

/// A whole project file `NAME.kdproj`.
struct Project {
  std::string name;
  std::string notes;
  TeacherOptions teacher;
  StudentOptions student;
  std::string conversation_template = "qwen2_base";
  ImageOptions image;
  int64_t max_length = 2048;
  std::vector<StageOptions> stages;
  std::vector<std::string> schedule;
  std::vector<ProbeOptions> probes;
  int64_t probe_every = 50;
  std::vector<EvaluationOptions> evaluations;
  RunOptions run;
  bool operator==(const Project&) const = default;
};

template <class Visitor>
void describe(Project& o, Visitor& visit) {
  visit(o.name, {.name = "name", .help = "Name of the project."});
  visit(o.notes, {.name = "notes", .help = "Whatever you want to remember about it.", .kind = FieldKind::long_text});
  visit(o.teacher, {.name = "teacher", .help = "The model that is imitated."});
  visit(o.student, {.name = "student", .help = "The model that learns."});
  visit(o.conversation_template, {.name = "template",
                                  .help = "Prompt format of fine-tuning, probes and answers.",
                                  .choices = catalog::conversation_templates});
  visit(o.image, {.name = "image", .help = "How pictures are prepared."});
  visit(o.max_length, {.name = "max_length",
                       .help = "Longest sequence, visual tokens included; what is longer is cut.",
                       .min = 8,
                       .max = 1048576,
                       .unit = "tokens"});
  visit(o.stages, {.name = "stages", .help = "The stages that exist."});
  visit(o.schedule, {.name = "schedule",
                     .help = "Which stages run, in order; a stage may come twice. Absent: all of them.",
                     .omit_if_empty = true});
  visit(o.probes,
        {.name = "probes", .help = "Pictures with questions that the Inspect page follows.", .omit_if_empty = true});
  visit(o.probe_every, {.name = "probe_every",
                        .help = "Steps between two looks at the probes. 0: only at the stages' ends.",
                        .min = 0,
                        .max = 1e9,
                        .unit = "steps"});
  visit(
      o.evaluations,
      {.name = "evaluations", .help = "Question files that are scored at the end of the run.", .omit_if_empty = true});
  visit(o.run, {.name = "run", .help = "Machine and bookkeeping."});
}

}  // namespace llavakd
