// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "widgets/pages/inspect/probe_tokens.h"

namespace llavakd {

/// A bar for each position of a sequence, as high as the two models disagree there, over a band that says which
/// positions are the picture's. One position is chosen: by a click, or by arrow keys, Home and End. Text keeps half of
/// the width, however many tokens the picture has.
class TokenStrip : public QWidget {
  Q_OBJECT

 public:
  explicit TokenStrip(QWidget* parent = nullptr);
  /// Without tokens: why there are none.
  void setTokens(std::vector<ProbeToken> tokens, const QString& why = {});
  void setChosen(int position);
  int chosen() const { return m_chosen; }
  /// Middle of a position's bar on this widget.
  QPointF positionOf(int position) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void chosenByUser(int position);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent*) override;

 private:
  QRectF plot() const;
  int positionAt(double x) const;
  void placeBars();
  void choose(int position);
  void paintBars(QPainter& painter) const;
  void paintBand(QPainter& painter) const;
  void paintAxis(QPainter& painter) const;
  void paintChosen(QPainter& painter) const;

  std::vector<ProbeToken> m_tokens;
  std::vector<double> m_edges;  ///< Left edge of each bar, and the right one of the last.
  double m_most = 0;
  int m_chosen = -1;
  QString m_why;
};

}  // namespace llavakd
