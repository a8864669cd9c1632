// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/probe_strip.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QPainter>
#include <QShortcut>
#include <QVBoxLayout>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"
#include "widgets/document/thumbnail.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr int side = 96;

constexpr qsizetype faultsNamed = 5;

QStringList filesOf(const QMimeData* data) {
  QStringList files;
  for (const QUrl& url : data->urls())
    if (url.isLocalFile()) files << url.toLocalFile();
  return files;
}

// All items are equally large, so that nothing jumps when the pictures arrive.
QPixmap framed(const QImage& image, double scale, bool broken = false) {
  QPixmap pixmap(QSize(side, side) * scale);
  pixmap.setDevicePixelRatio(scale);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (image.isNull()) {
    painter.setPen(QPen(broken ? theme::stateColor(theme::State::failed) : theme::border(), 1, Qt::DashLine));
    painter.drawRect(QRectF(0.5, 0.5, side - 1, side - 1));
    painter.drawPixmap(
        QPointF(side / 2 - 10, side / 2 - 10),
        broken ? theme::iconPixmap(QStringLiteral("warning"), theme::stateColor(theme::State::failed), 20, scale)
               : theme::iconPixmap(QStringLiteral("picture"), theme::mutedText(), 20, scale));
  } else {
    const QSizeF size = QSizeF(image.size()).scaled(side, side, Qt::KeepAspectRatio);
    painter.drawImage(QRectF(QPointF((side - size.width()) / 2, (side - size.height()) / 2), size), image);
  }
  return pixmap;
}

// Tab brings all of it into sight, and not the first picture's rectangle alone.
class ProbeList : public QListWidget {
 public:
  using QListWidget::QListWidget;
  QVariant inputMethodQuery(Qt::InputMethodQuery query) const override { return QWidget::inputMethodQuery(query); }
};

}  // namespace

ProbeStrip::ProbeStrip(ProjectDocument* document, QWidget* parent)
    : Card(theme::Who::none, parent), m_document(document) {
  setAcceptDrops(true);
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(tr("Probe pictures"), theme::Size::title));
  head->addWidget(
      new TextLabel(tr("The Inspect page follows them through the run."), theme::Size::body, TextLabel::Tone::muted));
  head->addStretch();
  m_remove =
      makeToolButton(QStringLiteral("cross"), tr("Remove"), tr("Remove the selected pictures from the project"), this);
  auto* add = makeToolButton(QStringLiteral("new"), tr("Add…"), tr("Add pictures"), this);
  head->addWidget(m_remove);
  head->addWidget(add);
  body()->addLayout(head);
  m_message = new InlineMessage(this);
  body()->addWidget(m_message);
  m_empty = new TextLabel(tr("Drop pictures here to add them."), theme::Size::body, TextLabel::Tone::muted);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setMinimumHeight(72);
  body()->addWidget(m_empty);
  m_list = new ProbeList(this);
  m_list->setViewMode(QListView::IconMode);
  m_list->setFlow(QListView::LeftToRight);
  m_list->setWrapping(false);
  m_list->setMovement(QListView::Static);
  m_list->setUniformItemSizes(true);
  m_list->setIconSize({side, side});
  m_list->setGridSize({side + 32, side + 24});
  m_list->setFixedHeight(side + 36);
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setTextElideMode(Qt::ElideRight);
  m_list->setWordWrap(false);
  m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_list->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setAcceptDrops(false);  // the card takes them
  m_list->setAccessibleName(tr("Probe pictures"));
  body()->addWidget(m_list);
  connect(add, &QToolButton::clicked, this, [this] {
    this->add(QFileDialog::getOpenFileNames(window(), tr("Add probe pictures"),
                                            QFileInfo(m_document->path()).absolutePath(), pictureFilter()));
  });
  connect(m_remove, &QToolButton::clicked, this, &ProbeStrip::removeSelected);
  m_list->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
  connect(m_list, &QListWidget::itemChanged, this, &ProbeStrip::takeQuestion);
  auto* rename = new QShortcut(QKeySequence(Qt::Key_Return), m_list);
  rename->setContext(Qt::WidgetShortcut);
  connect(rename, &QShortcut::activated, this, [this] {
    if (m_list->currentItem()) m_list->editItem(m_list->currentItem());
  });
  connect(m_list, &QListWidget::itemSelectionChanged, this,
          [this] { m_remove->setEnabled(!m_list->selectedItems().isEmpty()); });
  auto* remove = new QShortcut(QKeySequence::Delete, m_list);
  remove->setContext(Qt::WidgetShortcut);
  connect(remove, &QShortcut::activated, this, &ProbeStrip::removeSelected);
  connect(document, &ProjectDocument::changed, this, [this] { refresh(); });
  connect(ProjectFiles::of(document), &ProjectFiles::changed, this, [this] { refresh(true); });
  refresh();
}

