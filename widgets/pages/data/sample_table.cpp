// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_table.h"

#include <algorithm>

#include "core/text/conversation.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

constexpr size_t longestId = 1000, longestText = 100, longestReason = 400;

/// At most so many bytes, cut between two characters.
std::string_view shortened(std::string_view text, size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return text.substr(0, longest);
}

/// The beginning of the first question on one line, without its placeholders.
std::string beginningOf(const Sample& sample) {
  const auto question = std::ranges::find(sample.turns, Speaker::human, &Turn::speaker);
  if (question == sample.turns.end()) return {};
  std::string text(shortened(question->text, 8 * longestText));
  for (size_t at = text.find(image_placeholder); at != std::string::npos; at = text.find(image_placeholder, at))
    text.erase(at, image_placeholder.size());
  std::ranges::replace_if(
      text, [](char c) { return c >= 0 && c < ' '; }, ' ');
  text.erase(0, std::min(text.size(), text.find_first_not_of(' ')));
  return std::string(shortened(text, longestText));
}

}  // namespace

void SampleTable::store(const Row& row, std::string_view id, std::string_view text) {
  m_rows.push_back({row, m_texts.size(), uint32_t(id.size()), uint32_t(text.size())});
  m_texts.append(id).append(text);
}

void SampleTable::add(const Sample& sample) {
  const auto place = int64_t(m_sampleRows.size());
  m_sampleRows.push_back(size());
  store({place, sample.line, int32_t(sample.turns.size()), int32_t(sample.images.size())},
        shortened(sample.id, longestId), beginningOf(sample));
}

void SampleTable::add(const DataFault& fault) {
  store({.sample = -1, .line = fault.line}, shortened(fault.id, longestId), shortened(fault.reason, longestReason));
}

std::string_view SampleTable::idBytes(int64_t row) const {
  const StoredRow& stored = m_rows[size_t(row)];
  return std::string_view(m_texts).substr(stored.begin, stored.idBytes);
}

QString SampleTable::id(int64_t row) const {
  return toQString(idBytes(row));
}

QString SampleTable::text(int64_t row) const {
  const StoredRow& stored = m_rows[size_t(row)];
  return toQString(std::string_view(m_texts).substr(stored.begin + stored.idBytes, stored.textBytes));
}

int64_t SampleTable::rowOfId(const QString& id) const {
  const std::string wanted = id.toStdString();
  for (int64_t row = 0; row < size(); ++row)
    if (idBytes(row) == wanted) return row;
  return -1;
}

}  // namespace llavakd
