// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/import_menu.h"

#include <QFileDialog>
#include <memory>

#include "core/run/import_run.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"

namespace llavakd {

ImportMenu::ImportMenu(RunWatcher* run, QWidget* parent) : QMenu(parent), m_run(run) {
  addAction(tr("&TensorBoard folder…"), this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(window(), tr("Folder with TensorBoard's event files"));
    if (!folder.isEmpty()) importRun(folder);
  });
  addAction(tr("&CSV or event file…"), this, [this] {
    const QString file = QFileDialog::getOpenFileName(window(), tr("File with curves"), {},
                                                      tr("Curves (*.csv *.tsv *tfevents*);;All files (*)"));
    if (!file.isEmpty()) importRun(file);
  });
}

void ImportMenu::importRun(const QString& source) {
  if (m_run->projectFile().isEmpty()) return;
  const auto told = std::make_shared<QString>();
  changeInBackground(
      this,
      [project = toPath(m_run->projectFile()), source, told] {
        const ImportedRun run = import_run(project, toPath(source));
        *told = tr("%1 has %2 curves over %3 steps.")
                    .arg(toQString(run.folder.id()), theme::wholeNumber(qint64(run.curves.size())),
                         theme::wholeNumber(run.steps));
        for (const std::string& warning : run.warnings) *told += QLatin1Char(' ') + toQString(warning);
      },
      [this, told](const QString& fault) {
        if (fault.isEmpty())
          Q_EMIT imported(*told);
        else
          Q_EMIT failed(fault);
      });
}

}  // namespace llavakd
