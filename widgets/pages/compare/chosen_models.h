// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"
#include "widgets/pages/compare/run_students.h"

class QMenu;
class QToolButton;

namespace llavakd {

/// Who will be asked next, as chips: the teacher, the newest checkpoint of the run that is followed, and any other
/// student. A chip is taken away by a click or Delete; a menu adds one.
class ChosenModels : public QWidget {
  Q_OBJECT

 public:
  explicit ChosenModels(QWidget* parent = nullptr);

  /// The teacher and the newest student, as at first.
  void reset();
  /// `folder` as the project names it; empty: there is no teacher.
  void setTeacher(const QString& folder);
  /// The run that is followed and its checkpoints' folders, newest first.
  void setRun(const QString& run, const QStringList& checkpoints);
  /// The other runs' students for the menu.
  void setOthers(std::vector<RunStudents> others);

  /// Each once, in the order of the chips.
  std::vector<AskedModel> models() const;
  QToolButton* addButton() const { return m_add; }
  /// The chips' texts, for tests and for screen readers.
  QStringList texts() const;

  /// The choice as settings keep it; what can't be read there is left out.
  QStringList choice() const;
  void setChoice(const QStringList& choice);

  /// Adds a student by its checkpoint's folder.
  void addCheckpoint(const QString& folder);

 Q_SIGNALS:
  void changed();
  /// A person took one away or added one.
  void chosen();

 private:
  enum class Kind { teacher, newest, untrained, checkpoint };
  struct Choice {
    Kind kind = Kind::newest;
    QString folder = {};  ///< Of a checkpoint.
    bool operator==(const Choice&) const = default;
  };
  AskedModel modelOf(const Choice& choice) const;
  QString textOf(const Choice& choice) const;
  void add(const Choice& choice);
  void showChips();
  void fillMenu();
  void addEntry(QMenu* menu, const QString& text, const Choice& choice);

  std::vector<Choice> m_choices;
  QString m_teacher, m_run;
  QStringList m_checkpoints;
  std::vector<RunStudents> m_others;
  QWidget* m_chips;
  QToolButton* m_add;
};

}  // namespace llavakd
