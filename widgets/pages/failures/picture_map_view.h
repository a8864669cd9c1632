// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/run/picture_map.h"

namespace llavakd {

/// The pictures of an evaluation in the plane of their features: near each other where the tower sees the same. Each
/// has the sign of what most of its questions came to. Where an outcome is chosen, pictures without such a question are
/// faded, and a sign is larger the more of them there are. A click chooses a picture.
class PictureMapView : public QWidget {
  Q_OBJECT

 public:
  explicit PictureMapView(QWidget* parent = nullptr);
  void setMap(std::shared_ptr<const PictureMap> map);
  /// Only pictures with a question of this outcome are bright; nothing: all are.
  void setOutcome(std::optional<Outcome> outcome);
  /// The chosen picture, as the data name it; empty: none.
  void setChosen(const QString& image);
  /// Where a picture is on this widget.
  QPointF positionOf(std::size_t picture) const;
  QSize minimumSizeHint() const override { return {200, 160}; }

 Q_SIGNALS:
  void chosen(const QString& image);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  int nearest(const QPointF& position) const;
  bool isBright(const MappedPicture& picture) const;
  double sideOf(const MappedPicture& picture) const;
  void choose(int picture);
  void paintLegend(QPainter& painter) const;
  QRectF plane() const;

  std::shared_ptr<const PictureMap> m_map;
  std::optional<Outcome> m_outcome;
  QString m_chosen;
  double m_left = 0, m_top = 0, m_width = 1, m_height = 1;  ///< Of the pictures' places.
};

}  // namespace llavakd
