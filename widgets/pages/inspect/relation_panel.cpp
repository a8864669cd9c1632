// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/relation_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QGridLayout>
#include <QResizeEvent>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/charts/colour_bar.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/inspect/disagreement_list.h"
#include "widgets/pages/inspect/map_export.h"
#include "widgets/pages/inspect/pair_numbers.h"
#include "widgets/pages/inspect/patch_view.h"
#include "widgets/pages/inspect/relation_map.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int startOpacity = 65, leastPicturesWidth = 120, mostPicturesWidth = 480;

}  // namespace

RelationPanel::RelationPanel(QWidget* parent) : QWidget(parent) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gap);
  // A picture is about as large as a map.
  layout->addWidget(makeMaps(), 3);
  layout->addWidget(makePictures(), 1);
  setNothing({});
}

QWidget* RelationPanel::makeMaps() {
  auto* column = new QWidget;
  m_centre = new QVBoxLayout(column);
  m_centre->setContentsMargins(0, 0, 0, 0);
  m_centre->setSpacing(theme::gap);
  column->installEventFilter(this);
  auto* grid = m_mapGrid = new QGridLayout;
  grid->setHorizontalSpacing(theme::gap);
  grid->setVerticalSpacing(theme::gap);
  const theme::Who who[] = {theme::Who::teacher, theme::Who::student, theme::Who::none};
  for (int i = 0; i < 3; ++i) {
    const QString title = relationTitle(Relation(i));
    auto* card = new Card(who[i]);
    card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapSmall);
    card->body()->addWidget(new ElidedLabel(title, theme::Size::body, Qt::ElideRight));
    m_maps[i] = new RelationMap(tr("Relations of the visual tokens: %1").arg(title));
    card->body()->addWidget(m_maps[i]);
    grid->addWidget(card, 0, i);
    grid->setColumnStretch(i, 1);
    connect(m_maps[i], &RelationMap::chosen, this, &RelationPanel::chooseToken);
    connect(m_maps[i], &RelationMap::hovered, this, &RelationPanel::hover);
    connect(m_maps[i], &RelationMap::moveAsked, this, &RelationPanel::moveChosen);
    addExportActions(m_maps[i], [this, i] { return mapsToExport({Relation(i)}); });
  }
  m_bar = new ColourBar;
  m_differenceBar = new ColourBar;
  const QString why =
      tr("Each matrix is divided by its Frobenius norm and multiplied by the number of visual tokens, so "
         "that 1 is its typical relation. %1 doesn't change by that. The colours hold for all steps of "
         "the run; values beyond the ends take the end's colour.")
          .arg(toQString(probe_curve_term().label));
  m_bar->setToolTip(why);
  m_differenceBar->setToolTip(why);
  for (auto* bar : {m_bar, m_differenceBar}) {
    QSizePolicy keep = bar->sizePolicy();
    keep.setRetainSizeWhenHidden(true);  // nothing jumps when a look arrives
    bar->setSizePolicy(keep);
  }
  grid->addWidget(m_bar, 1, 0, 1, 2);
  grid->addWidget(m_differenceBar, 1, 2);
  m_centre->addLayout(grid);
  return column;
}

// The three maps are of one size to the pixel: what doesn't divide by three stays free on the right.
bool RelationPanel::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize)
    m_mapGrid->setContentsMargins(0, 0, (static_cast<QResizeEvent*>(event)->size().width() - 2 * theme::gap) % 3, 0);
  return QWidget::eventFilter(watched, event);
}

