// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/model_card.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/option_form.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/page_layout.h"

namespace llavakd {
namespace {

class DropZone : public QWidget {
 public:
  using QWidget::QWidget;

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme::mutedText(), 1, Qt::DashLine));
    painter.setBrush(theme::cardSunken());
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
  }
};

QString times(int64_t a, int64_t b) {
  return QStringLiteral("%1 × %2").arg(theme::wholeNumber(a), theme::wholeNumber(b));
}

std::vector<std::pair<QString, QString>> factRows(const ModelFacts& facts) {
  const auto tr = [](const char* text) {
    return ModelCard::tr(text);
  };
  std::vector<std::pair<QString, QString>> rows;
  if (!facts.missing.empty()) return rows;
  const auto add = [&](const char* name, const QString& value) {
    rows.emplace_back(tr(name), value);
  };
  if (!facts.family.empty()) add("Family", toQString(facts.family));
  if (facts.layers > 0) add("Layers × width", times(facts.layers, facts.hidden_size));
  if (facts.vocabulary > 0) add("Vocabulary", theme::wholeNumber(facts.vocabulary));
  if (!facts.tower.type.empty())
    add("Tower", tr("%1 layers, %2 px").arg(facts.tower.layers).arg(facts.tower.image_size));
  if (!facts.connector.empty()) add("Connector", toQString(facts.connector));
  if (facts.visual_tokens > 0) add("Visual tokens", theme::wholeNumber(facts.visual_tokens));
  if (facts.total_parameters > 0) add("Parameters", theme::shortCount(double(facts.total_parameters)));
  if (facts.bytes > 0) add("On disk", theme::bytesText(double(facts.bytes)));
  if (!facts.dtype.empty()) add("Stored as", toQString(facts.dtype));
  return rows;
}

// "qwen2 + siglip_vision_model, 728 tokens a picture, 1.3 B parameters, BF16, 2.6 GB".
QString summaryOf(const ModelFacts& facts) {
  if (!facts.missing.empty()) return {};
  QStringList parts;
  QStringList names;
  for (const std::string& name : {facts.family, facts.tower.type})
    if (!name.empty() && !names.contains(toQString(name))) names << toQString(name);
  if (!names.isEmpty()) parts << names.join(QStringLiteral(" + "));
  if (facts.visual_tokens > 0)
    parts << ModelCard::tr("%1 tokens a picture").arg(theme::wholeNumber(facts.visual_tokens));
  if (facts.total_parameters > 0)
    parts << ModelCard::tr("%1 parameters").arg(theme::shortCount(double(facts.total_parameters)));
  if (!facts.dtype.empty()) parts << toQString(facts.dtype);
  if (facts.bytes > 0) parts << theme::bytesText(double(facts.bytes));
  return parts.join(QStringLiteral(", "));
}

bool isFolderDrop(const QDropEvent* event) {
  const auto urls = event->mimeData()->urls();
  return urls.size() == 1 && urls.front().isLocalFile() && QFileInfo(urls.front().toLocalFile()).isDir();
}

}  // namespace

ModelCard::ModelCard(theme::Who who, ProjectDocument* document, QWidget* parent)
    : Card(who, parent), m_role(who), m_document(document) {
  setAcceptDrops(true);
  setMinimumWidth(220);
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(isTeacher() ? tr("Teacher") : tr("Student"), theme::Size::title));
  head->addStretch();
  if (!isTeacher()) {
    m_source = new QComboBox(this);
    m_source->setObjectName(QStringLiteral("source"));
    m_source->addItems({tr("Checkpoint"), tr("From parts")});
    m_source->setAccessibleName(tr("What the student is made of"));
    head->addWidget(m_source);
    connect(m_source, &QComboBox::activated, this, &ModelCard::showForm);
  }
  head->addStrut(theme::compactRowHeight);  // the same line in all three cards
  body()->addLayout(head);

  m_form = new OptionForm(this);
  body()->addWidget(m_form);
  body()->addWidget(m_zone = makeDropZone(), 1);
  body()->addWidget(m_facts = makeFacts(), 1);
  connect(m_form, &OptionForm::edited, this,
          [this](const QString& name, const FieldValue& value) { edited(name, value); });
  connect(document, &ProjectDocument::changed, this, &ModelCard::refresh);
  connect(document, &ProjectDocument::opened, this, [this] {
    if (m_source) m_source->setCurrentIndex(m_document->project().student.language_model.empty() ? 0 : 1);
    m_shownStudent = m_document->project().student;
    refresh();
  });
}

QWidget* ModelCard::makeDropZone() {
  auto* zone = new DropZone(this);
  auto* column = new QVBoxLayout(zone);
  column->setContentsMargins(theme::gapLarge, theme::gapPage, theme::gapLarge, theme::gapPage);
  auto* hint = new TextLabel(tr("Drop a checkpoint folder here"), theme::Size::body, TextLabel::Tone::muted);
  hint->setAlignment(Qt::AlignCenter);
  hint->setWordWrap(true);
  auto* button = new QPushButton(theme::icon(QStringLiteral("folder")), tr("Choose…"), zone);
  connect(button, &QPushButton::clicked, this, &ModelCard::choose);
  column->addStretch();
  column->addWidget(hint);
  column->addWidget(button, 0, Qt::AlignHCenter);
  column->addStretch();
  return zone;
}

