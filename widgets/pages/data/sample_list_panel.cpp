// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_list_panel.h"

#include <QComboBox>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <array>
#include <utility>

#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_list.h"
#include "widgets/run/run_progress.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

QString picturesText(const ImageScan& scan) {
  const QString count = theme::wholeNumber(scan.images);
  const QString pictures = scan.whole ? SampleListPanel::tr("%1 pictures").arg(count)
                                      : SampleListPanel::tr("the first %1 pictures").arg(count);
  if (scan.duplicates.empty()) return pictures;
  return SampleListPanel::tr("%1, %2 under several names")
      .arg(pictures, theme::wholeNumber(qint64(scan.duplicates.size())));
}

}  // namespace

SampleListPanel::SampleListPanel(SampleBrowser* browser, QWidget* parent)
    : QWidget(parent),
      m_browser(browser),
      m_filters(new QComboBox),
      m_search(new QLineEdit),
      m_pictures(new QPushButton),
      m_progress(new QProgressBar),
      m_status(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_list(new SampleListView(browser)),
      m_results(new QStackedWidget),
      m_noneListed(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)) {
  setMinimumWidth(280);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  makeHead(column);
  m_results->addWidget(m_list);
  m_results->addWidget(makeNoneListed());
  column->addWidget(m_results, 1);
  makeFoot(column);
  connectParts();
}

void SampleListPanel::makeHead(QBoxLayout* column) {
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_search->setPlaceholderText(tr("Search in ids and texts (Ctrl+F)"));
  m_search->setAccessibleName(tr("Search in ids and texts"));
  m_search->setClearButtonEnabled(true);
  row->addWidget(m_search, 1);
  using Filter = SampleBrowser::Filter;
  const std::array<std::pair<Filter, QString>, 7> filters{{{Filter::all, tr("All")},
                                                           {Filter::faults, tr("Left out")},
                                                           {Filter::withPicture, tr("With picture")},
                                                           {Filter::withoutPicture, tr("Without picture")},
                                                           {Filter::longer, tr("Longer than max_length")},
                                                           {Filter::duplicates, tr("Duplicate pictures")},
                                                           {Filter::firstBatch, tr("First batch")}}};
  for (const auto& [filter, text] : filters) m_filters->addItem(text, int(filter));
  m_filters->setAccessibleName(tr("Filter"));
  m_filters->setToolTip(
      tr("Which samples are listed. Duplicate pictures are the same bytes under different names; the first batch is "
         "what the first step of a run learns from."));
  row->addWidget(m_filters);
  column->addLayout(row);
}

QWidget* SampleListPanel::makeNoneListed() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setSpacing(theme::gap);
  column->addStretch(2);
  m_noneListed->setObjectName(QStringLiteral("noneListed"));
  m_noneListed->setAlignment(Qt::AlignCenter);
  m_noneListed->setWordWrap(true);
  m_noneListed->setTextFormat(Qt::PlainText);
  column->addWidget(m_noneListed);
  auto* all = new QPushButton(tr("Show &all"));
  all->setObjectName(QStringLiteral("showAllSamples"));
  connect(all, &QPushButton::clicked, this, &SampleListPanel::showAll);
  column->addWidget(all, 0, Qt::AlignCenter);
  column->addStretch(3);
  return page;
}

void SampleListPanel::makeFoot(QBoxLayout* column) {
  auto* foot = new QHBoxLayout;
  foot->setSpacing(theme::gapSmall);
  m_status->setWordWrap(true);
  foot->addWidget(m_status, 1);
  m_progress->setFixedWidth(96);
  m_progress->setTextVisible(false);
  m_progress->setRange(0, 1000);
  QSizePolicy stays = m_progress->sizePolicy();
  stays.setRetainSizeWhenHidden(true);
  m_progress->setSizePolicy(stays);
  foot->addWidget(m_progress);
  m_pictures->setToolTip(tr("Reads every picture once: which can't be used, and which are the same"));
  m_pictures->setText(tr("Check pict&ures"));
  m_pictures->setMinimumWidth(m_pictures->sizeHint().width());  // it becomes "Cancel"
  foot->addWidget(m_pictures);
  column->addLayout(foot);
}

