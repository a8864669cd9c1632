// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QSize>
#include <QStringList>

class QCommandLineParser;

namespace llavakd {

/// What a window is found in: no run and no models, files being read, a run at work, one that has ended, one that
/// couldn't go on, many runs.
QStringList galleryStates();

/// One picture of the gallery.
struct GalleryPicture {
  QString view, state;
  QSize size;      ///< Of the screen that the window fills, in its pixels.
  int percent;     ///< How much everything is enlarged.
  QString theme;   ///< "light" or "dark".
  QString locale;  ///< "en_US".
  /// "train_finished_1440x900_100_dark.png"; other locales than the usual one before the dot: "…_dark_de-DE.png".
  QString fileName() const;
};

/// Which pictures are wanted.
struct GalleryChoice {
  QStringList views, states, themes;
  QList<QSize> sizes;
  QList<int> percents;
  QString locale;
};

/// The options that choose pictures, of which each may be given several times or as a list with commas.
void addChoiceOptions(QCommandLineParser& parser);
/// What they say; everything where they say nothing. Throws UserError for a name that isn't known.
GalleryChoice readChoice(const QCommandLineParser& parser);

}  // namespace llavakd
