// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/export_dialog.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <exception>
#include <string_view>

#include "core/io/atomic_file.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int leastSide = 100, largestSide = 4000, largestScale = 4, previewWidth = 480, previewHeight = 320;

QString exportKey(const char* name) {
  return QStringLiteral("export/") + QLatin1String(name);
}

QSpinBox* makeCount(int low, int high, int value, const QString& unit) {
  auto* box = new QSpinBox;
  box->setRange(low, high);
  box->setValue(value);
  box->setSuffix(unit);
  box->setMinimumWidth(theme::fieldWidth / 2 + theme::gapHuge);
  return box;
}

// Empty: it is written. Otherwise what was wrong.
QString writeExported(const QString& path, const std::function<QByteArray()>& content) {
  try {
    const QByteArray bytes = content();
    write_file_atomically(toPath(path), std::string_view(bytes.constData(), std::size_t(bytes.size())));
    return {};
  } catch (const std::exception& error) {
    return toQString(error.what());
  }
}

}  // namespace

ExportDialog::ExportDialog(ExportSubject subject, const QString& folder, QWidget* parent)
    : QDialog(parent),
      m_subject(std::move(subject)),
      m_folder(QSettings().value(exportKey("folder"), folder).toString()),
      m_message(new InlineMessage),
      m_preview(new QLabel) {
  setWindowTitle(tr("Export %1").arg(m_subject.name));
  if (!QFileInfo(m_folder).isDir()) m_folder = QFileInfo(folder).isDir() ? folder : QDir::homePath();
  auto* layout = new QVBoxLayout(this);
  layout->setSpacing(theme::gap);
  layout->addWidget(m_message);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapLarge);
  m_preview->setMinimumSize(previewWidth / 2, previewHeight / 2);
  m_preview->setAlignment(Qt::AlignCenter);
  m_preview->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
  m_preview->setAccessibleName(tr("Preview"));
  row->addWidget(m_preview, 1);
  row->addWidget(makeForm());
  layout->addLayout(row, 1);

  auto* place = new QHBoxLayout;
  m_path = new QLineEdit;
  m_path->setAccessibleName(tr("File"));
  m_path->setObjectName(QStringLiteral("path"));
  auto* choose = new QPushButton(tr("Ch&oose…"));
  choose->setAutoDefault(false);
  place->addWidget(m_path, 1);
  place->addWidget(choose);
  layout->addLayout(place);
  auto* buttons = new QHBoxLayout;
  m_copy = new QPushButton(tr("&Copy as picture"));
  m_copy->setAutoDefault(false);
  m_save = new QPushButton(tr("&Save"));
  m_save->setDefault(true);
  m_save->setObjectName(QStringLiteral("save"));
  auto* close = new QPushButton(tr("Close"));
  close->setAutoDefault(false);
  buttons->addWidget(m_copy);
  buttons->addStretch();
  buttons->addWidget(close);
  buttons->addWidget(m_save);
  layout->addLayout(buttons);

  connect(choose, &QPushButton::clicked, this, &ExportDialog::browse);
  connect(close, &QPushButton::clicked, this, &ExportDialog::reject);
  connect(m_save, &QPushButton::clicked, this, &ExportDialog::save);
  connect(m_copy, &QPushButton::clicked, this, [this] {
    QApplication::clipboard()->setImage(exportedImage(m_subject, options()));
    m_message->showMessage(InlineMessage::Kind::information, tr("The picture is on the clipboard."));
  });
  connect(m_path, &QLineEdit::textChanged, this, &ExportDialog::showPath);
  resize(previewWidth + 320, previewHeight + 180);
  showFormat();
}

QWidget* ExportDialog::makeForm() {
  const QSettings settings;
  const auto number = [&settings](const char* key, int otherwise) {
    return settings.value(exportKey(key), otherwise).toInt();
  };
  const ExportOptions usual;
  auto* form = new QWidget;
  auto* fields = new QFormLayout(form);
  fields->setContentsMargins(0, 0, 0, 0);
  m_format = new QComboBox;
  m_format->addItem(tr("PNG, pixels"), int(ExportFormat::png));
  m_format->addItem(tr("SVG, vectors"), int(ExportFormat::svg));
  m_format->addItem(tr("PDF, vectors"), int(ExportFormat::pdf));
  if (m_subject.commaSeparated) m_format->addItem(tr("CSV, numbers"), int(ExportFormat::csv));
  m_format->setCurrentIndex(std::max(0, m_format->findData(number("format", 0))));
  m_width = makeCount(leastSide, largestSide, number("width", m_subject.size.width()), tr(" px"));
  m_height = makeCount(leastSide, largestSide, number("height", m_subject.size.height()), tr(" px"));
  m_scale = makeCount(1, largestScale, number("scale", usual.scale), tr(" ×"));
  m_pointSize = makeCount(5, 40, number("point_size", int(usual.pointSize)), tr(" pt"));
  m_light = new QCheckBox(tr("&Light appearance"));
  m_light->setChecked(settings.value(exportKey("light"), usual.light).toBool());
  m_light->setToolTip(tr("For paper, whatever the window looks like"));
  m_scale->setToolTip(tr("Pixels of the file for each of the size: 2 and more for print"));
  m_pixels = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  auto* source = new TextLabel(m_subject.provenance.join(u'\n'), theme::Size::caption, TextLabel::Tone::muted);
  source->setToolTip(tr("Goes into the file's metadata"));
  fields->addRow(tr("&Format"), m_format);
  fields->addRow(tr("&Width"), m_width);
  fields->addRow(tr("&Height"), m_height);
  fields->addRow(tr("&Resolution"), m_scale);
  fields->addRow(tr("Font si&ze"), m_pointSize);
  fields->addRow(QString(), m_light);
  fields->addRow(QString(), m_pixels);
  fields->addRow(source);
  connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::showFormat);
  for (auto* box : {m_width, m_height, m_scale, m_pointSize})
    connect(box, &QSpinBox::valueChanged, this, &ExportDialog::showPreview);
  connect(m_light, &QCheckBox::toggled, this, &ExportDialog::showPreview);
  return form;
}

