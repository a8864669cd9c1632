// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <optional>

namespace llavakd {

/// What a page shows while it reads: the outline of what is to come, what is read in words, and how much of it has been
/// read where that is known. It stays empty for a moment first: most is read at once, and that must not flicker.
class LoadingPlaceholder : public QWidget {
  Q_OBJECT

 public:
  explicit LoadingPlaceholder(QWidget* parent = nullptr);
  void setText(const QString& text);
  QString text() const { return m_text; }
  /// 0 to 1; nothing: it isn't known.
  void setShare(std::optional<double> share);
  /// Without the moment at first.
  void showAtOnce();

 protected:
  void showEvent(QShowEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  QString m_text;
  std::optional<double> m_share;
  QTimer m_delay;
};

}  // namespace llavakd
