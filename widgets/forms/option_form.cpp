// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/option_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "widgets/document/conversions.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/path_edit.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// A combo box in a scrolled page must not change because the wheel passes over it.
class QuietCombo : public QComboBox {
 public:
  using QComboBox::QComboBox;

 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

QString boundsText(const Field& field) {
  // As a field shows them, so that a bound can be typed as it is read.
  if (std::isfinite(field.min) && std::isfinite(field.max))
    return OptionForm::tr("Between %1 and %2.").arg(theme::fieldNumber(field.min), theme::fieldNumber(field.max));
  return {};
}

QString toolTipOf(const Field& field) {
  // Rich text wraps; a plain tooltip of two sentences would be one line as wide as the screen.
  QString tip = toQString(field.help).toHtmlEscaped();
  if (const QString bounds = boundsText(field); !bounds.isEmpty()) tip += QStringLiteral("<br>") + bounds;
  return QStringLiteral("<p>%1</p><p><code>%2</code></p>").arg(tip, toQString(field.name));
}

template <class T>
T valueOr(const FieldValue& value) {
  return std::holds_alternative<T>(value) ? std::get<T>(value) : T();
}

QFormLayout* layOutRows(QWidget* parent) {
  auto* form = new QFormLayout(parent);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(theme::gap);
  form->setVerticalSpacing(theme::gapTiny);
  form->setRowWrapPolicy(QFormLayout::WrapLongRows);
  form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
  return form;
}

void setUpBox(NumberBox* box, const Field& field) {
  constexpr double widest = 9007199254740991;
  box->setRange(std::max(field.min, -widest), std::min(field.max, widest));
  if (!field.unit.empty()) box->setSuffix(QLatin1Char(' ') + toQString(field.unit));
  box->setFixedWidth(theme::fieldWidth);
}

}  // namespace

OptionForm::OptionForm(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
}

QString OptionForm::fieldLabel(std::string_view name) {
  QString label = toQString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!label.isEmpty()) label[0] = label[0].toUpper();
  return label;
}

bool OptionForm::wanted(const Field& field) const {
  const QString name = toQString(field.name);
  return (m_only.isEmpty() || m_only.contains(name)) && !m_except.contains(name);
}

void OptionForm::setFields(const std::vector<FormField>& fields) {
  std::vector<FormField> shown;
  std::copy_if(fields.begin(), fields.end(), std::back_inserter(shown),
               [this](const FormField& f) { return wanted(f.field); });
  const bool same = std::equal(shown.begin(), shown.end(), m_rows.begin(), m_rows.end(),
                               [](const FormField& f, const Row& row) { return toQString(f.field.name) == row.name; });
  if (!same) build(shown);
  for (size_t i = 0; i < shown.size(); ++i) m_rows[i].show(shown[i].value);
}

QWidget* OptionForm::editor(const QString& name) const {
  for (const Row& row : m_rows)
    if (row.name == name) return row.editor;
  return nullptr;
}

QWidget* OptionForm::reveal(const QString& name) {
  QWidget* found = editor(name);
  if (found && m_moreButton && !found->isVisibleTo(this)) m_moreButton->setChecked(true);
  return found;
}

void OptionForm::build(const std::vector<FormField>& fields) {
  m_rows.clear();
  m_rows.resize(fields.size());
  m_moreButton = nullptr;
  delete m_content;
  m_content = new QWidget(this);
  layout()->addWidget(m_content);
  auto* column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* plain = new QWidget(m_content);
  QFormLayout* rows = layOutRows(plain);
  column->addWidget(plain);
  // The Tab key goes in the order in which fields are made: all that is in sight comes before what is behind "More".
  for (const bool behindMore : {false, true})
    for (size_t i = 0; i < fields.size(); ++i) {
      if ((fields[i].field.advanced && !m_flat) != behindMore) continue;
      if (behindMore && !m_moreButton) rows = addMore(column);
      m_rows[i] = addRow(rows, fields[i]);
    }
}

