// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/report_dialog.h"

#include <QCheckBox>
#include <QDesktopServices>
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
#include <QUrl>
#include <QVBoxLayout>
#include <initializer_list>

#include "widgets/run/engine_command.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Next to the project, called after the run where it is one.
QString reportFolder(const std::vector<RunRow>& runs) {
  const QString name = runs.size() == 1 ? runs.front().name : QStringLiteral("runs");
  return QDir::cleanPath(runs.front().folder + QStringLiteral("/../../%1.report").arg(name));
}

}  // namespace

ReportDialog::ReportDialog(const std::vector<RunRow>& runs, QWidget* parent)
    : QDialog(parent),
      m_message(new InlineMessage),
      m_redact(new QCheckBox(tr("Take out &names and absolute paths, and the probes' pictures"))),
      m_path(new QLineEdit(QDir::toNativeSeparators(reportFolder(runs)))),
      m_progress(new QProgressBar),
      m_choose(new QPushButton(tr("Ch&oose…"))),
      m_write(new QPushButton(tr("&Write report"))),
      m_close(new QPushButton) {
  setAttribute(Qt::WA_DeleteOnClose);
  for (const RunRow& run : runs) m_folders << run.folder;
  setWindowTitle(runs.size() == 1 ? tr("Report of %1").arg(runs.front().name)
                                  : tr("Report of %1 runs").arg(theme::wholeNumber(qint64(runs.size()))));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(m_message);
  auto* what = new TextLabel(
      tr("A page that any browser opens, without a network: curves, scores with their intervals, relation maps through "
         "the run, options and where all of it comes from. Next to it every chart, map and curve as a file."));
  what->setWordWrap(true);
  column->addWidget(what);
  column->addWidget(makeForm());
  column->addWidget(m_progress);
  column->addStretch();
  auto* buttons = new QHBoxLayout;
  buttons->addStretch();
  buttons->addWidget(m_close);
  buttons->addWidget(m_write);
  column->addLayout(buttons);
  m_progress->setRange(0, 0);
  m_progress->setAccessibleName(tr("Writing"));
  m_write->setDefault(true);
  m_close->setAutoDefault(false);
  m_redact->setObjectName(QStringLiteral("reportRedact"));
  m_path->setObjectName(QStringLiteral("reportPath"));
  m_write->setObjectName(QStringLiteral("writeReport"));
  m_close->setObjectName(QStringLiteral("closeReport"));
  connect(m_write, &QPushButton::clicked, this, &ReportDialog::write);
  connect(m_close, &QPushButton::clicked, this, [this] { m_process ? cancel() : reject(); });
  connect(m_choose, &QPushButton::clicked, this, &ReportDialog::browse);
  connect(m_path, &QLineEdit::textChanged, this, &ReportDialog::refresh);
  resize(620, sizeHint().height());
  refresh();
}

QWidget* ReportDialog::makeForm() {
  auto* form = new QWidget;
  auto* fields = new QFormLayout(form);
  fields->setContentsMargins(0, theme::gapSmall, 0, theme::gapSmall);
  m_redact->setToolTip(
      tr("Your name, this machine's, your home folder and all absolute paths become other words, the same ones "
         "everywhere"));
  m_path->setAccessibleName(tr("Folder to write"));
  m_path->setToolTip(tr("An earlier report in this folder is replaced; nothing else ever is"));
  m_choose->setAutoDefault(false);
  auto* place = new QHBoxLayout;
  place->addWidget(m_path, 1);
  place->addWidget(m_choose);
  auto* folder = new QLabel(tr("&Folder"));
  folder->setBuddy(m_path);
  fields->addRow(folder, place);
  fields->addRow(QString(), m_redact);
  return form;
}

void ReportDialog::refresh() {
  const bool writing = m_process && m_process->state() != QProcess::NotRunning;
  m_progress->setVisible(writing);
  for (QWidget* widget : std::initializer_list<QWidget*>{m_redact, m_path, m_choose}) widget->setEnabled(!writing);
  m_write->setEnabled(!writing && !m_path->text().trimmed().isEmpty());
  m_close->setText(writing ? tr("Cancel") : tr("Close"));
}

void ReportDialog::browse() {
  const QFileInfo place(QDir::fromNativeSeparators(m_path->text()));
  const QString parent =
      QFileDialog::getExistingDirectory(this, tr("Where the report's folder shall be made"), place.path());
  if (!parent.isEmpty()) m_path->setText(QDir::toNativeSeparators(parent + QLatin1Char('/') + place.fileName()));
}

void ReportDialog::write() {
  m_message->dismiss();
  QStringList arguments{QStringLiteral("report")};
  arguments << m_folders << QStringLiteral("--out") << QDir::fromNativeSeparators(m_path->text().trimmed())
            << QStringLiteral("--json");
  if (m_redact->isChecked()) arguments << QStringLiteral("--redact");
  m_process = runEngineCommand(arguments, this,
                               [this](const EngineResult& result) { finish(result.ok, result.output, result.error); });
  refresh();
}

void ReportDialog::finish(bool ok, const QByteArray& output, const QString& error) {
  m_process = nullptr;
  if (ok) {
    const QJsonObject report = QJsonDocument::fromJson(output).object();
    const QString folder = report.value(QStringLiteral("folder")).toString();
    m_message->showMessage(InlineMessage::Kind::information,
                           tr("%1 is written: %2 files, %3. Open its index.html in a browser.")
                               .arg(QDir::toNativeSeparators(folder),
                                    theme::wholeNumber(report.value(QStringLiteral("files")).toInteger()),
                                    theme::bytesText(report.value(QStringLiteral("bytes")).toDouble())));
    QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
  } else {
    m_message->showMessage(InlineMessage::Kind::error, error);
  }
  refresh();
}

// The program removes what is half written.
void ReportDialog::cancel() {
  QProcess* process = m_process;
  m_process = nullptr;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->terminate();
  m_message->showMessage(InlineMessage::Kind::information, tr("Nothing was written."));
  refresh();
}

}  // namespace llavakd
