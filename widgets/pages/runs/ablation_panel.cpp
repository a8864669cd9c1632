// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/ablation_panel.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QShortcut>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "core/run/run_folder.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

using AblationJson = nlohmann::ordered_json;

const QString noScoreText = QStringLiteral("–");
constexpr int firstSeedColumn = 2;  // after the arm and its steps

std::vector<AblationList> tryAblations(const QString& projectFile) {
  try {
    return list_ablations(toPath(projectFile));
  } catch (const std::exception&) {
    return {};  // the catalog of runs says why they can't be listed
  }
}

QString scoreOrNone(const AblationJson& value) {
  return value.is_number() ? theme::fixedNumber(value.get<double>(), 2) : noScoreText;
}

QString signedOrNone(const AblationJson& value) {
  return value.is_number() ? theme::signedNumber(value.get<double>(), 2) : noScoreText;
}

// "71.20 ± 0.50"; of one seed the mean alone.
QString spreadOf(const AblationJson& object, QString (*text)(const AblationJson&)) {
  const QString mean = text(object.at("mean"));
  return object.at("sd").is_number() ? AblationPanel::tr("%1 ± %2").arg(mean, scoreOrNone(object.at("sd"))) : mean;
}

QString intervalOf(const AblationJson& difference) {
  const AblationJson& interval = difference.at("interval");
  if (!interval.is_array()) return noScoreText;
  return AblationPanel::tr("%1 to %2").arg(signedOrNone(interval.at(0)), signedOrNone(interval.at(1)));
}

const AblationJson* differenceOf(const AblationJson& table, const std::string& arm, const std::string& baseline) {
  for (const AblationJson& each : table.at("differences"))
    if (each.at("arm") == arm && each.at("minus") == baseline) return &each;
  return nullptr;
}

QString titleOfAblation(const AblationList& ablation) {
  const QString runs = theme::wholeNumber(ablation.runs);
  return ablation.at_work > 0 ? AblationPanel::tr("%1, %2 runs, %3 at work")
                                    .arg(runTimeText(ablation.when), runs, theme::wholeNumber(ablation.at_work))
                              : AblationPanel::tr("%1, %2 runs").arg(runTimeText(ablation.when), runs);
}

}  // namespace

AblationPanel::AblationPanel(QWidget* parent)
    : QWidget(parent),
      m_which(new QComboBox),
      m_baseline(new QComboBox),
      m_baselineLabel(new TextLabel(tr("&Baseline"))),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_table(new QTreeWidget) {
  m_which->setObjectName(QStringLiteral("ablation"));
  m_which->setAccessibleName(tr("Ablation"));
  m_baseline->setObjectName(QStringLiteral("ablationBaseline"));
  m_baseline->setToolTip(tr("The arm that the others are measured against"));
  m_baselineLabel->setBuddy(m_baseline);
  for (QComboBox* box : {m_which, m_baseline}) box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_state->setObjectName(QStringLiteral("ablationState"));
  m_state->setWordWrap(true);
  m_state->setTextFormat(Qt::PlainText);
  m_table->setObjectName(QStringLiteral("ablationTable"));
  m_table->setAccessibleName(tr("Arms of the ablation"));
  m_table->setRootIsDecorated(false);
  m_table->setUniformRowHeights(true);
  m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_table->header()->setStretchLastSection(false);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  row->addWidget(m_which);
  row->addSpacing(theme::gap);
  row->addWidget(m_baselineLabel);
  row->addWidget(m_baseline);
  row->addStretch();
  column->addLayout(row);
  column->addWidget(m_table, 1);
  column->addWidget(m_state);
  connect(m_which, &QComboBox::activated, this, &AblationPanel::showArms);
  connect(m_baseline, &QComboBox::activated, this, &AblationPanel::showTable);
  m_table->setToolTip(tr("A double click or Enter on a score shows its run"));
  connect(m_table, &QTreeWidget::itemDoubleClicked, this,
          [this](QTreeWidgetItem* item, int clicked) { openRun(m_table->indexOfTopLevelItem(item), clicked); });
  auto* opens = new QShortcut(QKeySequence(Qt::Key_Return), m_table);
  opens->setContext(Qt::WidgetShortcut);
  connect(opens, &QShortcut::activated, this,
          [this] { openRun(m_table->currentIndex().row(), m_table->currentIndex().column()); });
  auto* copies = new QShortcut(QKeySequence::Copy, m_table);
  copies->setContext(Qt::WidgetShortcut);
  connect(copies, &QShortcut::activated, this, &AblationPanel::copy);
  clear();
}

void AblationPanel::clear() {
  m_readings.cancel();
  m_which->clear();
  showAblations({});
}

void AblationPanel::read(const QString& projectFile) {
  m_projectFile = projectFile;
  if (m_ablations.empty()) m_state->setText(tr("Reading…"));
  inBackground(
      this, [projectFile] { return tryAblations(projectFile); },
      m_readings.begin().only([this](std::vector<AblationList> read) { showAblations(std::move(read)); }));
}

