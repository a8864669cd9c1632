// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_data.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/project/project_file.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"
#include "widgets/document/thumbnail.h"
#include "widgets/forms/option_form.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int thumbnailSide = 48;

QString samplesText(const DataFacts& facts) {
  const auto count = [](int64_t number) {
    return theme::shortCount(double(number));
  };
  if (!facts.error.isEmpty()) return facts.error;
  QString text = facts.withImage == facts.samples
                     ? StageData::tr("%1 samples").arg(count(facts.samples))
                     : StageData::tr("%1 samples, %2 with a picture").arg(count(facts.samples), count(facts.withImage));
  if (facts.leftOut > 0) text += StageData::tr("; %1 can’t be used").arg(count(facts.leftOut));
  return text;
}

}  // namespace

StageData::StageData(ProjectDocument* document, int index, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_index(index),
      m_picture(new TextLabel),
      m_count(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_browse(new QPushButton(tr("Browse samples"), this)),
      m_form(new OptionForm(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gap);
  m_picture->setFixedSize(thumbnailSide, thumbnailSide);
  m_picture->setAlignment(Qt::AlignCenter);
  m_count->setWordWrap(true);
  m_browse->setObjectName(QStringLiteral("browse"));
  m_browse->hide();
  row->addWidget(m_picture);
  row->addWidget(m_count, 1);
  row->addWidget(m_browse);
  column->addLayout(row);
  column->addWidget(m_form);
  m_form->setOnly({QStringLiteral("data"), QStringLiteral("images"), QStringLiteral("template")});
  connect(m_form, &OptionForm::edited, this, &StageData::edited);
  connect(m_browse, &QPushButton::clicked, this, &StageData::browseRequested);
  connect(ProjectCheck::of(document), &ProjectCheck::changed, this, &StageData::showCount);
  connect(ProjectFiles::of(document), &ProjectFiles::changed, this, &StageData::readAgain);
}

// The page makes its cards fewer only after others have heard of the change.
bool StageData::isThere() const {
  return size_t(m_index) < m_document->project().stages.size();
}

void StageData::setBrowsable(bool browsable) {
  m_browse->setVisible(browsable);
}

void StageData::refresh() {
  if (!isThere()) return;
  const StageOptions& stage = m_document->project().stages[size_t(m_index)];
  m_form->setBaseFolder(QFileInfo(m_document->path()).absolutePath());
  m_form->setFields(formFields(stage));
  const QString file = m_document->resolve(stage.data);
  const QString images = toQString(images_folder(toPath(m_document->path()), stage.data, stage.images));
  m_browse->setEnabled(!file.isEmpty());
  m_browse->setAccessibleName(tr("Browse the samples of %1").arg(toQString(stage.name)));
  if (file == m_file && images == m_images && !m_count->text().isEmpty()) return showCount();
  m_file = file;
  m_images = images;
  readAgain();
}

void StageData::readAgain() {
  m_facts.reset();
  const NewestRequest::Ticket reading = m_readings.begin();
  m_picture->setPixmap(theme::iconPixmap(QStringLiteral("picture"), theme::mutedText(), 24, devicePixelRatioF()));
  m_count->setText(m_file.isEmpty() ? tr("No data file yet: choose or drop one.") : tr("Reading…"));
  Q_EMIT factsChanged();
  if (m_file.isEmpty()) return;
  inBackground(
      this, [file = m_file, images = m_images] { return readDataFacts(file, images); },
      reading.only([this, reading](const DataFacts& facts) {
        m_facts = facts;
        showCount();
        Q_EMIT factsChanged();
        if (facts.firstImage.isEmpty()) return;
        const double scale = devicePixelRatioF();
        loadThumbnail(facts.firstImage, int(thumbnailSide * scale), this, reading.only([this, scale](QImage image) {
          if (image.isNull()) return;
          image.setDevicePixelRatio(scale);
          m_picture->setPixmap(QPixmap::fromImage(image));
        }));
      }));
}

// `check` also opens each picture and cuts each sample into tokens: what it finds takes the place of the plain count.
void StageData::showCount() {
  if (!m_facts || !isThere()) return;
  m_count->setText(samplesText(*m_facts));
  m_count->setToolTip(m_facts->firstFault);
  const ProjectCheck* check = ProjectCheck::of(m_document);
  if (check->isRunning()) return;
  const QString name = QStringLiteral("Data of %1").arg(toQString(m_document->project().stages[size_t(m_index)].name));
  for (const ProjectCheck::Item& item : check->result().items) {
    if (item.name != name || item.level == MatchLevel::green) continue;
    constexpr qsizetype most = 120;
    m_count->setText(item.finding.size() > most ? item.finding.left(most) + QStringLiteral("…") : item.finding);
    m_count->setToolTip(item.sentence());
  }
}

}  // namespace llavakd