void SampleListPanel::connectParts() {
  connect(m_browser, &SampleBrowser::progressed, this, &SampleListPanel::showStatus);
  connect(m_browser, &SampleBrowser::rowsChanged, this, &SampleListPanel::showStatus);
  connect(m_browser, &SampleBrowser::phaseChanged, this, &SampleListPanel::showStatus);
  connect(m_filters, &QComboBox::currentIndexChanged, this,
          [this] { m_browser->setFilter(SampleBrowser::Filter(m_filters->currentData().toInt())); });
  connect(m_pictures, &QPushButton::clicked, this,
          [this] { m_browser->pictureProgress() ? m_browser->stopPictures() : m_browser->scanPictures(); });
  m_searchTimer.setSingleShot(true);
  m_searchTimer.setInterval(300);
  connect(&m_searchTimer, &QTimer::timeout, this, &SampleListPanel::searchNow);
  connect(m_search, &QLineEdit::textChanged, &m_searchTimer, qOverload<>(&QTimer::start));
  connect(m_search, &QLineEdit::returnPressed, this, [this] {
    searchNow();
    m_list->setFocus();
  });
}

void SampleListPanel::searchNow() {
  m_searchTimer.stop();
  m_browser->search(m_search->text().trimmed());
}

void SampleListPanel::showAll() {
  m_search->clear();
  searchNow();
  m_filters->setCurrentIndex(0);
}

void SampleListPanel::beginSearch() {
  m_search->setFocus();
  m_search->selectAll();
}

QString SampleListPanel::noneListedText() const {
  if (!m_browser->isOpen() || !m_browser->rows().empty() || m_browser->searchProgress()) return {};
  if (const QString typed = m_search->text().trimmed(); !typed.isEmpty())
    return m_filters->currentIndex() == 0
               ? tr("No sample has “%1” in its id or texts.").arg(typed)
               : tr("No sample of “%1” has “%2” in its id or texts.").arg(m_filters->currentText(), typed);
  if (m_filters->currentIndex() == 0) return tr("There are no samples.");
  const bool goesOn = m_browser->pictureProgress() || m_browser->textProgress();
  return goesOn ? tr("No sample of “%1” so far.").arg(m_filters->currentText())
                : tr("No sample of “%1”.").arg(m_filters->currentText());
}

QString SampleListPanel::statusText() const {
  return m_status->text();
}

void SampleListPanel::showStatus() {
  if (m_browser->phase() == SampleBrowser::Phase::reading) return;  // the page says how far that is
  const auto pictures = m_browser->pictureProgress(), texts = m_browser->textProgress(),
             search = m_browser->searchProgress();
  const int64_t all = m_browser->table().size();
  QStringList parts{tr("%1 of %2").arg(theme::wholeNumber(qint64(m_browser->rows().size())), theme::wholeNumber(all)),
                    tr("%1 left out").arg(theme::wholeNumber(m_browser->faultCount()))};
  if (search) parts << tr("searching %1").arg(progressText(*search));
  if (texts) parts << tr("measuring texts %1").arg(progressText(*texts));
  if (pictures) parts << tr("reading pictures %1").arg(progressText(*pictures));
  const ImageScan* scan = m_browser->pictureScan();
  if (scan != nullptr && !pictures) parts << picturesText(*scan);
  if (!m_browser->textError().isEmpty()) parts << m_browser->textError();
  m_status->setText(parts.join(QStringLiteral(" · ")));
  const QString none = noneListedText();
  m_noneListed->setText(none);
  m_results->setCurrentIndex(none.isEmpty() ? 0 : 1);
  const auto shown = pictures ? pictures : search ? search : texts;
  m_progress->setVisible(shown.has_value());
  m_progress->setValue(int(1000 * (shown ? shown->share : 0)));
  m_pictures->setText(pictures ? tr("&Cancel") : tr("Check pict&ures"));
  m_pictures->setEnabled(m_browser->isOpen());
}

QString progressText(const WorkProgress& progress) {
  const QString share = theme::wholeNumber(qRound(100 * progress.share)) + QChar(0x202f) + QLatin1Char('%');
  return progress.secondsLeft ? QStringLiteral("%1, %2").arg(share, timeLeftText(*progress.secondsLeft)) : share;
}

}  // namespace llavakd
