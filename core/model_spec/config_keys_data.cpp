// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/config_keys.h"

namespace llavakd {
namespace {

using enum KeyFate;

constexpr KeyPlace entry = KeyPlace::data_entry, turn = KeyPlace::data_turn;
constexpr const char* source = "where the entry comes from";
constexpr const char* picture = "what its picture is like; the file itself is read";
constexpr const char* video = "it is about a video; only pictures and texts can be learnt from";
constexpr const char* sound = "it is about a sound; only pictures and texts can be learnt from";

// A refused key leaves its entry out.
constexpr ConfigKey rows[] = {
    {entry, "id", read, "a text or a number; names the entry in messages"},
    {entry, "image", read, "a picture's name, or a list of them"},
    {entry, "images", read, "another name of \"image\""},
    {entry, "conversations", read, "the turns"},
    {entry, "template", read, "in place of the stage's"},
    {entry, "type", read, "by which answers are counted"},
    {entry, "video", refused, video},
    {entry, "videos", refused, video},
    {entry, "audio", refused, sound},
    {entry, "audios", refused, sound},
    {entry, "sound", refused, sound},
    {entry, "messages", refused,
     "its turns stand under \"messages\"; they are read from \"conversations\", with \"from\" (human, gpt) and "
     "\"value\""},
    {entry, "system", warned, "a system sentence of its own; the template's is taken"},
    {entry, "tools", warned, "functions that may be called"},
    {entry, "bbox", warned, "a part of the picture; the whole is taken"},
    {entry, "model", no_effect, source},
    {entry, "source", no_effect, source},
    {entry, "dataset", no_effect, source},
    {entry, "dataset_name", no_effect, source},
    {entry, "data_source", no_effect, source},
    {entry, "split", no_effect, source},
    {entry, "task", no_effect, source},
    {entry, "category", no_effect, source},
    {entry, "url", no_effect, source},
    {entry, "coco_url", no_effect, source},
    {entry, "license", no_effect, source},
    {entry, "author", no_effect, source},
    {entry, "date", no_effect, source},
    {entry, "meta", no_effect, source},
    {entry, "metadata", no_effect, source},
    {entry, "lang", no_effect, "the texts' language"},
    {entry, "language", no_effect, "the texts' language"},
    {entry, "width", no_effect, picture},
    {entry, "height", no_effect, picture},
    {entry, "image_size", no_effect, picture},
    {entry, "question_id", no_effect, "another number of the entry"},
    {entry, "image_id", no_effect, "a number of the picture; \"image\" names the file"},
    {entry, "idx", no_effect, "another number of the entry"},
    {entry, "index", no_effect, "another number of the entry"},
    {entry, "hash", no_effect, "another number of the entry"},
    {turn, "from", read, "human or gpt; a first turn from another is dropped, which is said"},
    {turn, "value", read, "the text"},
    {turn, "weight", warned, "how much the turn counts; all answers count alike"},
    {turn, "loss", warned, "whether the turn is learnt; all answers are"},
    {turn, "train", warned, "whether the turn is learnt; all answers are"},
};

}  // namespace

std::span<const ConfigKey> data_file_keys() {
  return rows;
}

}  // namespace llavakd
