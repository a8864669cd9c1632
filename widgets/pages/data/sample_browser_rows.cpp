// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a browser's rows, and which of them are listed.
#include <mutex>
#include <utility>

#include "widgets/document/conversions.h"
#include "widgets/pages/data/sample_browser.h"

namespace llavakd {

void SampleBrowser::setFilter(Filter filter) {
  if (m_filter == filter) return;
  m_filter = filter;
  findFirstBatch();
  filterRows();
}

void SampleBrowser::addFault(int64_t row, const std::string& reason) {
  m_faults.try_emplace(row, toQString(reason));
}

// Takes what the jobs have found since the last time.
void SampleBrowser::poll() {
  bool more = false;
  if (m_texts) {
    std::vector<std::pair<int64_t, std::string>> faults;
    {
      const std::scoped_lock lock(m_texts->mutex);
      faults.swap(m_texts->faults);
    }
    // A text's reason goes before a picture's, as in a run.
    for (const auto& [sample, reason] : faults)
      m_faults.insert_or_assign(table().rowOfSample(sample), toQString(reason));
    more = !faults.empty() || m_filter == Filter::longer;
  }
  if (m_search) {
    const std::scoped_lock lock(m_search->mutex);
    more = more || !m_search->rows.empty();
    m_found.insert(m_found.end(), m_search->rows.begin(), m_search->rows.end());
    m_search->rows.clear();
  }
  if (more) filterRows();
  if (!m_reading && !m_texts && !m_pictures && !m_search) m_timer.stop();
  Q_EMIT progressed();
}

std::optional<int64_t> SampleBrowser::tokensOf(int64_t row) const {
  const int64_t sample = table().row(row).sample;
  if (sample < 0 || !m_lengths) return std::nullopt;
  const int32_t tokens = m_lengths->tokens[size_t(sample)];
  return tokens > 0 ? std::optional<int64_t>(tokens) : std::nullopt;
}

std::optional<int64_t> SampleBrowser::maxLength() const {
  return m_input ? std::optional(m_input->texts.rules.max_length) : std::nullopt;
}

QString SampleBrowser::faultOf(int64_t row) const {
  if (table().row(row).sample < 0) return table().text(row);
  const auto found = m_faults.find(row);
  return found == m_faults.end() ? QString() : found->second;
}

QStringList SampleBrowser::sameNamesOf(int64_t row) const {
  QStringList names;
  const auto found = m_duplicates.find(row);
  if (found != m_duplicates.end())
    for (const std::string& name : m_pictureScan->duplicates[found->second].names) names << toQString(name);
  return names;
}

bool SampleBrowser::passes(int64_t row) const {
  const SampleTable::Row& entry = table().row(row);
  switch (m_filter) {
    case Filter::all:
      return true;
    case Filter::faults:
      return entry.sample < 0 || m_faults.contains(row);
    case Filter::withPicture:
      return entry.images > 0;
    case Filter::withoutPicture:
      return entry.sample >= 0 && entry.images == 0;
    case Filter::longer:
      return maxLength() && tokensOf(row).value_or(0) > *maxLength();
    case Filter::duplicates:
      return m_duplicates.contains(row);
    case Filter::firstBatch:
      return m_firstBatch.contains(row);
  }
  return true;
}

void SampleBrowser::filterRows() {
  std::vector<int64_t> rows;
  const auto add = [&](int64_t row) {
    if (passes(row)) rows.push_back(row);
  };
  if (m_searched.isEmpty()) {
    for (int64_t row = 0; row < table().size(); ++row) add(row);
  } else {
    for (const int64_t row : m_found) add(row);
  }
  if (rows == m_rows) return;
  m_rows = std::move(rows);
  Q_EMIT rowsChanged();
}

}  // namespace llavakd
