// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves RelationPanel: maps and pictures as files, and the numbers behind them as a table.
#include <QAction>

#include "widgets/pages/inspect/patch_table.h"
#include "widgets/pages/inspect/patch_view.h"
#include "widgets/pages/inspect/relation_map.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/shared/export_dialog.h"
#include "widgets/shared/value_table_dialog.h"
#include "widgets/theme/theme.h"

namespace llavakd {

void RelationPanel::addExportActions(QWidget* view, const std::function<ExportSubject()>& subject) {
  view->setContextMenuPolicy(Qt::ActionsContextMenu);
  const auto add = [&](const QString& text, const QString& name, auto leave) {
    auto* action = new QAction(text, view);
    action->setObjectName(name);
    connect(action, &QAction::triggered, this, [this, subject, leave] {
      if (m_look) leave(subject());
    });
    view->addAction(action);
  };
  auto* table = new QAction(tr("&Table"), view);
  table->setObjectName(QStringLiteral("table"));
  table->setShortcut(Qt::Key_T);
  table->setShortcutContext(Qt::WidgetShortcut);
  connect(table, &QAction::triggered, this, &RelationPanel::showTable);
  view->addAction(table);
  add(tr("&Export…"), QStringLiteral("export"),
      [this](const ExportSubject& left) { showExportDialog(this, left, m_origin.folder); });
  add(tr("&Copy as picture"), QStringLiteral("copyPicture"), [](const ExportSubject& left) { copyAsPicture(left); });
}

ExportSubject RelationPanel::mapsToExport(const std::vector<Relation>& relations) const {
  const int side = m_maps[0]->width();
  const QSize size(int(relations.size()) * (side + theme::gap) + theme::gap, side + 4 * theme::gapHuge);
  return mapSubject(m_look, relations, QStringLiteral("relations"), size, m_origin.lines);
}

ExportSubject RelationPanel::picturesToExport() const {
  const QString token = QStringLiteral("Token: %1").arg(m_token);
  return patchSubject(m_look, m_token, {m_pictures[0], m_pictures[1]}, QStringLiteral("patch_relations"),
                      m_origin.lines + QStringList{token});
}

void RelationPanel::showTable() {
  showValueTable(this, tr("Relations of the chosen patch"),
                 [this] { return std::make_shared<const PatchTable>(m_look, m_token); });
}

}  // namespace llavakd
