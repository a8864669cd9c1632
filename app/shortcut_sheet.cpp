// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shortcut_sheet.h"

#include <QAction>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>
#include <vector>

#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

struct ShortcutGroup {
  QString title;
  std::vector<std::pair<QString, QString>> keys;  ///< What it does, and the keys.
};

// Some texts say more than what the keys do: "Undo weights of the paper".
QString plainText(const QAction* action) {
  const QString name = action->property("shortcutName").toString();
  return QString(name.isEmpty() ? action->text() : name).remove(QLatin1Char('&'));
}

// Lists of standard keys have some that few keyboards have.
bool isOnKeyboards(const QKeySequence& keys) {
  return keys.count() > 0 && (keys[0].key() < Qt::Key_F13 || keys[0].key() > Qt::Key_F35);
}

void addKeys(ShortcutGroup& group, const QAction* action, const QString& menu = {}) {
  QStringList keys;
  for (const QKeySequence& shortcut : action->shortcuts())
    if (isOnKeyboards(shortcut)) keys << shortcut.toString(QKeySequence::NativeText);
  const QString text = menu.isEmpty() ? plainText(action) : QStringLiteral("%1: %2").arg(menu, plainText(action));
  const std::pair line(text, keys.join(QStringLiteral(", ")));
  if (!keys.isEmpty() && std::find(group.keys.begin(), group.keys.end(), line) == group.keys.end())
    group.keys.push_back(line);
}

void addMenu(ShortcutGroup& group, const QMenu* menu, const QString& title = {}) {
  for (const QAction* action : menu->actions()) {
    if (action->menu())
      addMenu(group, action->menu(), plainText(action));
    else
      addKeys(group, action, title);
  }
}

std::vector<ShortcutGroup> shortcutGroups(const QMainWindow* window) {
  std::vector<ShortcutGroup> groups;
  for (const QAction* action : window->menuBar()->actions()) {
    if (!action->menu()) continue;
    groups.push_back({plainText(action), {}});
    addMenu(groups.back(), action->menu());
  }
  for (const QAction* action : window->findChildren<QAction*>()) {
    const QString title = action->property("group").toString();
    if (title.isEmpty()) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& each) { return each.title == title; });
    if (group == groups.end()) group = groups.insert(groups.end(), ShortcutGroup{title, {}});
    addKeys(*group, action);
  }
  std::erase_if(groups, [](const ShortcutGroup& group) { return group.keys.empty(); });
  return groups;
}

}  // namespace

void showShortcutSheet(QMainWindow* window) {
  auto* dialog = new QDialog(window);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("shortcuts"));
  dialog->setWindowTitle(QDialog::tr("Keyboard shortcuts"));
  auto* column = new QVBoxLayout(dialog);
  auto* area = new QScrollArea(dialog);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  auto* content = new QWidget(area);
  auto* grid = new QGridLayout(content);
  grid->setHorizontalSpacing(theme::gapPage);
  grid->setVerticalSpacing(theme::gapTiny);
  for (const ShortcutGroup& group : shortcutGroups(window)) {
    int row = grid->rowCount();
    grid->setRowMinimumHeight(row, theme::rowHeight);
    grid->addWidget(new TextLabel(group.title, theme::Size::title), row, 0, 1, 2, Qt::AlignBottom);
    for (const auto& [text, keys] : group.keys) {
      grid->addWidget(new TextLabel(text), ++row, 0);
      grid->addWidget(new TextLabel(keys, theme::Size::body, TextLabel::Tone::muted), row, 1);
    }
  }
  grid->setRowStretch(grid->rowCount(), 1);
  area->setWidget(content);
  column->addWidget(area);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
  column->addWidget(buttons);
  dialog->resize(480, 640);
  dialog->open();
}

}  // namespace llavakd
