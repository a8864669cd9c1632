// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/run_comparison.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_changes.h"
#include "widgets/pages/runs/report_dialog.h"
#include "widgets/pages/runs/run_columns.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

const QString absentText = QStringLiteral("–");
constexpr int differsRole = Qt::UserRole;

struct ReadOptions {
  std::vector<OptionRow> rows;
  QString fault;
};

ReadOptions tryOptions(const std::vector<RunFolder>& folders) {
  try {
    std::vector<RunInfo> runs;
    for (const RunFolder& folder : folders) runs.push_back(read_run_info(folder));
    return {run_difference(runs), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

QString optionText(const std::vector<OptionValue>& values) {
  if (values.empty()) return absentText;
  QString text;
  for (const OptionValue& each : values) {
    const QString value = each.value.is_null() ? absentText : optionValueText(each.value);
    text = text.isEmpty()
               ? value
               : RunComparison::tr("%1, from step %2 on %3").arg(text, theme::wholeNumber(each.from_step), value);
  }
  return text;
}

// "terms.NAME.weight" as people read it.
QString comparedName(const std::string& option) {
  QString name = toQString(option);
  return name.startsWith(QLatin1String("terms.")) ? name.mid(6).replace(QLatin1Char('.'), QLatin1Char(' ')) : name;
}

// "58.3 % (+2.1)"
QString scoreText(const RunRow& run, const RunRow& first) {
  if (!run.score) return absentText;
  const QString score = RunComparison::tr("%1 %").arg(theme::fixedNumber(*run.score, 1));
  if (run.folder == first.folder || !first.score) return score;
  if (theme::fixedNumber(*run.score, 1) == theme::fixedNumber(*first.score, 1)) return score;  // no difference to read
  return RunComparison::tr("%1 (%2)").arg(score, theme::signedNumber(*run.score - *first.score, 1));
}

QString resultText(double value) {
  return std::isnan(value) ? absentText : theme::number(value);
}

}  // namespace

RunComparison::RunComparison(QWidget* parent)
    : QWidget(parent),
      m_onlyDifferences(new QCheckBox(tr("&Only differences"), this)),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted, this)),
      m_report(new QPushButton(tr("Re&port…"), this)),
      m_tree(new QTreeWidget(this)) {
  m_state->setTextFormat(Qt::PlainText);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, theme::gap, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->addWidget(m_state, 1);
  row->addWidget(m_onlyDifferences);
  row->addWidget(m_report);
  m_report->setObjectName(QStringLiteral("reportRuns"));
  connect(m_report, &QPushButton::clicked, this, [this] { (new ReportDialog(m_chosen, window()))->open(); });
  column->addLayout(row);
  column->addWidget(m_tree, 1);
  m_onlyDifferences->setChecked(true);
  m_onlyDifferences->setObjectName(QStringLiteral("onlyDifferences"));
  m_tree->setObjectName(QStringLiteral("comparison"));
  m_tree->setAccessibleName(tr("Results and options of the selected runs"));
  m_tree->setRootIsDecorated(false);
  m_tree->setUniformRowHeights(true);
  m_tree->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_tree->header()->setStretchLastSection(false);
  m_tree->header()->setTextElideMode(Qt::ElideMiddle);  // runs are told apart by the ends of their names
  connect(m_onlyDifferences, &QCheckBox::toggled, this, &RunComparison::filter);
  auto* copies = new QShortcut(QKeySequence::Copy, m_tree);
  copies->setContext(Qt::WidgetShortcut);
  connect(copies, &QShortcut::activated, this, &RunComparison::copy);
}

void RunComparison::setRuns(std::vector<RunRow> runs) {
  m_chosen = runs;
  const bool allRead = std::ranges::all_of(runs, [](const RunRow& run) { return run.fault.isEmpty(); });
  m_report->setEnabled(allRead && runs.size() <= ReportDialog::mostRuns);
  m_report->setToolTip(m_report->isEnabled()
                           ? tr("Write a page that compares these runs and that any browser opens")
                           : tr("A report is of at most %1 runs, and of each its run.json must be there to read.")
                                 .arg(theme::wholeNumber(qint64(ReportDialog::mostRuns))));
  m_leftOut = runs.size() > mostRuns ? runs.size() - mostRuns : 0;
  if (m_leftOut > 0) runs.resize(mostRuns);
  const bool same = std::ranges::equal(runs, m_runs, {}, &RunRow::folder, &RunRow::folder);
  if (same && runs == m_runs) return;
  m_runs = std::move(runs);
  if (!same) {  // another run's options must not be under this one's name
    m_rows.clear();
    m_state->setText(tr("Reading…"));
  }
  showResults();
  read();
}

void RunComparison::read() {
  std::vector<RunFolder> folders;
  for (const RunRow& run : m_runs) folders.push_back({toPath(run.folder)});
  inBackground(
      this, [folders = std::move(folders)] { return tryOptions(folders); },
      m_readings.begin().only([this](const ReadOptions& read) {
        showOptions(read.rows);
        if (read.rows.empty())
          m_state->setText(read.fault.isEmpty() ? tr("These runs have no record of their options.") : read.fault);
      }));
}

