// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QImage>
#include <QSize>
#include <QString>
#include <QStringList>
#include <functional>

class QPaintDevice;

namespace llavakd {

/// A chart or a map as something that leaves the window.
struct ExportSubject {
  QString name;  ///< Of the file, without its end: "loss".
  QSize size;    ///< As it is in the window, in device-independent pixels.
  /// Draws all of it into a device of that size, with the theme's colours and fonts of the moment.
  std::function<void(QPaintDevice* device, const QSize& size)> paint;
  /// The numbers behind it, with a header line; empty: there are none. Called on any thread.
  std::function<QString()> commaSeparated;
  QStringList provenance;  ///< Where it comes from, a line each: "Run: 2026-11-24-101500".
};

enum class ExportFormat { png, svg, pdf, csv };

/// "png".
QString suffixOf(ExportFormat format);

struct ExportOptions {
  ExportFormat format = ExportFormat::png;
  QSize size{900, 540};
  int scale = 2;  ///< Of a PNG: pixels of the file for each of the size.
  double pointSize = 10;
  bool light = true;  ///< Or as the window is.
};

/// The picture in pixels, with its provenance as text of the image; null where there is no memory for it.
QImage exportedImage(const ExportSubject& subject, const ExportOptions& options);

/// The file's bytes. The provenance is in its metadata (PNG: Description, SVG: desc, PDF: title) or, in CSV, in comment
/// lines before the header. For the window's thread, but for CSV: painting asks the widgets. Empty where there is no
/// memory for it.
QByteArray exportedBytes(const ExportSubject& subject, const ExportOptions& options);

}  // namespace llavakd
