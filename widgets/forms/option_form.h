// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>
#include <functional>
#include <vector>

#include "widgets/forms/form_fields.h"

class QFormLayout;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

/// A form made from describe(): a row for each field with its bounds, choices and help; advanced ones behind "More".
class OptionForm : public QWidget {
  Q_OBJECT

 public:
  explicit OptionForm(QWidget* parent = nullptr);

  /// Only these fields, by name, in the order of describe(). Empty: all.
  void setOnly(const QStringList& names) { m_only = names; }
  /// All but these fields.
  void setExcept(const QStringList& names) { m_except = names; }
  /// Shows advanced fields like the others, where the form itself is already behind "More".
  void setFlat(bool flat) { m_flat = flat; }
  /// Folder that relative paths start from.
  void setBaseFolder(const QString& folder) { m_baseFolder = folder; }

  /// Shows these values; rows are rebuilt only when the fields themselves changed.
  void setFields(const std::vector<FormField>& fields);

  /// The editor of a field; nullptr when the form has no such row.
  QWidget* editor(const QString& name) const;

  /// The same, opened where it is behind "More".
  QWidget* reveal(const QString& name);

  /// "learning_rate" as people read it: "Learning rate".
  static QString fieldLabel(std::string_view name);

 Q_SIGNALS:
  /// The user changed a field.
  void edited(const QString& name, const llavakd::FieldValue& value);

 private:
  struct Row {
    QString name;
    QWidget* editor = nullptr;
    std::function<void(const FieldValue&)> show;
  };
  bool wanted(const Field& field) const;
  void build(const std::vector<FormField>& fields);
  QFormLayout* addMore(QVBoxLayout* column);
  Row addRow(QFormLayout* rows, const FormField& field);
  Row makeRow(const FormField& field);
  Row makeText(const Field& field);
  Row makeLongText(const Field& field);
  Row makePath(const Field& field);
  Row makeChoice(const Field& field);
  Row makeInteger(const Field& field);
  Row makeNumber(const Field& field);
  Row makeList(const Field& field);

  QStringList m_only, m_except;
  QString m_baseFolder;
  bool m_flat = false;
  std::vector<Row> m_rows;
  QWidget* m_content = nullptr;
  QToolButton* m_moreButton = nullptr;
};

}  // namespace llavakd
