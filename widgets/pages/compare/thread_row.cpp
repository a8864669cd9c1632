// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/thread_row.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/document/thumbnail.h"
#include "widgets/pages/compare/answer_grid.h"
#include "widgets/pages/compare/ask_settings_button.h"
#include "widgets/run/run_summary.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int thumbSide = 56;

// A small picture, or hatching where it is gone.
class Thumb : public QWidget {
 public:
  explicit Thumb(const QString& file) {
    setFixedSize(thumbSide, thumbSide);
    setToolTip(file);
    setAccessibleName(QFileInfo(file).fileName());
    loadThumbnail(file, 2 * thumbSide, this, [this](const QImage& image) {
      m_image = image;
      m_read = true;
      update();
    });
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    if (m_image.isNull()) {
      if (m_read) paintHatched(painter, QRectF(rect()));
      return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    const QSizeF size = QSizeF(m_image.size()).scaled(QSizeF(rect().size()), Qt::KeepAspectRatio);
    painter.drawImage(QRectF(QPointF((width() - size.width()) / 2, 0), size), m_image);
  }

 private:
  QImage m_image;
  bool m_read = false;
};

TextLabel* makeQuestion(const QString& text) {
  auto* label = new TextLabel(text, theme::Size::title);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

}  // namespace

ThreadRow::ThreadRow(const AskedRow& row, QWidget* parent)
    : QWidget(parent),
      m_id(row.id),
      m_column(new QVBoxLayout),
      m_past(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_stop(makeToolButton(QStringLiteral("stop"), tr("Stop"), tr("Ends the answers; what came stays"))),
      m_askOn(makeToolButton(QStringLiteral("arrow-right"), tr("Ask on…"),
                             tr("One more question in the same conversation"))),
      m_followUp(new QLineEdit) {
  auto* whole = new QHBoxLayout(this);
  whole->setContentsMargins(0, theme::gap, 0, theme::gap);
  whole->setSpacing(theme::gap);
  auto* pictures = new QVBoxLayout;
  pictures->setSpacing(theme::gapTiny);
  for (const QString& file : row.pictures) pictures->addWidget(new Thumb(file));
  if (row.pictures.isEmpty()) pictures->addSpacing(0);
  pictures->addStretch(1);
  whole->addLayout(pictures);
  m_column->setSpacing(theme::gapSmall);
  whole->addLayout(m_column, 1);
  m_column->addWidget(makeHead(row));
  m_column->addWidget(makeFoot());
  setRow(row);
}

QWidget* ThreadRow::makeHead(const AskedRow& row) {
  auto* head = new QWidget;
  auto* line = new QHBoxLayout(head);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(theme::gapSmall);
  auto* question = makeQuestion(row.turns.front().question);
  question->setMinimumHeight(m_stop->sizeHint().height());
  line->addWidget(question, 1);
  auto* how = new TextLabel(QStringLiteral("%1 · %2").arg(settingsText(row.settings), runTimeText(row.time)),
                            theme::Size::caption, TextLabel::Tone::muted);
  how->setToolTip(settingsSentence(row.settings));
  how->setMinimumHeight(m_stop->sizeHint().height());  // on one line with the buttons
  line->addWidget(how, 0, Qt::AlignTop);
  m_stop->setObjectName(QStringLiteral("stopRow"));
  QSizePolicy kept = m_stop->sizePolicy();
  kept.setRetainSizeWhenHidden(true);  // the others keep their places
  m_stop->setSizePolicy(kept);
  auto* again = makeToolButton(QStringLiteral("arrow-up"), {}, tr("Take this question and its pictures up again"));
  again->setObjectName(QStringLiteral("again"));
  again->setAccessibleName(tr("Ask again"));
  auto* remove = makeToolButton(QStringLiteral("cross"), {}, tr("Remove this question from the thread"));
  remove->setObjectName(QStringLiteral("removeRow"));
  remove->setAccessibleName(tr("Remove this question"));
  for (QToolButton* button : {m_stop, again, remove}) line->addWidget(button, 0, Qt::AlignTop);
  connect(m_stop, &QToolButton::clicked, this, &ThreadRow::stopAsked);
  connect(again, &QToolButton::clicked, this, &ThreadRow::againAsked);
  connect(remove, &QToolButton::clicked, this, &ThreadRow::removeAsked);
  return head;
}

QWidget* ThreadRow::makeFoot() {
  auto* foot = new QWidget;
  auto* line = new QHBoxLayout(foot);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(theme::gapSmall);
  m_past->setWordWrap(true);
  m_askOn->setObjectName(QStringLiteral("askOn"));
  m_followUp->setObjectName(QStringLiteral("followUp"));
  m_followUp->setPlaceholderText(tr("The next question to the same models"));
  m_followUp->setAccessibleName(tr("The next question"));
  m_followUp->setMaxLength(8192);
  m_followUp->hide();
  line->addWidget(m_askOn);
  line->addWidget(m_followUp, 1);
  line->addWidget(m_past, 1);
  line->addStretch(0);  // Ask on stays at the left while it is alone
  connect(m_askOn, &QToolButton::clicked, this, &ThreadRow::askOn);
  connect(m_followUp, &QLineEdit::returnPressed, this, &ThreadRow::askOn);
  return foot;
}

void ThreadRow::askOn() {
  if (m_followUp->isHidden()) {
    m_followUp->show();
    m_followUp->setFocus();
    m_askOn->setText(tr("Ask on"));
    return;
  }
  const QString question = m_followUp->text().trimmed();
  if (question.isEmpty() || !m_askOn->isEnabled()) return;
  m_followUp->clear();
  Q_EMIT followUpAsked(question);
}

void ThreadRow::addTurn(const AskedRow& row, int turn) {
  auto* answers = new AnswerGrid(row.models);
  const int place = m_column->count() - 1;  // before the foot
  int next = place;
  if (turn > 0) m_column->insertWidget(next++, makeQuestion(row.turns[std::size_t(turn)].question));
  m_column->insertWidget(next++, answers);
  if (const QString& right = row.turns[std::size_t(turn)].reference; !right.isEmpty()) {
    auto* reference = new TextLabel(tr("Right answer: %1").arg(right), theme::Size::caption, TextLabel::Tone::muted);
    reference->setTextFormat(Qt::PlainText);
    reference->setWordWrap(true);
    m_column->insertWidget(next, reference);
  }
  connect(answers, &AnswerGrid::moreAsked, this, &ThreadRow::moreAsked);
  m_turns.push_back({answers});
}

QWidget* ThreadRow::orderFocus(QWidget* before) {
  for (int place = 0; place < m_column->count(); ++place) {
    const QWidget* part = m_column->itemAt(place)->widget();
    if (!part) continue;
    for (auto* each : part->findChildren<QWidget*>()) {
      if (!(each->focusPolicy() & Qt::TabFocus)) continue;
      setTabOrder(before, each);
      before = each;
    }
  }
  return before;
}

void ThreadRow::setRow(const AskedRow& row) {
  const bool grows = m_turns.size() < row.turns.size();
  while (m_turns.size() < row.turns.size()) addTurn(row, int(m_turns.size()));
  if (grows) orderFocus(m_stop);
  const bool waiting = row.isWaiting();
  for (std::size_t turn = 0; turn < row.turns.size(); ++turn) {
    const bool newest = turn + 1 == row.turns.size();
    m_turns[turn].answers->setTurn(row.turns[turn], newest && !waiting && row.past.isEmpty());
  }
  m_stop->setVisible(waiting);
  m_past->setText(row.past);
  m_past->setVisible(!row.past.isEmpty());
  m_askOn->setVisible(row.past.isEmpty());
  m_askOn->setEnabled(!waiting);
  if (!row.past.isEmpty()) m_followUp->hide();
}

AnswerCard* ThreadRow::card(int turn, int model) const {
  return m_turns[std::size_t(turn)].answers->cards()[std::size_t(model)];
}

void ThreadRow::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(theme::border());
  painter.drawLine(0, 0, width(), 0);
}

}  // namespace llavakd
