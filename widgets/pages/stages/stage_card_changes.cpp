// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What is changed of a stage by its card's head and terms, and by dragging the card.
#include <QApplication>
#include <QDrag>
#include <QMimeData>
#include <QMouseEvent>
#include <algorithm>

#include "core/project/catalog.h"
#include "core/project/stage_list.h"
#include "core/project/stage_terms.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_head.h"

namespace llavakd {

void StageCard::rename(const QString& name) {
  const std::string wanted = name.trimmed().toStdString();
  const std::string fault = stage_name_fault(m_document->project(), size_t(m_index), wanted);
  if (fault.empty())
    m_document->edit(tr("rename %1").arg(toQString(stage().name)),
                     [&](Project& project) { rename_stage(project, size_t(m_index), wanted); });
  m_head->restoreName();
  if (!fault.empty()) Q_EMIT nameRefused(toQString(fault));
}

void StageCard::setScheduled(bool on) {
  const std::string name = stage().name;
  m_document->edit(on ? tr("run %1").arg(toQString(name)) : tr("leave out %1").arg(toQString(name)),
                   [&](Project& project) { schedule_stage(project, name, on); });
  refresh();
}

// A press on the card's ground, which no field takes, may begin to move it.
void StageCard::mousePressEvent(QMouseEvent* event) {
  m_pressed = event->button() == Qt::LeftButton ? event->position().toPoint() : QPoint();
}

void StageCard::mouseMoveEvent(QMouseEvent* event) {
  const bool dragged = (event->position().toPoint() - m_pressed).manhattanLength() >= QApplication::startDragDistance();
  if (!(event->buttons() & Qt::LeftButton) || m_pressed.isNull() || !dragged) return;
  auto* drag = new QDrag(this);
  auto* data = new QMimeData;
  data->setData(QString::fromLatin1(stageDragKind), QByteArray::number(m_index));
  drag->setMimeData(data);
  const QPixmap picture = grab(QRect(0, 0, width(), m_head->geometry().bottom() + theme::cardPadding));
  drag->setPixmap(picture);
  drag->setHotSpot(m_pressed);
  m_pressed = {};
  drag->exec(Qt::MoveAction);
}

void StageCard::switchTerm(const std::string& term, bool on, double weight) {
  if (const auto own = std::ranges::find(stage().terms, term, &TermOptions::term); !on && own != stage().terms.end())
    m_switchedOff[term] = *own;
  edit(on ? tr("switch on %1").arg(toQString(term)) : tr("switch off %1").arg(toQString(term)),
       [&](StageOptions& options) {
         std::vector<TermOptions> terms;
         for (const CatalogEntry& entry : catalog::terms()) {
           const auto found = std::find_if(options.terms.begin(), options.terms.end(),
                                           [&](const TermOptions& t) { return t.term == entry.name; });
           if (entry.name == term) {
             if (!on) continue;
             // With the options that it had when it was switched off.
             TermOptions again = m_switchedOff.contains(term) ? m_switchedOff.at(term) : TermOptions{.term = term};
             again.weight = weight;
             terms.push_back(std::move(again));
           } else if (found != options.terms.end()) {
             terms.push_back(*found);
           }
         }
         options.terms = terms;
       });
}

}  // namespace llavakd
