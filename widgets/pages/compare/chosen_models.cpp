// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/chosen_models.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <string_view>

#include "widgets/theme/flow_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int mostRunsInMenu = 30;
// As settings keep them, in the order of ChosenModels::Kind; a checkpoint is kept by its folder.
constexpr std::array<std::string_view, 3> kindNames{"teacher", "newest", "untrained"};

// A model's name under its colour, with a cross.
class ModelChip : public QToolButton {
 public:
  ModelChip(const AskedModel& model, const QString& text) : m_who(model.who) {
    setText(text);
    setObjectName(QStringLiteral("model"));
    setFocusPolicy(Qt::StrongFocus);
    setFont(theme::font(theme::Size::caption));
    setToolTip(tr("%1\nClick: don't ask it next time").arg(model.detail.isEmpty() ? text : model.detail));
    setAccessibleName(tr("Asked: %1").arg(text));
  }
  QSize sizeHint() const override {
    return {fontMetrics().horizontalAdvance(text()) + 2 * theme::gap + crossSide + theme::gapSmall,
            fontMetrics().height() + theme::gapSmall + theme::whoBar};
  }

 protected:
  void keyPressEvent(QKeyEvent* event) override {
    if (event->key() == Qt::Key_Delete) return click();
    QToolButton::keyPressEvent(event);
  }
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF outline = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(hasFocus() || underMouse() ? theme::accent() : theme::fieldBorder(), hasFocus() ? 2 : 1));
    painter.setBrush(theme::card());
    painter.drawRoundedRect(outline, 6, 6);
    painter.fillRect(QRectF(6, 1, width() - 12, theme::whoBar), theme::whoColor(m_who));
    painter.setPen(theme::text());
    painter.drawText(rect().adjusted(theme::gap, theme::whoBar, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text());
    const QPointF place(width() - theme::gapSmall - crossSide, (height() + theme::whoBar - crossSide) / 2.0);
    painter.drawPixmap(place,
                       theme::iconPixmap(QStringLiteral("cross"), theme::mutedText(), crossSide, devicePixelRatioF()));
  }

 private:
  static constexpr int crossSide = 12;
  theme::Who m_who;
};

}  // namespace

