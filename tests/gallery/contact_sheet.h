// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QString>
#include <map>
#include <vector>

#include "choice.h"

namespace llavakd {

/// The view that sheets have in the names of their files.
QString sheetView();

/// Small pictures of all views in one state, size, scale and appearance on one sheet, so that many can be judged at
/// once.
class ContactSheets {
 public:
  void add(const GalleryPicture& picture, const QImage& image);
  /// Writes the sheets into `folder`, and forgets them. A sheet of one picture isn't written. Throws RunError.
  void write(const QString& folder);

 private:
  struct Entry {
    QString view;
    QImage image;
  };
  std::map<QString, std::vector<Entry>> m_sheets;  ///< By the names of their files.
};

}  // namespace llavakd
