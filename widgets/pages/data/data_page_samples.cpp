// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Which sample the Data page shows, and whence it was asked for.
#include <QComboBox>
#include <algorithm>
#include <exception>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_details.h"
#include "widgets/pages/data/sample_list.h"
#include "widgets/pages/data/sample_list_panel.h"
#include "widgets/pages/data/sample_view.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

/// What was found out about one sample, or why nothing.
struct DescribedSample {
  SampleDetails details;
  QString error;
};

DescribedSample describeAt(const Dataset& dataset, int64_t sample, const SampleSet& set, const ModelInputs& inputs) {
  try {
    return {describeSample(set, *dataset.sample(sample), inputs), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

}  // namespace

void DataPage::openStage(const QString& stage) {
  const auto found = std::ranges::find_if(m_setList, [&](const SampleSet& set) {
    return set.kind == SampleSetKind::stage && toQString(set.name) == stage;
  });
  beginReading();
  if (found != m_setList.end()) chooseSet(int(found - m_setList.begin()));
}

void DataPage::openSample(const QString& stage, const QString& id) {
  m_wantedId = id;
  openStage(stage);
  showWanted();
}

void DataPage::openLeftOut(const QString& key) {
  const auto stages = std::ranges::count(m_setList, SampleSetKind::stage, &SampleSet::kind);
  const int number = key.section(u'[', 1).section(u']', 0, 0).toInt();
  const int place = key.startsWith(QStringLiteral("stages")) ? number : int(stages) + number;
  if (place < 0 || place >= int(m_setList.size())) return;
  m_wantsLeftOut = true;
  beginReading();
  chooseSet(place);
  showLeftOut();
}

void DataPage::showLeftOut() {
  if (m_browser->phase() == SampleBrowser::Phase::failed) m_wantsLeftOut = false;
  if (!m_browser->isOpen() || !std::exchange(m_wantsLeftOut, false)) return;
  m_panel->showAll();
  m_panel->filters()->setCurrentIndex(m_panel->filters()->findData(int(SampleBrowser::Filter::faults)));
  if (!m_browser->pictureScan()) m_browser->scanPictures();
  m_choosesLeftOut = true;
  chooseLeftOut();
}

// The first of them, as soon as there is one.
void DataPage::chooseLeftOut() {
  if (m_browser->filter() != SampleBrowser::Filter::faults) m_choosesLeftOut = false;
  if (!m_choosesLeftOut || m_browser->rows().empty()) return;
  m_choosesLeftOut = false;
  list()->showRow(m_browser->rows().front());
}

void DataPage::followRows() {
  const bool none = m_browser->isOpen() && m_browser->rows().empty() && !m_browser->searchProgress();
  if (std::exchange(m_noneListed, none) == none) return;
  if (none) {
    m_describings.cancel();
    m_view->showNothing(tr("No sample is listed."));
  } else if (m_browser->isOpen() && list()->currentRow() >= 0) {
    showRow(list()->currentRow());  // it stays the chosen one
  }
}

void DataPage::showWanted() {
  if (m_wantedId.isEmpty() || !m_browser->isOpen()) return;
  const QString id = std::exchange(m_wantedId, {});
  const int64_t row = m_browser->table().rowOfId(id);
  if (row < 0) {
    m_message->showMessage(InlineMessage::Kind::warning,
                           tr("There is no sample “%1” in %2.").arg(id, toQString(m_browser->set().file)));
    return;
  }
  m_message->dismiss();
  m_panel->showAll();
  list()->showRow(row);
}

void DataPage::showRow(int64_t row) {
  const SampleTable& table = m_browser->table();
  const NewestRequest::Ticket describing = m_describings.begin();
  const int64_t sample = table.row(row).sample;
  const QString where = tr("Line %1").arg(theme::wholeNumber(table.row(row).line));
  if (sample < 0) return m_view->showFault(table.id(row), where, m_browser->faultOf(row));
  auto inputs = m_inputs;
  if (!inputs) {
    auto unknown = std::make_shared<ModelInputs>();
    unknown->studentFault = tr("Reading the models' files…");
    inputs = unknown;
  }
  inBackground(
      this,
      [dataset = m_browser->dataset(), sample, set = m_browser->set(), inputs] {
        return describeAt(*dataset, sample, set, *inputs);
      },
      describing.only([this, row, where](const DescribedSample& described) {
        if (!described.error.isEmpty()) return m_view->showFault(m_browser->table().id(row), where, described.error);
        const auto& reason = described.details.student.tokens.sequence.skipped;
        m_view->showSample(described.details, reason ? toQString(*reason) : m_browser->faultOf(row),
                           m_browser->sameNamesOf(row));
      }));
}

}  // namespace llavakd