ChosenModels::ChosenModels(QWidget* parent)
    : QWidget(parent),
      m_chips(new QWidget),
      m_add(makeToolButton(QStringLiteral("new"), tr("Add model"), tr("Ask one more: any checkpoint of any run"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(m_chips);
  auto* flow = new FlowLayout(m_chips);
  flow->setContentsMargins(0, 0, 0, 0);
  flow->setSpacing(theme::gapSmall);
  m_add->setObjectName(QStringLiteral("addModel"));
  m_add->setPopupMode(QToolButton::InstantPopup);
  m_add->setMenu(new QMenu(m_add));
  connect(m_add->menu(), &QMenu::aboutToShow, this, &ChosenModels::fillMenu);
  flow->addWidget(m_add);
  reset();
}

void ChosenModels::reset() {
  m_choices = {{Kind::teacher}, {Kind::newest}};
  showChips();
}

void ChosenModels::setTeacher(const QString& folder) {
  if (folder == m_teacher) return;
  m_teacher = folder;
  showChips();
}

void ChosenModels::setRun(const QString& run, const QStringList& checkpoints) {
  if (run == m_run && checkpoints == m_checkpoints) return;
  m_run = run;
  m_checkpoints = checkpoints;
  showChips();
}

void ChosenModels::setOthers(std::vector<RunStudents> others) {
  m_others = std::move(others);
}

AskedModel ChosenModels::modelOf(const Choice& choice) const {
  if (choice.kind == Kind::teacher) return {.who = theme::Who::teacher, .name = tr("Teacher"), .detail = m_teacher};
  const QString folder = choice.kind == Kind::newest ? m_checkpoints.value(0) : choice.folder;
  if (folder.isEmpty()) return {.name = tr("before training"), .detail = tr("The student that training starts from")};
  const bool ofRun = folder.startsWith(m_run + QLatin1Char('/'));
  const QString run = folder.section(u'/', -3, -3);
  return {.folder = modelFolder(folder),
          .name = ofRun ? checkpointName(folder) : tr("%1 · %2").arg(checkpointName(folder), run),
          .detail = folder};
}

QString ChosenModels::textOf(const Choice& choice) const {
  const QString name = modelOf(choice).name;
  return choice.kind == Kind::newest && !m_checkpoints.isEmpty() ? tr("%1 (newest)").arg(name) : name;
}

std::vector<AskedModel> ChosenModels::models() const {
  std::vector<AskedModel> all;
  for (const Choice& choice : m_choices) {
    if (choice.kind == Kind::teacher && m_teacher.isEmpty()) continue;
    const AskedModel model = modelOf(choice);
    const auto same = [&](const AskedModel& other) {
      return other.isSameAs(model);
    };
    if (std::ranges::none_of(all, same)) all.push_back(model);
  }
  return all;
}

QStringList ChosenModels::texts() const {
  QStringList all;
  for (const auto* chip : m_chips->findChildren<QToolButton*>(QStringLiteral("model"))) all << chip->text();
  return all;
}

QStringList ChosenModels::choice() const {
  QStringList kept;
  for (const Choice& each : m_choices)
    kept << (each.kind == Kind::checkpoint ? each.folder : QString::fromLatin1(kindNames[std::size_t(each.kind)]));
  return kept;
}

void ChosenModels::setChoice(const QStringList& kept) {
  m_choices.clear();
  for (const QString& each : kept) {
    const auto kind = std::ranges::find(kindNames, each.toStdString());
    if (kind != kindNames.end())
      m_choices.push_back({Kind(kind - kindNames.begin())});
    else if (each.startsWith(QLatin1Char('/')))
      m_choices.push_back({Kind::checkpoint, each});
  }
  showChips();
}

void ChosenModels::addCheckpoint(const QString& folder) {
  add({Kind::checkpoint, folder});
}

void ChosenModels::add(const Choice& choice) {
  if (std::ranges::find(m_choices, choice) != m_choices.end()) return;
  m_choices.push_back(choice);
  showChips();
  Q_EMIT chosen();
}

void ChosenModels::showChips() {
  QLayout* flow = m_chips->layout();
  const auto before = m_chips->findChildren<QToolButton*>(QStringLiteral("model"));
  const bool hadFocus = std::ranges::any_of(before, &QWidget::hasFocus);
  for (QToolButton* chip : before) {
    flow->removeWidget(chip);
    chip->hide();
    chip->setObjectName({});
    chip->deleteLater();  // it may be what was clicked
  }
  flow->removeWidget(m_add);
  QWidget* previous = m_add->previousInFocusChain();
  for (const Choice& choice : m_choices) {
    if (choice.kind == Kind::teacher && m_teacher.isEmpty()) continue;
    auto* chip = new ModelChip(modelOf(choice), textOf(choice));
    connect(chip, &QToolButton::clicked, this, [this, choice] {
      std::erase(m_choices, choice);
      showChips();
      Q_EMIT chosen();
    });
    flow->addWidget(chip);
    chip->show();
    setTabOrder(previous, chip);
    previous = chip;
  }
  flow->addWidget(m_add);
  if (hadFocus) m_add->setFocus();
  m_chips->updateGeometry();
  Q_EMIT changed();
}

void ChosenModels::addEntry(QMenu* menu, const QString& text, const Choice& choice) {
  QAction* action = menu->addAction(text, this, [this, choice] { add(choice); });
  action->setEnabled(std::ranges::find(m_choices, choice) == m_choices.end());
}

void ChosenModels::fillMenu() {
  QMenu* menu = m_add->menu();
  menu->clear();
  if (!m_teacher.isEmpty()) addEntry(menu, tr("Teacher"), {Kind::teacher});
  addEntry(menu, tr("Newest checkpoint of the run"), {Kind::newest});
  addEntry(menu, tr("Student before training"), {Kind::untrained});
  if (!m_checkpoints.isEmpty()) menu->addSection(tr("This run"));
  for (const QString& checkpoint : m_checkpoints)
    addEntry(menu, checkpointName(checkpoint), {Kind::checkpoint, checkpoint});
  int listed = 0;
  for (const RunStudents& other : m_others) {
    if (other.run == m_run) continue;
    if (listed == 0) menu->addSection(tr("Other runs"));
    if (++listed > mostRunsInMenu) break;
    QMenu* run = menu->addMenu(other.name);
    for (const QString& checkpoint : other.checkpoints)
      addEntry(run, checkpointName(checkpoint), {Kind::checkpoint, checkpoint});
  }
}

}  // namespace llavakd
