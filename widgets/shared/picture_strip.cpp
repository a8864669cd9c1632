// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/picture_strip.h"

#include <QFileInfo>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/charts/sparkline.h"
#include "widgets/document/background.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int pictureRole = Qt::UserRole, courseRole = Qt::UserRole + 1, currentRole = Qt::UserRole + 2;
constexpr int stripPictureSide = 88, stripCourseHeight = 24, stripThumbnailSide = 192;

class EntryPainter : public QStyledItemDelegate {
 public:
  EntryPainter(Qt::Orientation orientation, QObject* parent)
      : QStyledItemDelegate(parent), m_orientation(orientation) {}

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    const int line = QFontMetrics(theme::font(theme::Size::caption)).height();
    const int course = m_orientation == Qt::Vertical ? stripCourseHeight : 0;
    return {stripPictureSide + 2 * theme::gapSmall + 8,
            stripPictureSide + line + course + (course ? 3 : 2) * theme::gapSmall};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(option.rect).adjusted(2, 2, -2, -2);
    const bool chosen = option.state & QStyle::State_Selected, hovered = option.state & QStyle::State_MouseOver;
    if (chosen || hovered) {
      QColor fill = theme::accent();
      fill.setAlphaF(chosen ? 0.16f : 0.07f);
      painter->setPen(chosen ? QPen(theme::accent(), option.state & QStyle::State_HasFocus ? 2 : 1) : QPen(Qt::NoPen));
      painter->setBrush(fill);
      painter->drawRoundedRect(area, 6, 6);
    }
    const QRectF place(area.center().x() - stripPictureSide / 2.0, area.top() + theme::gapSmall - 2, stripPictureSide,
                       stripPictureSide);
    const auto picture = index.data(pictureRole).value<QImage>();
    if (picture.isNull()) {
      paintHatched(*painter, place, index.data(Qt::WhatsThisRole).toString());
    } else {
      painter->setRenderHint(QPainter::SmoothPixmapTransform);
      const QSizeF size = QSizeF(picture.size()).scaled(place.size(), Qt::KeepAspectRatio);
      painter->drawImage(QRectF(place.center() - QPointF(size.width() / 2, size.height() / 2), size), picture);
    }
    const QFontMetrics metrics(theme::font(theme::Size::caption));
    painter->setFont(theme::font(theme::Size::caption));
    painter->setPen(chosen ? theme::text() : theme::mutedText());
    const QRectF line(area.left() + 6, place.bottom() + 4, area.width() - 12, metrics.height());
    painter->drawText(line, Qt::AlignCenter,
                      metrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, int(line.width())));
    const auto course = index.data(courseRole).value<QList<double>>();
    if (!course.isEmpty())
      paintSparkline(*painter, QRectF(line.left(), line.bottom() + 2, line.width(), stripCourseHeight - 4),
                     std::vector<double>(course.begin(), course.end()),
                     QPen(theme::termColor(probe_curve_term().name), 1.25), index.data(currentRole).toInt());
    painter->restore();
  }

 private:
  Qt::Orientation m_orientation;
};

}  // namespace

PictureStrip::PictureStrip(Qt::Orientation orientation, QWidget* parent) : QListWidget(parent) {
  setItemDelegate(new EntryPainter(orientation, this));
  setFlow(orientation == Qt::Vertical ? QListView::TopToBottom : QListView::LeftToRight);
  setWrapping(false);
  setUniformItemSizes(true);
  setFrameShape(QFrame::NoFrame);
  setMouseTracking(true);
  viewport()->setAutoFillBackground(false);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  const QSize entry = itemDelegate()->sizeHint({}, {});
  if (orientation == Qt::Vertical) {
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFixedWidth(entry.width() + 14);
  } else {
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFixedHeight(entry.height() + 14);
  }
}

void PictureStrip::setEntries(const std::vector<Entry>& entries) {
  const auto same = [](const Entry& a, const Entry& b) {
    return a.file == b.file && a.text == b.text;
  };
  if (std::equal(entries.begin(), entries.end(), m_entries.begin(), m_entries.end(), same)) return;
  m_entries = entries;
  m_readings.begin();
  const int chosen = currentRow();
  clear();
  for (std::size_t row = 0; row < entries.size(); ++row) {
    auto* item = new QListWidgetItem(entries[row].text, this);
    item->setToolTip(entries[row].text + u'\n' + entries[row].file);
    readThumbnail(int(row), entries[row].file);
  }
  if (count() > 0) setCurrentRow(std::clamp(chosen, 0, count() - 1));
}

void PictureStrip::setCourse(int row, std::vector<double> values, int current) {
  if (row < 0 || row >= count()) return;
  const bool known = std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  item(row)->setData(courseRole,
                     QVariant::fromValue(known ? QList<double>(values.begin(), values.end()) : QList<double>()));
  item(row)->setData(currentRole, current);
  const double now = current >= 0 && current < int(values.size()) ? values[std::size_t(current)] : NAN;
  if (std::isfinite(now))
    item(row)->setToolTip(tr("%1\n1 − cosine of the relations now: %2").arg(item(row)->text(), theme::number(now)));
}

void PictureStrip::paintEvent(QPaintEvent* event) {
  QListWidget::paintEvent(event);
  if (count() > 0 || m_emptyText.isEmpty()) return;
  QPainter painter(viewport());
  painter.setPen(theme::mutedText());
  painter.drawText(viewport()->rect(), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, m_emptyText);
}

void PictureStrip::readThumbnail(int row, const QString& file) {
  inBackground(
      this, [file] { return tryPicture(file, stripThumbnailSide); },
      m_readings.newest().only([this, row](const ReadPicture& read) {
        if (row >= count()) return;
        item(row)->setData(pictureRole, read.image);
        if (!read.fault.isEmpty()) {
          item(row)->setData(Qt::WhatsThisRole, tr("no picture"));
          item(row)->setToolTip(read.fault);
        }
      }));
}

}  // namespace llavakd