QFormLayout* OptionForm::addMore(QVBoxLayout* column) {
  m_moreButton =
      makeToolButton(QStringLiteral("chevron-right"), tr("More"), tr("Options that rarely change"), m_content);
  m_moreButton->setCheckable(true);
  auto* more = new QWidget(m_content);
  more->hide();
  column->addWidget(m_moreButton);
  column->addWidget(more);
  connect(m_moreButton, &QToolButton::toggled, more, [button = m_moreButton, more](bool open) {
    more->setVisible(open);
    button->setIcon(theme::icon(open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  });
  return layOutRows(more);
}

OptionForm::Row OptionForm::addRow(QFormLayout* rows, const FormField& field) {
  Row row = makeRow(field);
  auto* label = new QLabel(fieldLabel(field.field.name), m_content);
  label->setToolTip(toolTipOf(field.field));
  label->setBuddy(row.editor);
  // On the line of a field that is one line high; next to a higher one it is at the top.
  const int height = std::max(row.editor->sizeHint().height(), row.editor->minimumHeight());
  if (height < 2 * theme::compactRowHeight) label->setMinimumHeight(height);
  row.editor->setToolTip(toolTipOf(field.field));
  row.editor->setAccessibleName(label->text());
  row.editor->setAccessibleDescription(toQString(field.field.help));
  row.editor->setObjectName(row.name);
  if (auto* path = qobject_cast<PathEdit*>(row.editor)) path->setHelp(label->text(), toolTipOf(field.field));
  rows->addRow(label, row.editor);
  return row;
}

OptionForm::Row OptionForm::makeRow(const FormField& field) {
  Row row;
  if (std::holds_alternative<double>(field.value))
    row = makeNumber(field.field);
  else if (std::holds_alternative<int64_t>(field.value))
    row = makeInteger(field.field);
  else if (std::holds_alternative<std::vector<std::string>>(field.value))
    row = makeList(field.field);
  else if (field.field.choices)
    row = makeChoice(field.field);
  else if (field.field.kind == FieldKind::file || field.field.kind == FieldKind::folder)
    row = makePath(field.field);
  else if (field.field.kind == FieldKind::long_text)
    row = makeLongText(field.field);
  else
    row = makeText(field.field);
  row.name = toQString(field.field.name);
  return row;
}

OptionForm::Row OptionForm::makeText(const Field& field) {
  auto* line = new QLineEdit(m_content);
  connect(line, &QLineEdit::textEdited, this,
          [this, name = toQString(field.name)](const QString& text) { Q_EMIT edited(name, text.toStdString()); });
  return {{}, line, [line](const FieldValue& value) {
            const QString text = toQString(valueOr<std::string>(value));
            if (line->text() != text) line->setText(text);
          }};
}

OptionForm::Row OptionForm::makeLongText(const Field& field) {
  auto* box = new QPlainTextEdit(m_content);
  box->setTabChangesFocus(true);
  box->setFixedHeight(72);
  connect(box, &QPlainTextEdit::textChanged, this,
          [this, box, name = toQString(field.name)] { Q_EMIT edited(name, box->toPlainText().toStdString()); });
  return {{}, box, [box](const FieldValue& value) {
            const QString text = toQString(valueOr<std::string>(value));
            const QSignalBlocker quiet(box);
            if (box->toPlainText() != text) box->setPlainText(text);
          }};
}

OptionForm::Row OptionForm::makePath(const Field& field) {
  auto* edit = new PathEdit(field.kind == FieldKind::folder, m_content);
  edit->setBaseFolder(m_baseFolder);
  connect(edit, &PathEdit::pathEdited, this,
          [this, name = toQString(field.name)](const QString& path) { Q_EMIT edited(name, path.toStdString()); });
  return {{}, edit, [this, edit](const FieldValue& value) {
            edit->setBaseFolder(m_baseFolder);
            edit->setPath(toQString(valueOr<std::string>(value)));
          }};
}

OptionForm::Row OptionForm::makeChoice(const Field& field) {
  auto* box = new QuietCombo(m_content);
  box->setFocusPolicy(Qt::StrongFocus);
  box->setMinimumWidth(theme::fieldWidth);
  if (field.optional_text) box->addItem(tr("As the project says"), QString());
  for (const CatalogEntry& entry : field.choices()) {
    box->addItem(toQString(entry.label), toQString(entry.name));
    box->setItemData(box->count() - 1, toQString(entry.help), Qt::ToolTipRole);
  }
  connect(box, &QComboBox::activated, this, [this, box, name = toQString(field.name)] {
    Q_EMIT edited(name, box->currentData().toString().toStdString());
  });
  return {{}, box, [box](const FieldValue& value) {
            const QString name = toQString(valueOr<std::string>(value));
            box->setCurrentIndex(box->findData(name));
          }};
}

OptionForm::Row OptionForm::makeInteger(const Field& field) {
  auto* box = new NumberBox(m_content);
  setUpBox(box, field);
  box->setWhole(true);
  connect(box, &QDoubleSpinBox::valueChanged, this,
          [this, name = toQString(field.name)](double value) { Q_EMIT edited(name, int64_t(std::llround(value))); });
  return {{}, box, [box](const FieldValue& value) {
            const QSignalBlocker quiet(box);
            box->setValue(double(valueOr<int64_t>(value)));
          }};
}

OptionForm::Row OptionForm::makeNumber(const Field& field) {
  auto* box = new NumberBox(m_content);
  setUpBox(box, field);
  connect(box, &QDoubleSpinBox::valueChanged, this,
          [this, name = toQString(field.name)](double value) { Q_EMIT edited(name, value); });
  return {{}, box, [box](const FieldValue& value) {
            const QSignalBlocker quiet(box);
            // The box rounds to 12 decimals; what it can't show it must not change.
            if (box->value() != valueOr<double>(value)) box->setValue(valueOr<double>(value));
          }};
}

OptionForm::Row OptionForm::makeList(const Field& field) {
  auto* line = new QLineEdit(m_content);
  line->setPlaceholderText(tr("Names, separated by commas"));
  connect(line, &QLineEdit::textEdited, this, [this, name = toQString(field.name)](const QString& text) {
    std::vector<std::string> list;
    for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
      if (!part.trimmed().isEmpty()) list.push_back(part.trimmed().toStdString());
    Q_EMIT edited(name, list);
  });
  return {{}, line, [line](const FieldValue& value) {
            QStringList names;
            for (const std::string& name : valueOr<std::vector<std::string>>(value)) names.push_back(toQString(name));
            // While it is being typed, "a, " and ["a"] are the same.
            if (!line->hasFocus()) line->setText(names.join(QStringLiteral(", ")));
          }};
}

}  // namespace llavakd
