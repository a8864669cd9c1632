// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <memory>
#include <optional>

#include "core/project/options.h"
#include "core/run/answer_pairs.h"
#include "core/run/picture_map.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

/// Whose answers to which evaluation.
struct AnswerSubject {
  QString projectFile;
  Project project;  ///< As its file has it: the engine reads that.
  EvaluationOptions evaluation;
  QString checkpoint;  ///< A run's checkpoint folder, absolute; empty: there is none yet.
  bool operator==(const AnswerSubject&) const = default;
};

/// Both models' answers to an evaluation: those that the run keeps, read in the background, or asked for by `llavakd
/// failures`, which keeps them.
class AnswerSource : public QObject {
  Q_OBJECT

 public:
  explicit AnswerSource(QObject* parent = nullptr);

  enum class State { nothing, reading, missing, asking, known, failed };
  State state() const { return m_state; }
  /// Never null while known.
  std::shared_ptr<const PairedAnswers> answers() const { return m_answers; }
  /// The map of the pictures, where there is one.
  std::shared_ptr<const PictureMap> map() const { return m_map; }
  /// Why it failed, for people.
  QString fault() const { return m_fault; }
  /// "Teacher: 120 of 300 questions, 2 min left".
  QString progressText() const { return m_progress; }
  const AnswerSubject& subject() const { return m_subject; }

  /// Shows what is kept of this; the same subject again looks again. Ends what is asked for another one.
  void look(const AnswerSubject& subject);
  /// Asks whichever model's answers are missing; with `map`, the tower for the map of the pictures, too.
  void ask(bool map = false);
  void cancel();

 Q_SIGNALS:
  /// Anything but progressText().
  void changed();
  void progressed();

 private:
  void setState(State state, const QString& fault = {});
  void takeProgress(const QByteArray& line);
  void endProcess();

  AnswerSubject m_subject;
  State m_state = State::nothing;
  std::shared_ptr<const PairedAnswers> m_answers;
  std::shared_ptr<const PictureMap> m_map;
  QString m_fault, m_progress, m_asked;
  QString m_mapFile;  ///< Where the map is or would be; empty until the answers are known.
  qint64 m_doneAtFirst = 0;
  QElapsedTimer m_since;
  QPointer<QProcess> m_process;
  NewestRequest m_readings;
};

}  // namespace llavakd