QWidget* ModelCard::makeFacts() {
  auto* facts = new QWidget(this);
  auto* column = new QVBoxLayout(facts);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  m_summary = new TextLabel({}, theme::Size::body);
  m_summary->setObjectName(QStringLiteral("summary"));
  m_faults = new TextLabel({}, theme::Size::body);
  for (TextLabel* label : {m_summary, m_faults}) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(label);
  }
  m_details = makeToolButton(QStringLiteral("chevron-right"), tr("Details"), tr("Sizes of its parts"), facts);
  m_details->setObjectName(QStringLiteral("details"));
  m_details->setCheckable(true);
  column->addWidget(m_details, 0, Qt::AlignLeft);
  auto* details = new QWidget(facts);
  m_grid = new QGridLayout(details);
  m_grid->setContentsMargins(0, 0, 0, 0);
  m_grid->setHorizontalSpacing(theme::gap);
  m_grid->setVerticalSpacing(theme::gapTiny);
  m_grid->setColumnStretch(1, 1);
  details->hide();
  column->addWidget(details);
  column->addStretch();
  connect(m_details, &QToolButton::toggled, details, [this, details](bool open) {
    details->setVisible(open);
    m_details->setIcon(theme::icon(open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  });
  return facts;
}

void ModelCard::refresh() {
  if (!m_document->isOpen()) return;
  const StudentOptions& student = m_document->project().student;
  // An undo can change what the student is made of; otherwise the form stays as it was chosen.
  if (m_source && student != m_shownStudent) {
    if (!student.language_model.empty()) m_source->setCurrentIndex(1);
    if (!student.checkpoint.empty()) m_source->setCurrentIndex(0);
  }
  m_shownStudent = student;
  showForm();
}

void ModelCard::showForm() {
  if (!m_document->isOpen()) return;
  const Project& project = m_document->project();
  m_form->setBaseFolder(QFileInfo(m_document->path()).absolutePath());
  if (isTeacher()) {
    m_form->setFields(formFields(project.teacher));
    return;
  }
  m_form->setOnly(m_source->currentIndex() == 0
                      ? QStringList{QStringLiteral("checkpoint")}
                      : QStringList{QStringLiteral("language_model"), QStringLiteral("vision_tower"),
                                    QStringLiteral("connector"), QStringLiteral("num_queries")});
  m_form->setFields(formFields(project.student));
}

void ModelCard::setFacts(bool known, const ModelFacts& facts) {
  m_zone->setVisible(!known);
  m_facts->setVisible(known);
  while (QLayoutItem* item = m_grid->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  m_summary->setText(summaryOf(facts));
  m_summary->setVisible(!m_summary->text().isEmpty());
  int row = 0;
  for (const auto& [name, value] : factRows(facts)) {
    auto* label = new TextLabel(name, theme::Size::body, TextLabel::Tone::muted);
    auto* number = new ElidedLabel(value, theme::Size::body, Qt::ElideRight);
    m_grid->addWidget(label, row, 0);
    m_grid->addWidget(number, row++, 1);
  }
  m_details->setVisible(row > 0);
  // Of a folder that isn't there nothing is known; what else it lacks follows from that.
  QStringList faults;
  for (const auto& folder : facts.missing) faults << tr("Not found: %1").arg(toQString(folder));
  if (facts.missing.empty())
    for (const std::string& fault : facts.faults) faults << toQString(fault);
  if (faults.size() > 4) faults = faults.mid(0, 4) << tr("… and %1 more.").arg(theme::wholeNumber(faults.size() - 4));
  m_faults->setVisible(!faults.isEmpty());
  m_faults->setText(faults.join(QLatin1Char('\n')));
  settleLayout(this);
}

void ModelCard::setReading() {
  setFacts(false, {});
  const Project& project = m_document->project();
  const bool chosen = isTeacher() ? !project.teacher.checkpoint.empty()
                                  : !project.student.checkpoint.empty() || !project.student.language_model.empty();
  if (!chosen) return;
  m_zone->hide();
  m_facts->show();
  m_summary->setText(tr("Reading…"));
  m_summary->show();
}

void ModelCard::choose() {
  const QString start = QFileInfo(m_document->path()).absolutePath();
  const QString folder = QFileDialog::getExistingDirectory(
      window(), isTeacher() ? tr("Choose the teacher's checkpoint") : tr("Choose the student's checkpoint"), start);
  if (!folder.isEmpty()) setCheckpoint(folder);
}

void ModelCard::setCheckpoint(const QString& folder) {
  const std::string path = m_document->relative(folder);
  m_document->edit(isTeacher() ? tr("choose the teacher") : tr("choose the student"), [&](Project& project) {
    if (isTeacher()) {
      project.teacher.checkpoint = path;
    } else {
      project.student = {};
      project.student.checkpoint = path;
    }
  });
}

void ModelCard::edited(const QString& name, const FieldValue& value) {
  const QString key = (isTeacher() ? QStringLiteral("teacher.") : QStringLiteral("student.")) + name;
  m_document->edit(
      tr("change %1").arg(OptionForm::fieldLabel(name.toStdString()).toLower()),
      [&](Project& project) {
        if (isTeacher()) {
          assignField(project.teacher, name.toStdString(), value);
          return;
        }
        assignField(project.student, name.toStdString(), value);
        // The two ways exclude each other: what is chosen last holds.
        if (value == FieldValue(std::string()) || value == FieldValue(int64_t{0})) return;
        if (name == QStringLiteral("checkpoint"))
          project.student = {.checkpoint = project.student.checkpoint};
        else
          project.student.checkpoint.clear();
      },
      key);
}

void ModelCard::dragEnterEvent(QDragEnterEvent* event) {
  if (!m_document->isOpen() || !isFolderDrop(event)) return;
  setHighlighted(true);
  event->acceptProposedAction();
}

void ModelCard::dragLeaveEvent(QDragLeaveEvent*) {
  setHighlighted(false);
}

void ModelCard::dropEvent(QDropEvent* event) {
  setHighlighted(false);
  if (isFolderDrop(event)) setCheckpoint(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace llavakd
