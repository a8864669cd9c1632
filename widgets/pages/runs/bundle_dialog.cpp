// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/bundle_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <initializer_list>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/engine_command.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// For people, in the order of parts_for_bundle(); those of weights are in the choice of weights.
QString bundlePartText(const std::string& part) {
  if (part == "record") return BundleDialog::tr("record with options, events and hashes of all inputs");
  if (part == "log") return BundleDialog::tr("log");
  if (part == "probes") return BundleDialog::tr("maps of the probes");
  return part == "scores" ? BundleDialog::tr("scores") : QString();
}

const BundlePart* bundlePartOf(const std::vector<BundlePart>& parts, const std::string& name) {
  const auto found = std::ranges::find(parts, name, &BundlePart::name);
  return found == parts.end() ? nullptr : &*found;
}

std::vector<BundlePart> countedParts(const QString& folder) {
  try {
    return parts_for_bundle(RunFolder{toPath(folder)});
  } catch (const std::exception&) {
    return {};  // which writing will say
  }
}

}  // namespace

BundleDialog::BundleDialog(const RunRow& run, QWidget* parent)
    : QDialog(parent),
      m_folder(run.folder),
      m_name(run.name),
      m_message(new InlineMessage),
      m_weights(new QComboBox),
      m_redact(new QCheckBox(tr("Take out &names and absolute paths"))),
      m_path(new QLineEdit),
      m_contents(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_size(new TextLabel),
      m_progress(new QProgressBar),
      m_choose(new QPushButton(tr("Ch&oose…"))),
      m_write(new QPushButton(tr("&Write bundle"))),
      m_close(new QPushButton) {
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Bundle of %1").arg(m_name));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(m_message);
  auto* what = new TextLabel(
      tr("A folder for others: what they need to look at this run, and to repeat its steps with the same models and "
         "data. These stay here; the bundle knows them by their content."));
  for (TextLabel* label : {what, m_contents}) label->setWordWrap(true);
  column->addWidget(what);
  column->addWidget(m_contents);
  column->addWidget(makeForm());
  column->addWidget(m_size);
  column->addWidget(m_progress);
  column->addStretch();
  auto* buttons = new QHBoxLayout;
  buttons->addStretch();
  buttons->addWidget(m_close);
  buttons->addWidget(m_write);
  column->addLayout(buttons);
  m_progress->setRange(0, 0);
  m_progress->setAccessibleName(tr("Writing"));
  m_progress->hide();
  m_write->setDefault(true);
  m_close->setAutoDefault(false);
  m_weights->setObjectName(QStringLiteral("bundleWeights"));
  m_redact->setObjectName(QStringLiteral("bundleRedact"));
  m_path->setObjectName(QStringLiteral("bundlePath"));
  m_contents->setObjectName(QStringLiteral("bundleContents"));
  m_size->setObjectName(QStringLiteral("bundleSize"));
  m_write->setObjectName(QStringLiteral("writeBundle"));
  m_close->setObjectName(QStringLiteral("closeBundle"));
  connect(m_write, &QPushButton::clicked, this, &BundleDialog::write);
  connect(m_close, &QPushButton::clicked, this, [this] { m_process ? cancel() : reject(); });
  connect(m_choose, &QPushButton::clicked, this, &BundleDialog::browse);
  connect(m_path, &QLineEdit::textChanged, this, &BundleDialog::refresh);
  connect(m_weights, &QComboBox::currentIndexChanged, this, &BundleDialog::refresh);
  resize(620, sizeHint().height());
  refresh();
  readParts();
}

QWidget* BundleDialog::makeForm() {
  auto* form = new QWidget;
  auto* fields = new QFormLayout(form);
  fields->setContentsMargins(0, theme::gapSmall, 0, theme::gapSmall);
  m_weights->addItem(tr("None"), QStringLiteral("none"));
  m_weights->addItem(tr("The newest student"), QStringLiteral("student"));
  m_weights->addItem(tr("The newest checkpoints, to repeat steps from"), QStringLiteral("all"));
  m_weights->setToolTip(tr("Without checkpoints the run's first steps can be repeated"));
  m_redact->setToolTip(
      tr("Your name, this machine's, your home folder and all absolute paths become other words, the "
         "same ones everywhere"));
  auto* place = new QHBoxLayout;
  m_path->setText(QDir::toNativeSeparators(QDir::cleanPath(m_folder + QStringLiteral("/../../%1.bundle").arg(m_name))));
  m_path->setAccessibleName(tr("Folder to write"));
  m_choose->setAutoDefault(false);
  place->addWidget(m_path, 1);
  place->addWidget(m_choose);
  fields->addRow(tr("Wei&ghts"), m_weights);
  fields->addRow(QString(), m_redact);
  auto* folder = new QLabel(tr("&Folder"));
  folder->setBuddy(m_path);
  fields->addRow(folder, place);
  return form;
}

void BundleDialog::readParts() {
  inBackground(
      this, [folder = m_folder] { return countedParts(folder); },
      [this](const std::vector<BundlePart>& parts) {
        m_parts = parts;
        refresh();
      });
}

void BundleDialog::refresh() {
  QStringList contents;
  double bytes = 0;
  for (const BundlePart& part : m_parts) {
    const QString text = bundlePartText(part.name);
    if (text.isEmpty() || part.files == 0) continue;
    contents << tr("%1 (%2)").arg(text, theme::bytesText(double(part.bytes)));
    bytes += double(part.bytes);
  }
  const BundlePart* weights = bundlePartOf(m_parts, m_weights->currentData().toString().toStdString());
  if (weights) bytes += double(weights->bytes);
  const bool noCheckpoint = m_weights->currentIndex() > 0 && !m_parts.empty() && (!weights || weights->files == 0);
  m_contents->setText(contents.isEmpty() ? tr("Counting…")
                                         : tr("In it: the project as it was run, curves as CSV, the environment, %1.")
                                               .arg(contents.join(QStringLiteral(", "))));
  m_size->setText(noCheckpoint      ? tr("The run has no checkpoint, so no weights would be in it.")
                  : m_parts.empty() ? QString()
                                    : tr("About %1").arg(theme::bytesText(bytes)));
  const bool writing = m_process && m_process->state() != QProcess::NotRunning;
  m_progress->setVisible(writing);
  for (QWidget* widget : std::initializer_list<QWidget*>{m_weights, m_redact, m_path, m_choose})
    widget->setEnabled(!writing);
  m_write->setEnabled(!writing && !m_path->text().trimmed().isEmpty());
  m_close->setText(writing ? tr("Cancel") : tr("Close"));
}

void BundleDialog::browse() {
  const QFileInfo place(QDir::fromNativeSeparators(m_path->text()));
  const QString parent =
      QFileDialog::getExistingDirectory(this, tr("Where the bundle's folder shall be made"), place.path());
  if (!parent.isEmpty()) m_path->setText(QDir::toNativeSeparators(parent + QLatin1Char('/') + place.fileName()));
}

void BundleDialog::write() {
  m_message->dismiss();
  QStringList arguments{QStringLiteral("bundle"),    m_folder,
                        QStringLiteral("--out"),     QDir::fromNativeSeparators(m_path->text().trimmed()),
                        QStringLiteral("--weights"), m_weights->currentData().toString(),
                        QStringLiteral("--json")};
  if (m_redact->isChecked()) arguments << QStringLiteral("--redact");
  m_process = runEngineCommand(arguments, this,
                               [this](const EngineResult& result) { finish(result.ok, result.output, result.error); });
  refresh();
}

void BundleDialog::finish(bool ok, const QByteArray& output, const QString& error) {
  m_process = nullptr;
  if (ok) {
    const QJsonObject report = QJsonDocument::fromJson(output).object();
    m_message->showMessage(InlineMessage::Kind::information,
                           tr("%1 is written: %2 files, %3. Its README.md says what others can do with it.")
                               .arg(QDir::toNativeSeparators(report.value(QStringLiteral("folder")).toString()),
                                    theme::wholeNumber(report.value(QStringLiteral("files")).toInteger()),
                                    theme::bytesText(report.value(QStringLiteral("bytes")).toDouble())));
  } else {
    m_message->showMessage(InlineMessage::Kind::error, error);
  }
  refresh();
}

// The program removes what is half written.
void BundleDialog::cancel() {
  QProcess* process = m_process;
  m_process = nullptr;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->terminate();
  m_message->showMessage(InlineMessage::Kind::information, tr("Nothing was written."));
  refresh();
}

}  // namespace llavakd