void AblationPanel::showAblations(std::vector<AblationList> ablations) {
  const int chosen = m_which->currentIndex();
  m_ablations = std::move(ablations);
  m_which->clear();
  for (const AblationList& each : m_ablations) m_which->addItem(titleOfAblation(each));
  m_which->setCurrentIndex(m_ablations.empty() ? -1 : std::clamp(chosen, 0, int(m_ablations.size()) - 1));
  m_which->setVisible(!m_ablations.empty());
  showArms();
}

void AblationPanel::showArms() {
  const QString chosen = m_baseline->currentText();
  m_baseline->clear();
  if (const int which = m_which->currentIndex(); which >= 0)
    for (const ArmResult& arm : m_ablations[size_t(which)].arms) m_baseline->addItem(toQString(arm.name));
  if (const int kept = m_baseline->findText(chosen); kept >= 0) m_baseline->setCurrentIndex(kept);
  m_baseline->setVisible(m_baseline->count() > 1);
  m_baselineLabel->setVisible(m_baseline->count() > 1);
  showTable();
}

void AblationPanel::showTable() {
  m_table->clear();
  const int which = m_which->currentIndex();
  if (which < 0) return m_state->setText(tr("No ablation yet; `llavakd ablate` runs one."));
  const AblationList& ablation = m_ablations[size_t(which)];
  if (ablation.arms.empty()) return m_state->setText(tr("No arm has a score yet."));
  const AblationJson table = ablation_table(ablation, m_baseline->currentText().toStdString());
  QStringList titles{tr("Arm"), tr("Steps")};
  for (const int64_t seed : ablation.seeds) titles << tr("Seed %1").arg(theme::wholeNumber(seed));
  titles << tr("Mean ± sd") << tr("Minus baseline") << tr("95 % interval") << QString();
  m_table->setColumnCount(int(titles.size()));
  m_table->setHeaderLabels(titles);
  for (int i = 1; i + 1 < titles.size(); ++i)
    m_table->headerItem()->setTextAlignment(i, Qt::AlignRight | Qt::AlignVCenter);
  for (const ArmResult& arm : ablation.arms) addArm(arm.name, table);
  for (int i = 0; i < titles.size(); ++i) m_table->resizeColumnToContents(i);
  const QString meaning = toQString(table.value("score_is", ""));
  m_state->setText((meaning.isEmpty() ? tr("Scores in percent.") : tr("Scores in percent: %1.").arg(meaning)) +
                   tr(" Differences are paired by seed; an interval without 0 tells the arms apart."));
}

void AblationPanel::addArm(const std::string& name, const AblationJson& table) {
  const AblationJson& arm = table.at("arms").at(name);
  QStringList cells{toQString(name), theme::wholeNumber(arm.at("steps").get<qint64>())};
  for (const AblationJson& score : arm.at("scores")) cells << scoreOrNone(score);
  cells << spreadOf(arm, scoreOrNone);
  const std::string baseline = m_baseline->currentText().toStdString();
  const AblationJson* difference = differenceOf(table, name, baseline);
  QString bySeed;
  if (difference) {
    cells << spreadOf(*difference, signedOrNone) << intervalOf(*difference);
    cells << (difference->at("equal_steps").get<bool>() ? tr("equal steps") : QString());
    QStringList each;
    for (const AblationJson& score : difference->at("scores")) each << signedOrNone(score);
    bySeed = tr("Seed by seed: %1").arg(each.join(QStringLiteral(", ")));
  } else {
    cells << noScoreText << QString() << (name == baseline ? tr("baseline") : QString());
  }
  auto* item = new QTreeWidgetItem(m_table, cells);
  for (int i = 1; i + 1 < cells.size(); ++i) {
    item->setTextAlignment(i, Qt::AlignRight | Qt::AlignVCenter);
    item->setFont(i, theme::numberFont(theme::Size::body));
  }
  for (const int i : {int(cells.size()) - 3, int(cells.size()) - 2}) item->setToolTip(i, bySeed);
}

void AblationPanel::openRun(int row, int column) {
  const int which = m_which->currentIndex(), seed = column - firstSeedColumn;
  if (which < 0 || row < 0 || seed < 0) return;
  const std::vector<ArmResult>& arms = m_ablations[size_t(which)].arms;
  if (row >= int(arms.size()) || seed >= int(arms[size_t(row)].scores.size())) return;
  const std::string& run = arms[size_t(row)].scores[size_t(seed)].run;
  if (!run.empty()) Q_EMIT openRequested(toQString(runs_folder(toPath(m_projectFile)) / run), QStringLiteral("train"));
}

// As a table that spreadsheets take.
void AblationPanel::copy() const {
  QStringList lines;
  const auto add = [&](const QTreeWidgetItem* item) {
    QStringList cells;
    for (int i = 0; i < m_table->columnCount(); ++i) cells << item->text(i);
    lines << cells.join(QLatin1Char('\t'));
  };
  add(m_table->headerItem());
  for (int i = 0; i < m_table->topLevelItemCount(); ++i) add(m_table->topLevelItem(i));
  QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace llavakd