QWidget* RelationPanel::makePictures() {
  auto* column = new QWidget;
  column->setMinimumWidth(leastPicturesWidth);
  column->setMaximumWidth(mostPicturesWidth);
  auto* layout = new QVBoxLayout(column);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gapSmall);
  const theme::Who who[] = {theme::Who::teacher, theme::Who::student};
  for (int i = 0; i < 2; ++i) {
    auto* card = new Card(who[i]);
    card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapSmall);
    const QString title = relationTitle(Relation(i));
    card->body()->addWidget(new ElidedLabel(title, theme::Size::body, Qt::ElideRight));
    m_pictures[i] = new PatchView(tr("Picture with the chosen patch's relations: %1").arg(title));
    m_pictures[i]->setOpacity(startOpacity / 100.0);
    card->body()->addWidget(m_pictures[i]);
    layout->addWidget(card);
    connect(m_pictures[i], &PatchView::chosen, this, [this](int row, int column_) {
      if (m_look) chooseToken(m_look->probe.tokenOfPatch(row, column_));
    });
    connect(m_pictures[i], &PatchView::hovered, this,
            [this](int row, int column_) { hover(-1, m_look ? m_look->probe.tokenOfPatch(row, column_) : -1); });
    connect(m_pictures[i], &PatchView::moveAsked, this, &RelationPanel::moveChosen);
    addExportActions(m_pictures[i], [this] { return picturesToExport(); });
  }
  layout->addLayout(makePictureControls());
  m_numbers = new PairNumbers;
  layout->addWidget(m_numbers);
  layout->addWidget(new TextLabel(DisagreementList::title(), theme::Size::caption, TextLabel::Tone::muted));
  m_disagreements = new DisagreementList;
  layout->addWidget(m_disagreements, 1);
  connect(m_disagreements, &DisagreementList::pairChosen, this, &RelationPanel::choosePair);
  return column;
}

QLayout* RelationPanel::makePictureControls() {
  m_opacity = new QSlider(Qt::Horizontal);
  m_opacity->setObjectName(QStringLiteral("opacity"));
  m_opacity->setRange(0, 100);
  m_opacity->setValue(startOpacity);
  m_opacity->setToolTip(tr("How much the relations cover the picture"));
  m_opacity->setAccessibleName(tr("Opacity of the relations"));
  m_grid = new QCheckBox(tr("Grid"));
  m_grid->setToolTip(tr("Show the patches' borders"));
  connect(m_opacity, &QSlider::valueChanged, this, [this](int percent) {
    for (auto* picture : m_pictures) picture->setOpacity(percent / 100.0);
  });
  connect(m_grid, &QCheckBox::toggled, this, [this](bool on) {
    for (auto* picture : m_pictures) picture->setGridVisible(on);
  });
  m_opacity->setMinimumWidth(2 * theme::gapHuge);
  auto* opacity = new QWidget;
  auto* named = new QHBoxLayout(opacity);
  named->setContentsMargins(0, 0, 0, 0);
  named->addWidget(new TextLabel(tr("Opacity"), theme::Size::caption, TextLabel::Tone::muted));
  named->addWidget(m_opacity, 1);
  auto* controls = new FlowLayout;  // in a narrow window they are under one another
  controls->addWidget(opacity);
  controls->addWidget(m_grid);
  return controls;
}

void RelationPanel::setFoot(QWidget* foot) {
  m_centre->addWidget(foot, 1);
}

void RelationPanel::setLook(std::shared_ptr<const ProbeLook> look) {
  m_look = std::move(look);
  const auto& probe = m_look->probe;
  const QString none = tr("No teacher took part in this stage");
  m_maps[0]->setMap(m_look->teacherMap, none);
  m_maps[1]->setMap(m_look->studentMap);
  m_maps[2]->setMap(m_look->differenceMap, none);
  m_bar->setScale(m_look->relations, relationCaption(*m_look));
  m_bar->show();
  m_differenceBar->setVisible(!probe.difference.isEmpty());
  m_differenceBar->setScale(m_look->differences, tr("difference of the two"));
  for (auto* map : m_maps)
    for (QAction* action : map->actions()) action->setEnabled(map->hasMap());
  for (auto* picture : m_pictures) picture->setGrid(probe.rows, probe.columns, probe.firstPatch);
  if (m_token < 0 || m_token >= probe.tokens()) {
    const int middle = probe.tokenOfPatch(probe.rows / 2, probe.columns / 2);
    m_token = middle >= 0 ? middle : 0;
  }
  m_disagreements->setPairs(probe, m_look->worst);
  showChosen();
}

