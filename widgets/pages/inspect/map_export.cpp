// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/map_export.h"

#include <QCoreApplication>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/charts/colour_bar.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/inspect/patch_view.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double exportedMapSide = 1000;  // pixels at least: some programs blur what they enlarge

QString mapText(const char* text) {
  return QCoreApplication::translate("MapExport", text);
}

const RelationMatrix& matrixOf(const ProbeLook& look, Relation relation) {
  if (relation == Relation::difference) return look.probe.difference;
  return relation == Relation::teacher ? look.probe.teacher : look.probe.student;
}

// The scale in the theme of the moment: its middle is the ground.
ColourScale scaleOf(const ProbeLook& look, Relation relation) {
  if (relation != Relation::difference) return look.relations;
  ColourScale scale = look.differences;
  const QColor centre = theme::noDifference();
  scale.centre = {uint8_t(centre.red()), uint8_t(centre.green()), uint8_t(centre.blue())};
  return scale;
}

const char* columnOf(Relation relation) {
  if (relation == Relation::difference) return "student_minus_teacher";
  return relation == Relation::teacher ? "teacher" : "student";
}

// Squares side by side with their titles above; the area under them is what is left for bars.
struct Squares {
  std::vector<QRect> places;
  int barTop = 0;

  Squares(int count, const QSize& size) {
    const int title = QFontMetrics(theme::font(theme::Size::body)).height() + theme::gapTiny;
    const int wide = (size.width() - 2 * theme::gap - (count - 1) * theme::gap) / std::max(1, count);
    const int high = size.height() - 2 * theme::gap - title - theme::gapSmall - colourBarHeight();
    const int side = std::max(1, std::min(wide, high));
    const int left = (size.width() - count * side - (count - 1) * theme::gap) / 2;
    for (int i = 0; i < count; ++i) places.emplace_back(left + i * (side + theme::gap), theme::gap + title, side, side);
    barTop = theme::gap + title + side + theme::gapSmall;
  }
  void paintTitle(QPainter& painter, std::size_t place, const QString& title) const {
    painter.setFont(theme::font(theme::Size::body));
    painter.setPen(theme::text());
    painter.drawText(QRect(places[place].left(), theme::gap, places[place].width(), places[place].top() - theme::gap),
                     Qt::AlignLeft | Qt::AlignTop, title);
  }
  QRect bar(std::size_t first, std::size_t last) const {
    return {places[first].left(), barTop, places[last].right() - places[first].left() + 1, colourBarHeight()};
  }
};

void paintMap(QPainter& painter, const QRect& place, const RelationMatrix& matrix, const ColourScale& scale) {
  const int cell = std::max(1, int(std::ceil(exportedMapSide / matrix.n)));
  painter.drawImage(place, toQImage(map_image(matrix.values, matrix.n, matrix.n, scale, cell)));
  painter.setPen(QPen(theme::border(), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(place);
}

QString mapsAsText(const ProbeLook& look, const std::vector<Relation>& relations) {
  QString text = QStringLiteral("token,other_token");
  for (const Relation relation : relations) text += u',' + QLatin1String(columnOf(relation));
  text += u'\n';
  for (int row = 0; row < look.probe.tokens(); ++row)
    for (int column = 0; column < look.probe.tokens(); ++column) {
      text += QString::number(row) + u',' + QString::number(column);
      for (const Relation relation : relations)
        text += u',' + QString::number(double(matrixOf(look, relation).at(row, column)), 'g', 7);
      text += u'\n';
    }
  return text;
}

}  // namespace

QString relationTitle(Relation relation) {
  if (relation == Relation::difference) return mapText("Student − teacher");
  return relation == Relation::teacher ? mapText("Teacher") : mapText("Student");
}

QString relationCaption(const ProbeLook& look) {
  return look.scaleOfSteps ? mapText("relation ÷ its root mean square · one scale for teacher, student and all steps")
                           : mapText("relation ÷ its root mean square · one scale for teacher and student");
}

ExportSubject mapSubject(std::shared_ptr<const ProbeLook> look, const std::vector<Relation>& relations,
                         const QString& name, const QSize& size, const QStringList& provenance) {
  std::vector<Relation> known;
  for (const Relation relation : relations)
    if (!matrixOf(*look, relation).isEmpty()) known.push_back(relation);
  const auto paint = [look, known](QPaintDevice* device, const QSize& area) {
    QPainter painter(device);
    painter.fillRect(QRect(QPoint(), area), theme::card());
    const Squares squares(int(known.size()), area);
    std::size_t alike = 0;  // share the first bar
    for (std::size_t i = 0; i < known.size(); ++i) {
      squares.paintTitle(painter, i, relationTitle(known[i]));
      paintMap(painter, squares.places[i], matrixOf(*look, known[i]), scaleOf(*look, known[i]));
      if (known[i] == Relation::difference)
        paintColourBar(painter, squares.bar(i, i), scaleOf(*look, known[i]), mapText("difference of the two"));
      else
        ++alike;
    }
    if (alike > 0) paintColourBar(painter, squares.bar(0, alike - 1), look->relations, relationCaption(*look));
  };
  return {name, size, paint, [look, known] { return mapsAsText(*look, known); }, provenance};
}

ExportSubject patchSubject(std::shared_ptr<const ProbeLook> look, int token, const std::vector<const PatchView*>& views,
                           const QString& name, const QStringList& provenance) {
  const auto paint = [look, views](QPaintDevice* device, const QSize& area) {
    QPainter painter(device);
    painter.fillRect(QRect(QPoint(), area), theme::card());
    const Squares squares(int(views.size()), area);
    for (std::size_t i = 0; i < views.size(); ++i) {
      squares.paintTitle(painter, i, relationTitle(i == 0 ? Relation::teacher : Relation::student));
      views[i]->paint(painter, squares.places[i], false);
    }
    paintColourBar(painter, squares.bar(0, views.size() - 1), look->relations, relationCaption(*look));
  };
  const auto text = [look, token] {
    QString lines = QStringLiteral("token,teacher,student\n");
    for (int other = 0; other < look->probe.tokens(); ++other) {
      lines += QString::number(other);
      for (const RelationMatrix* matrix : {&look->probe.teacher, &look->probe.student})
        lines += u',' + (matrix->isEmpty() ? QString() : QString::number(double(matrix->at(token, other)), 'g', 7));
      lines += u'\n';
    }
    return lines;
  };
  const QSize two(2 * views.front()->width() + 3 * theme::gap, views.front()->width() + 2 * theme::gapHuge * 2);
  return {name, two, paint, text, provenance};
}

}  // namespace llavakd
