// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/question_grid.h"

#include <QPainter>
#include <QStyledItemDelegate>

#include "widgets/pages/failures/outcome_mark.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int cellPictureSide = 96, cellWidth = 132, cellWordLines = 2;

class QuestionPainter : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    const int line = QFontMetrics(theme::font(theme::Size::caption)).height();
    return {cellWidth, cellPictureSide + cellWordLines * line + 3 * theme::gapSmall};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF cell = QRectF(option.rect).adjusted(2, 2, -2, -2);
    const bool chosen = option.state & QStyle::State_Selected;
    if (chosen || option.state & QStyle::State_MouseOver) {
      QColor fill = theme::accent();
      fill.setAlphaF(chosen ? 0.16F : 0.07F);
      painter->setPen(chosen ? QPen(theme::accent(), option.state & QStyle::State_HasFocus ? 2 : 1) : QPen(Qt::NoPen));
      painter->setBrush(fill);
      painter->drawRoundedRect(cell, 6, 6);
    }
    const QRectF place(cell.center().x() - cellPictureSide / 2.0, cell.top() + theme::gapSmall - 2, cellPictureSide,
                       cellPictureSide);
    paintPicture(painter, place, index);
    // On a ground of their own: marks are read on any picture.
    const QRectF ground(place.left(), place.top(), 2 * outcomeMarkSide + 8, outcomeMarkSide + 4);
    painter->setPen(QPen(theme::border(), 1));
    painter->setBrush(theme::card());
    painter->drawRoundedRect(ground, 4, 4);
    paintOutcomeMarks(*painter, ground.topLeft() + QPointF(3, 2), Outcome(index.data(QuestionModel::pairRole).toInt()),
                      painter->device()->devicePixelRatioF());
    paintWords(painter,
               QRectF(cell.left() + 6, place.bottom() + 4, cell.width() - 12, cell.bottom() - place.bottom() - 4),
               index.data(Qt::DisplayRole).toString());
    painter->restore();
  }

 private:
  static void paintPicture(QPainter* painter, const QRectF& place, const QModelIndex& index) {
    const auto picture = index.data(QuestionModel::pictureRole).value<QImage>();
    if (picture.isNull()) return paintHatched(*painter, place, index.data(QuestionModel::faultRole).toString());
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    const QSizeF size = QSizeF(picture.size()).scaled(place.size(), Qt::KeepAspectRatio);
    painter->drawImage(QRectF(place.center() - QPointF(size.width() / 2, size.height() / 2), size), picture);
  }

  static void paintWords(QPainter* painter, const QRectF& area, const QString& words) {
    painter->setFont(theme::font(theme::Size::caption));
    painter->setPen(theme::text());
    const QFontMetrics metrics(painter->font());
    painter->drawText(area, Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                      metrics.elidedText(words.simplified(), Qt::ElideRight, int(area.width() * cellWordLines * 0.9)));
  }
};

}  // namespace

QuestionGrid::QuestionGrid(QuestionModel* model, QWidget* parent) : QListView(parent), m_model(model) {
  setViewMode(IconMode);
  setMovement(Static);
  setResizeMode(Adjust);
  setUniformItemSizes(true);
  setWrapping(true);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFrameShape(NoFrame);
  setMouseTracking(true);
  viewport()->setAutoFillBackground(false);
  setItemDelegate(new QuestionPainter(this));
  setAccessibleName(tr("Questions"));
  connect(model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_resetting = true; });
  setModel(model);
  connect(model, &QAbstractItemModel::modelReset, this, &QuestionGrid::keepCurrent);
}

// The first one takes the place of one that is gone: there is always something to look at.
void QuestionGrid::keepCurrent() {
  const int kept = m_model->rowOf(m_current);
  const int row = kept >= 0 ? kept : m_model->rowCount() > 0 ? 0 : -1;
  m_resetting = false;
  if (kept < 0) m_current = nullptr;
  if (row < 0) {
    Q_EMIT chosen(nullptr);
    return;
  }
  setCurrentIndex(m_model->index(row));
  scrollTo(m_model->index(row));
}

void QuestionGrid::paintEvent(QPaintEvent* event) {
  QListView::paintEvent(event);
  if (m_model->rowCount() > 0) return;
  QPainter painter(viewport());
  painter.setPen(theme::mutedText());
  painter.drawText(viewport()->rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("There is no such question."));
}

void QuestionGrid::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QListView::currentChanged(current, previous);
  if (m_resetting) return;
  const AnsweredTwice* pair = current.isValid() ? m_model->pairAt(current.row()) : nullptr;
  if (pair == m_current) return;
  m_current = pair;
  Q_EMIT chosen(pair);
}

}  // namespace llavakd