ExportOptions ExportDialog::options() const {
  return {ExportFormat(m_format->currentData().toInt()), QSize(m_width->value(), m_height->value()), m_scale->value(),
          double(m_pointSize->value()), m_light->isChecked()};
}

QString ExportDialog::path() const {
  return m_path->text().trimmed();
}

void ExportDialog::showFormat() {
  const ExportOptions chosen = options();
  const bool numbers = chosen.format == ExportFormat::csv;
  for (QWidget* field : {static_cast<QWidget*>(m_width), static_cast<QWidget*>(m_height),
                         static_cast<QWidget*>(m_pointSize), static_cast<QWidget*>(m_light)})
    field->setEnabled(!numbers);
  m_scale->setEnabled(chosen.format == ExportFormat::png);
  const QString known = path(), suffix = suffixOf(chosen.format);
  const QFileInfo file(known.isEmpty() ? m_folder + u'/' + m_subject.name : known);
  m_path->setText(file.path() + u'/' + (known.isEmpty() ? file.fileName() : file.completeBaseName()) + u'.' + suffix);
  showPreview();
}

// One glance says whether something would be lost.
void ExportDialog::showPath() {
  const QString file = path();
  const bool there = !file.isEmpty() && QFileInfo::exists(file);
  m_save->setText(there ? tr("Replace th&e file") : tr("&Save"));
  m_save->setEnabled(!file.isEmpty());
}

void ExportDialog::showPreview() {
  const ExportOptions chosen = options();
  m_pixels->setText(chosen.format == ExportFormat::png ? tr("%1 × %2 pixels in the file")
                                                             .arg(chosen.size.width() * chosen.scale)
                                                             .arg(chosen.size.height() * chosen.scale)
                                                       : QString());
  if (!isVisible()) return;
  ExportOptions once = chosen;
  once.scale = 1;
  const double ratio = devicePixelRatioF();
  QImage image =
      exportedImage(m_subject, once).scaled(m_preview->size() * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation);
  image.setDevicePixelRatio(ratio);
  m_preview->setPixmap(QPixmap::fromImage(image));
}

void ExportDialog::showEvent(QShowEvent* event) {
  QDialog::showEvent(event);
  showPreview();
}

void ExportDialog::resizeEvent(QResizeEvent* event) {
  QDialog::resizeEvent(event);
  showPreview();
}

void ExportDialog::browse() {
  const QString chosen =
      QFileDialog::getSaveFileName(this, tr("Export"), path(), {}, nullptr, QFileDialog::DontConfirmOverwrite);
  if (!chosen.isEmpty()) m_path->setText(chosen);
}

void ExportDialog::remember() const {
  QSettings settings;
  const ExportOptions chosen = options();
  settings.setValue(exportKey("format"), int(chosen.format));
  settings.setValue(exportKey("width"), chosen.size.width());
  settings.setValue(exportKey("height"), chosen.size.height());
  settings.setValue(exportKey("scale"), chosen.scale);
  settings.setValue(exportKey("point_size"), int(chosen.pointSize));
  settings.setValue(exportKey("light"), chosen.light);
  settings.setValue(exportKey("folder"), QFileInfo(path()).path());
}

void ExportDialog::save() {
  const QString file = QDir(m_folder).absoluteFilePath(path());
  // Widgets draw on this thread; numbers, of which a long run has millions, are written down on another.
  std::function<QByteArray()> content = [subject = m_subject, chosen = options()] {
    return exportedBytes(subject, chosen);
  };
  if (options().format != ExportFormat::csv) {
    const QByteArray drawn = content();
    if (drawn.isEmpty())
      return m_message->showMessage(
          InlineMessage::Kind::error,
          tr("There is no memory for so large a picture. Choose a smaller size or resolution."));
    content = [drawn] {
      return drawn;
    };
  }
  m_save->setEnabled(false);
  inBackground(
      this, [file, content] { return writeExported(file, content); },
      [this, file](const QString& problem) {
        showPath();
        if (!problem.isEmpty()) return m_message->showMessage(InlineMessage::Kind::error, problem);
        remember();
        m_message->showMessage(InlineMessage::Kind::information, tr("Saved as %1").arg(QDir::toNativeSeparators(file)));
      });
}

void showExportDialog(QWidget* parent, ExportSubject subject, const QString& folder) {
  auto* dialog = new ExportDialog(std::move(subject), folder, parent ? parent->window() : nullptr);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

void copyAsPicture(const ExportSubject& subject) {
  ExportOptions options;
  options.size = subject.size;
  options.pointSize = QApplication::font().pointSizeF() > 0 ? QApplication::font().pointSizeF() : options.pointSize;
  QApplication::clipboard()->setImage(exportedImage(subject, options));
}

}  // namespace llavakd
