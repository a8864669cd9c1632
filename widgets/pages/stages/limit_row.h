// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <functional>

#include "core/project/options.h"

class QComboBox;
class QToolButton;

namespace llavakd {

class NumberBox;
class StateBadge;
class TextLabel;

/// One limit of a stage's gate: which number, of what, against what, and what happens where it isn't met.
class LimitRow : public QWidget {
  Q_OBJECT

 public:
  explicit LimitRow(int index, QWidget* parent = nullptr);
  /// Shows the limit, and why its number can't be known.
  void setLimit(const LimitOptions& limit, const StageOptions& stage, const Project& project);

 Q_SIGNALS:
  /// `what`: the field's name, for the history.
  void edited(const llavakd::LimitOptions& limit, const QString& what);
  void removeRequested();

 private:
  QComboBox* addChoice(const char* name, const QString& label, Catalog entries, std::string LimitOptions::*field);
  void fillSubjects(const StageOptions& stage, const Project& project);
  void change(const QString& what, const std::function<void(LimitOptions&)>& set);

  int m_index;
  LimitOptions m_limit;
  std::string m_firstTerm;  ///< What a probe's number begins with.
  QComboBox *m_measure, *m_of, *m_against, *m_unmet;
  TextLabel* m_side;
  NumberBox* m_number;
  StateBadge* m_fault;
};

}  // namespace llavakd
