// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/export_menu.h"

#include <QDir>
#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>

#include "widgets/run/engine_command.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// What `llavakd export --json` says.
QString exportedText(const QString& name, const QString& folder, const QJsonObject& report) {
  const auto number = [&](const char* key) {
    return report.value(QLatin1String(key)).toDouble();
  };
  const QString weights =
      number("rounded_tensors") > 0
          ? ExportMenu::tr("all equal but for rounding to %1").arg(report.value(QLatin1String("precision")).toString())
          : ExportMenu::tr("all equal, bit for bit");
  return ExportMenu::tr("%1 is in %2. Opened again: %3 parameters, %4; logits differ by %5 of %6 at most.")
      .arg(name, QDir::toNativeSeparators(folder), theme::wholeNumber(qint64(number("parameters"))), weights,
           theme::number(number("logit_difference")), theme::number(number("largest_logit")));
}

}  // namespace

ExportMenu::ExportMenu(QWidget* parent) : QMenu(parent) {
  addAction(tr("&Hugging Face (TinyLLaVA's layout)…"), this, [this] { ask(QStringLiteral("hf")); });
  addAction(tr("A folder for each &part, for Hugging Face's classes…"), this, [this] { ask(QStringLiteral("parts")); });
  addAction(tr("A &file for each part (pytorch_model.bin)…"), this, [this] { ask(QStringLiteral("split")); });
}

void ExportMenu::setCheckpoint(const QString& folder, const QString& name) {
  m_checkpoint = folder;
  m_name = name;
}

void ExportMenu::ask(const QString& layout) {
  const QString folder = QFileDialog::getExistingDirectory(window(), tr("New or empty folder for %1").arg(m_name));
  if (!folder.isEmpty()) exportTo(layout, folder);
}

void ExportMenu::exportTo(const QString& layout, const QString& folder) {
  Q_EMIT told(tr("Writing the student of %1…").arg(m_name));
  const QString model = m_checkpoint + QStringLiteral("/model");
  runEngineCommand({QStringLiteral("export"), model, QStringLiteral("--to"), layout, folder, QStringLiteral("--json")},
                   this, [this, name = m_name, folder](const EngineResult& result) {
                     if (!result.ok) return Q_EMIT failed(result.error);
                     Q_EMIT told(exportedText(name, folder, QJsonDocument::fromJson(result.output).object()));
                   });
}

}  // namespace llavakd
