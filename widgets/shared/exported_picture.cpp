// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/exported_picture.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QPageSize>
#include <QPdfWriter>
#include <QScreen>
#include <QSvgGenerator>
#include <array>
#include <cmath>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double pointsPerInch = 72;

// Fonts are measured for the screen; a device of another resolution would draw them larger than their places.
int drawingResolution() {
  const auto* screen = QGuiApplication::primaryScreen();
  return screen ? int(std::lround(screen->logicalDotsPerInch())) : 96;
}

QStringList provenanceOf(const ExportSubject& subject) {
  return subject.provenance +
         QStringList{QStringLiteral("LLaVA-KD Studio %1").arg(QCoreApplication::applicationVersion())};
}

QByteArray svgBytes(const ExportSubject& subject, const ExportOptions& options) {
  QBuffer file;
  file.open(QIODevice::WriteOnly);
  QSvgGenerator svg;
  svg.setOutputDevice(&file);
  svg.setResolution(drawingResolution());
  svg.setSize(options.size);
  svg.setViewBox(QRect(QPoint(), options.size));
  svg.setTitle({});
  svg.setDescription({});
  subject.paint(&svg, options.size);
  QByteArray bytes = file.data();
  // Written here: not every version of Qt's generator escapes the texts.
  const QString head = QStringLiteral("\n<title>%1</title>\n<desc>%2</desc>")
                           .arg(subject.name.toHtmlEscaped(), provenanceOf(subject).join(u'\n').toHtmlEscaped());
  const auto tag = bytes.indexOf("<svg"), end = tag < 0 ? tag : bytes.indexOf('>', tag);
  if (end >= 0) bytes.insert(end + 1, head.toUtf8());
  return bytes;
}

QByteArray pdfBytes(const ExportSubject& subject, const ExportOptions& options) {
  QBuffer file;
  file.open(QIODevice::WriteOnly);
  QPdfWriter pdf(&file);
  const QSizeF page = QSizeF(options.size) * pointsPerInch / drawingResolution();
  pdf.setResolution(drawingResolution());
  pdf.setPageSize(QPageSize(page, QPageSize::Point, {}, QPageSize::ExactMatch));
  pdf.setPageMargins(QMarginsF());
  pdf.setTitle(subject.name + QStringLiteral(" — ") + provenanceOf(subject).join(QStringLiteral("; ")));
  pdf.setCreator(provenanceOf(subject).back());
  subject.paint(&pdf, options.size);
  return file.data();
}

QByteArray pngBytes(const ExportSubject& subject, const ExportOptions& options) {
  QBuffer file;
  file.open(QIODevice::WriteOnly);
  exportedImage(subject, options).save(&file, "PNG");
  return file.data();
}

QByteArray csvBytes(const ExportSubject& subject) {
  QString text;
  for (const QString& line : provenanceOf(subject)) text += QStringLiteral("# ") + line + u'\n';
  return (text + subject.commaSeparated()).toUtf8();
}

}  // namespace

QString suffixOf(ExportFormat format) {
  constexpr std::array suffixes{"png", "svg", "pdf", "csv"};
  return QLatin1String(suffixes[std::size_t(format)]);
}

QImage exportedImage(const ExportSubject& subject, const ExportOptions& options) {
  const theme::DrawingStyle style(options.pointSize, options.light);
  QImage image(options.size * options.scale, QImage::Format_ARGB32_Premultiplied);
  if (image.isNull()) return image;
  image.setDevicePixelRatio(options.scale);
  image.fill(theme::card());
  subject.paint(&image, options.size);
  image.setText(QStringLiteral("Title"), subject.name);
  image.setText(QStringLiteral("Description"), provenanceOf(subject).join(u'\n'));
  image.setText(QStringLiteral("Software"), provenanceOf(subject).back());
  return image;
}

QByteArray exportedBytes(const ExportSubject& subject, const ExportOptions& options) {
  if (options.format == ExportFormat::csv) return csvBytes(subject);
  if (options.format == ExportFormat::png) return pngBytes(subject, options);
  const theme::DrawingStyle style(options.pointSize, options.light);
  return options.format == ExportFormat::svg ? svgBytes(subject, options) : pdfBytes(subject, options);
}

}  // namespace llavakd