void RelationPanel::setNothing(const QString& why) {
  m_look.reset();
  m_bar->hide();
  m_differenceBar->hide();
  for (auto* map : m_maps) map->setMap({}, why);
  for (auto* picture : m_pictures) {
    picture->setRelations({}, {});
    picture->setChosenPatch(-1, -1);
    picture->setHoveredPatch(-1, -1);
  }
  m_disagreements->setNothing();
  showNumbers();
}

void RelationPanel::setPicture(const QImage& picture, bool padded, const QString& why) {
  for (auto* view : m_pictures) view->setPicture(picture, padded, why);
}

void RelationPanel::chooseToken(int token) {
  if (!m_look || token < 0 || token >= m_look->probe.tokens()) return;
  m_token = token;
  m_hoveredRow = -1;  // the pointer's cell was in the row that was chosen before
  showChosen();
}

void RelationPanel::choosePair(int first, int second) {
  chooseToken(first);
  hover(-1, second);
}

void RelationPanel::moveChosen(int rows, int columns) {
  if (!m_look || m_token < 0) return;
  hover(-1, -1);  // the keys have left the place where the pointer rests
  const auto& probe = m_look->probe;
  const int patch = probe.patchOfToken(m_token);
  // From a token without a place the keys go through the tokens' order.
  if (patch < 0) return chooseToken(m_token + rows + columns);
  const int next = probe.tokenOfPatch(patch / probe.columns + rows, patch % probe.columns + columns);
  if (next >= 0) chooseToken(next + m_token % probe.tokensPerPatch);
}

void RelationPanel::hover(int row, int column) {
  m_hoveredRow = column < 0 ? -1 : row;
  m_hoveredColumn = column;
  showHovered();
  showNumbers();
}

// The pair that the numbers are of: the row under the pointer on a map, else the chosen one.
QPoint RelationPanel::shownPair() const {
  return {m_hoveredColumn >= 0 ? m_hoveredColumn : m_token, m_hoveredRow >= 0 ? m_hoveredRow : m_token};
}

void RelationPanel::showHovered() {
  const bool hovered = m_look && m_hoveredColumn >= 0;
  const QPoint pair = hovered ? shownPair() : QPoint(-1, -1);
  for (auto* map : m_maps) map->setHovered(pair.y(), pair.x());
  const QPoint place = hovered ? placeOf(m_look->probe, m_hoveredColumn) : QPoint(-1, -1);
  for (auto* picture : m_pictures) picture->setHoveredPatch(place.y(), place.x());
}

void RelationPanel::showChosen() {
  const auto& probe = m_look->probe;
  for (auto* map : m_maps) map->setChosen(m_token);
  const QPoint chosen = placeOf(probe, m_token);
  const RelationMatrix* matrices[] = {&probe.teacher, &probe.student};
  for (int i = 0; i < 2; ++i) {
    std::vector<float> row;
    if (!matrices[i]->isEmpty())
      row.assign(matrices[i]->values.begin() + std::ptrdiff_t(m_token) * matrices[i]->n,
                 matrices[i]->values.begin() + std::ptrdiff_t(m_token + 1) * matrices[i]->n);
    m_pictures[i]->setRelations(probe.overPatches(row), m_look->relations, tr("No teacher took part in this stage"));
    m_pictures[i]->setChosenPatch(chosen.y(), chosen.x());
  }
  showHovered();
  showNumbers();
}

void RelationPanel::showNumbers() {
  if (!m_look || m_token < 0) return m_numbers->clear();
  const int row = shownPair().y(), column = shownPair().x(), tokens = m_look->probe.tokens();
  if (row < tokens && column < tokens)
    m_numbers->setPair(m_look->probe, row, column);
  else
    m_numbers->clear();
}

QString RelationPanel::numbersText() const {
  return m_numbers->text();
}

}  // namespace llavakd