QTreeWidgetItem* RunComparison::addGroup(const QString& title) {
  auto* group = new QTreeWidgetItem(m_tree, {title});
  QFont bold = m_tree->font();
  bold.setWeight(QFont::DemiBold);
  group->setFont(0, bold);
  group->setFirstColumnSpanned(true);
  group->setExpanded(true);
  return group;
}

void RunComparison::addRow(QTreeWidgetItem* group, const QString& name, const QStringList& values, bool differs) {
  auto* item = new QTreeWidgetItem(group, QStringList(name) + values);
  item->setData(0, differsRole, differs);
  QFont bold = m_tree->font();
  bold.setWeight(QFont::DemiBold);
  for (int i = 0; i < values.size(); ++i) {
    item->setToolTip(i + 1, values[i]);
    if (i > 0 && values[i] != values[0]) item->setFont(i + 1, bold);
  }
}

void RunComparison::showResults() {
  const int scrolled = m_tree->verticalScrollBar()->value();
  m_tree->clear();
  QStringList titles{QString()};
  for (const RunRow& run : m_runs) titles << (run.notes.baseline ? tr("%1 (baseline)").arg(run.name) : run.name);
  m_tree->setColumnCount(int(titles.size()));
  m_tree->setHeaderLabels(titles);
  for (int i = 1; i < titles.size(); ++i) m_tree->headerItem()->setToolTip(i, titles[i]);
  QTreeWidgetItem* group = addGroup(tr("Results"));
  const auto add = [&](const QString& name, const auto& textOf) {
    QStringList values;
    for (const RunRow& run : m_runs) values << textOf(run);
    if (std::ranges::any_of(values, [](const QString& value) { return !value.isEmpty() && value != absentText; }))
      addRow(group, name, values, true);
  };
  add(tr("State"), stateText);
  add(tr("Score"), [&](const RunRow& run) { return scoreText(run, m_runs.front()); });
  add(tr("Total"), [](const RunRow& run) { return resultText(run.total); });
  std::vector<std::string> terms;
  for (const RunRow& run : m_runs)
    for (const auto& [term, value] : run.terms)
      if (std::ranges::find(terms, term) == terms.end()) terms.push_back(term);
  for (const std::string& term : terms)
    add(termLabel(term), [&](const RunRow& run) { return resultText(number_of(run.terms, term)); });
  add(tr("Steps"), stepsText);
  add(tr("Took"), [](const RunRow& run) { return run.seconds > 0 ? theme::durationText(run.seconds) : absentText; });
  add(tr("Tags"), tagsText);
  const int character = m_tree->fontMetrics().averageCharWidth();
  m_tree->setColumnWidth(0, 28 * character);
  for (int i = 1; i < m_tree->columnCount(); ++i) {
    // Folders may have any name; a long one must not push the others out of sight.
    const int heading = std::min(48 * character, m_tree->header()->sectionSizeHint(i));
    m_tree->setColumnWidth(i, std::max(26 * character, heading));
  }
  showOptions(m_rows);
  m_tree->verticalScrollBar()->setValue(scrolled);
}

void RunComparison::showOptions(const std::vector<OptionRow>& rows) {
  m_rows = rows;
  while (m_tree->topLevelItemCount() > 1) delete m_tree->takeTopLevelItem(1);
  QTreeWidgetItem* group = nullptr;
  std::string stage;
  for (const OptionRow& row : m_rows) {
    if (!group || row.stage != stage) group = addGroup(row.stage.empty() ? tr("Project") : toQString(row.stage));
    stage = row.stage;
    QStringList values;
    for (const std::vector<OptionValue>& each : row.runs) values << optionText(each);
    addRow(group, comparedName(row.option), values, row.differs);
  }
  const auto differ = std::ranges::count_if(m_rows, &OptionRow::differs);
  if (!m_rows.empty()) {
    QString text = differ == 0   ? tr("All options that decide a result are the same.")
                   : differ == 1 ? tr("1 option differs.")
                                 : tr("%1 options differ.").arg(theme::wholeNumber(differ));
    if (m_leftOut > 0) text += tr(" The first %1 of the selected runs are shown.").arg(theme::wholeNumber(mostRuns));
    m_state->setText(text);
  }
  filter();
}

void RunComparison::filter() {
  for (int i = 1; i < m_tree->topLevelItemCount(); ++i) {
    QTreeWidgetItem* group = m_tree->topLevelItem(i);
    bool any = false;
    for (int k = 0; k < group->childCount(); ++k) {
      const bool shown = !m_onlyDifferences->isChecked() || group->child(k)->data(0, differsRole).toBool();
      group->child(k)->setHidden(!shown);
      any = any || shown;
    }
    group->setHidden(!any);
  }
}

// As a table that spreadsheets take.
void RunComparison::copy() const {
  QStringList lines;
  const auto add = [&](const QTreeWidgetItem* item) {
    QStringList cells;
    for (int i = 0; i < m_tree->columnCount(); ++i) cells << item->text(i);
    lines << cells.join(QLatin1Char('\t'));
  };
  add(m_tree->headerItem());
  for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
    const QTreeWidgetItem* group = m_tree->topLevelItem(i);
    if (group->isHidden()) continue;
    lines << group->text(0);
    for (int k = 0; k < group->childCount(); ++k)
      if (!group->child(k)->isHidden()) add(group->child(k));
  }
  QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace llavakd