void ProbeStrip::refresh(bool again) {
  const auto& probes = m_document->project().probes;
  m_empty->setVisible(probes.empty());
  m_list->setVisible(!probes.empty());
  m_remove->setVisible(!probes.empty());
  if (!again && probes == m_shown && m_document->path() == m_shownPath) return;
  m_shown = probes;
  m_shownPath = m_document->path();
  const NewestRequest::Ticket reading = m_readings.begin();
  m_list->clear();
  const double scale = devicePixelRatioF();
  int index = 0;
  for (const ProbeOptions& probe : probes) {
    auto* item = new QListWidgetItem(QIcon(framed({}, scale)), toQString(probe.question), m_list);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    const QString file = m_document->resolve(probe.image);
    item->setToolTip(
        QStringLiteral("<p>%1</p><p>%2</p>").arg(toQString(probe.question).toHtmlEscaped(), file.toHtmlEscaped()));
    inBackground(
        this, [file, longest = int(side * scale)] { return tryPicture(file, longest); },
        reading.only([this, index](const ReadPicture& read) { showPicture(index, read.image, read.fault); }));
    ++index;
  }
  m_remove->setEnabled(false);
}

void ProbeStrip::showPicture(int index, const QImage& image, const QString& fault) {
  QListWidgetItem* item = m_list->item(index);
  if (!item) return;
  item->setIcon(QIcon(framed(image, devicePixelRatioF(), !fault.isEmpty())));
  if (fault.isEmpty()) return;
  item->setToolTip(QStringLiteral("<p>%1</p>").arg(fault.toHtmlEscaped()));
  item->setData(Qt::AccessibleDescriptionRole, fault);
}

void ProbeStrip::add(const QStringList& files) {
  m_message->dismiss();
  if (files.isEmpty()) return;
  const auto read = [files] {
    std::pair<QStringList, QStringList> result;
    for (const QString& file : files)
      if (const ReadPicture picture = tryPicture(file, side); picture.fault.isEmpty())
        result.first << file;
      else
        result.second << picture.fault;
    return result;
  };
  inBackground(this, read, [this, path = m_document->path()](const std::pair<QStringList, QStringList>& result) {
    if (path == m_document->path()) append(result.first, result.second);
  });
}

void ProbeStrip::append(const QStringList& files, const QStringList& faults) {
  if (!faults.isEmpty()) {
    QStringList named = faults.mid(0, faultsNamed);
    if (faults.size() > faultsNamed) named << tr("… and %1 more.").arg(theme::wholeNumber(faults.size() - faultsNamed));
    m_message->showMessage(InlineMessage::Kind::error, tr("Not added. %1").arg(named.join(QLatin1Char(' '))));
  }
  if (files.isEmpty()) return;
  m_document->edit(tr("add probe pictures"), [&](Project& project) {
    const std::string question = project.probes.empty() ? "What is in the picture?" : project.probes.back().question;
    for (const QString& file : files) project.probes.push_back({m_document->relative(file), question});
  });
}

void ProbeStrip::removeSelected() {
  std::vector<int> rows;
  for (const QListWidgetItem* item : m_list->selectedItems()) rows.push_back(m_list->row(item));
  std::sort(rows.rbegin(), rows.rend());
  m_document->edit(tr("remove probe pictures"), [&](Project& project) {
    for (const int row : rows)
      if (size_t(row) < project.probes.size()) project.probes.erase(project.probes.begin() + row);
  });
}

void ProbeStrip::takeQuestion(QListWidgetItem* item) {
  const auto row = size_t(m_list->row(item));
  const std::string question = item->text().toStdString();
  if (row >= m_shown.size() || m_shown[row].question == question) return;  // its picture came
  // The list is as the project will be: it isn't made again under the editor.
  m_shown[row].question = question;
  m_document->edit(tr("change a probe's question"), [&](Project& project) {
    if (row < project.probes.size()) project.probes[row].question = question;
  });
}

void ProbeStrip::dragEnterEvent(QDragEnterEvent* event) {
  if (!m_document->isOpen() || filesOf(event->mimeData()).isEmpty()) return;
  setHighlighted(true);
  event->acceptProposedAction();
}

void ProbeStrip::dragLeaveEvent(QDragLeaveEvent*) {
  setHighlighted(false);
}

void ProbeStrip::dropEvent(QDropEvent* event) {
  setHighlighted(false);
  add(filesOf(event->mimeData()));
}

}  // namespace llavakd
