// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QTest>
#include <QWidget>

#include "widgets/theme/theme.h"

namespace llavakd {

/// Writes the widget as NAME-light.png and NAME-dark.png into the folder that LLAVAKD_SCREENSHOTS names; does nothing
/// without it.
inline void takePicture(QWidget* widget, const QString& name) {
  const QString folder = qEnvironmentVariable("LLAVAKD_SCREENSHOTS");
  if (folder.isEmpty()) return;
  widget->setAutoFillBackground(true);
  for (const auto appearance : {theme::Appearance::dark, theme::Appearance::light}) {
    theme::apply(*qApp, appearance);
    QTest::qWait(80);
    widget->grab().save(
        QStringLiteral("%1/%2-%3.png")
            .arg(folder, name,
                 appearance == theme::Appearance::dark ? QStringLiteral("dark") : QStringLiteral("light")));
  }
}

}  // namespace llavakd
