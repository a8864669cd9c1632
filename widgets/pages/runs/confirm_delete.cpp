// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/confirm_delete.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

#include "widgets/theme/numbers.h"

namespace llavakd {

bool confirmDelete(QWidget* parent, const QString& question, const QString& what, qint64 bytes) {
  QMessageBox box(QMessageBox::Warning, QCoreApplication::translate("ConfirmDelete", "Delete"), question,
                  QMessageBox::Cancel, parent);
  box.setTextFormat(Qt::PlainText);  // names of folders are no markup
  box.setInformativeText(what);
  const QPushButton* deletes =
      box.addButton(QCoreApplication::translate("ConfirmDelete", "&Delete %1").arg(theme::bytesText(double(bytes))),
                    QMessageBox::DestructiveRole);
  box.setDefaultButton(QMessageBox::Cancel);
  box.setEscapeButton(QMessageBox::Cancel);
  box.exec();
  return box.clickedButton() == deletes;
}

}  // namespace llavakd
