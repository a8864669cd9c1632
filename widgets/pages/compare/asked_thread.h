// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "widgets/document/newest_request.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ServeClient;

/// Who is asked.
struct AskedModel {
  theme::Who who = theme::Who::student;
  QString folder = {};  ///< Of a student's checkpoint; empty: the teacher, or the student before training.
  QString name = {};    ///< As the thread shows it: "Teacher", "SFT-160", "DPT-40 · other-run".
  QString detail = {};  ///< Where it is, for a tooltip.

  bool isSameAs(const AskedModel& other) const { return who == other.who && folder == other.folder; }
};

/// How answers are made.
struct AskSettings {
  double temperature = 0;  ///< 0: the likeliest token, always.
  double topP = 1;
  qint64 seed = 0;
  int mostTokens = 128;

  bool isGreedy() const { return temperature == 0; }
  bool operator==(const AskSettings&) const = default;
};

/// What a model said, and how long it took.
struct GivenAnswer {
  QString text = {};
  double seconds = 0;                            ///< With picture and prompt.
  std::optional<double> firstTokenSeconds = {};  ///< Until its first token was known.
  std::optional<double> tokensPerSecond = {};    ///< Of the rest; nothing where it is too short to tell.
  std::optional<int> cutAt = {};                 ///< After so many tokens it was ended by the limit.
  bool canGoOn = false;                          ///< It was cut by the page, which may allow more.
  bool stopped = false;                          ///< By a person, at some token.

  bool operator==(const GivenAnswer&) const = default;
};

/// One model's answer in a turn.
struct ModelAnswer {
  std::optional<GivenAnswer> given = {};
  QString why = {};    ///< Why there is none, or no more of it.
  qint64 call = 0;     ///< Of the engine, while it is on its way.
  QString piece = {};  ///< What has come of it so far.
  int tokens = 0;      ///< In `piece`.

  bool isWaiting() const { return call != 0; }
  bool operator==(const ModelAnswer&) const = default;
};

struct AskedTurn {
  QString question = {};
  QString reference = {};                 ///< The right answer, where the question is from an evaluation.
  std::vector<ModelAnswer> answers = {};  ///< Of the row's models, in their order.
};

/// One ask: pictures, models and settings, and the turns that followed. They never change, so that no answer can come
/// to stand under others than its own.
struct AskedRow {
  qint64 id = 0;
  double time = 0;  ///< Seconds since 1970.
  QStringList pictures = {};
  std::vector<AskedModel> models = {};
  AskSettings settings = {};
  QString project = {};  ///< What of the project decides an answer, as a digest.
  std::vector<AskedTurn> turns = {};
  QString past = {};  ///< Why nobody can be asked on here: other models stand there by now.

  bool isWaiting() const;
};

/// One judgement of two answers by somebody who didn't know whose they were.
struct BlindVote {
  enum class Choice { first, second, tie };
  qint64 row = 0;
  int turn = 0;
  AskedModel first = {}, second = {};  ///< In the order of the pair that was chosen, not as they were shown.
  Choice choice = Choice::tie;
};

/// All asks of a project, newest first, with their answers; what it shows of `llavakd serve`. An answer is put where
/// its question was asked from, or nowhere.
class AskedThread : public QObject {
  Q_OBJECT

 public:
  /// `serve` answers.
  explicit AskedThread(ServeClient* serve, QObject* parent = nullptr);

  const std::deque<AskedRow>& rows() const { return m_rows; }
  const AskedRow* row(qint64 id) const;
  const std::vector<BlindVote>& votes() const { return m_votes; }
  bool isBusy() const;

  /// Asks all models of the row, whose one turn holds the question. Returns the row's number.
  qint64 ask(AskedRow row);
  /// The next turn of a row: each model goes on from its own answers.
  void askOn(qint64 row, const QString& question, const QString& reference = {});
  /// Lets a model go on where its answer was cut; only in the last turn.
  void askForMore(qint64 row, int model);
  /// Ends what a row waits for, at any token; what came stays.
  void stop(qint64 row);
  void stopAll();
  /// Takes a row out; it can be brought back until the next is taken out.
  void remove(qint64 row);
  void undoRemove();
  void addVote(const BlindVote& vote);

  /// Rows that were asked before all of these.
  void addOlder(std::deque<AskedRow> rows, std::vector<BlindVote> votes);
  /// Takes up another project's thread; what was waited for counts no longer.
  void replace(std::deque<AskedRow> rows, std::vector<BlindVote> votes);
  /// Nobody can be asked on in the rows for which `why` gives a reason; what these wait for is ended.
  void setPast(const std::function<QString(const AskedRow&)>& why);

 Q_SIGNALS:
  /// The rows are others, or in other number.
  void rowsChanged();
  void rowChanged(qint64 row);
  void busyChanged();
  /// Something that is kept has changed.
  void changed();

 private:
  AskedRow* find(qint64 id);
  void call(qint64 row, int turn, int model, int mostTokens);
  void take(qint64 row, int turn, int model, int mostTokens, const nlohmann::json& result, const QString& error);
  void takePiece(qint64 row, int turn, int model, const QString& piece, int tokens);
  void tell(qint64 row);

  ServeClient* m_serve;
  std::deque<AskedRow> m_rows;
  std::vector<BlindVote> m_votes;
  std::optional<std::pair<std::size_t, AskedRow>> m_removed;  ///< With its place.
  std::vector<BlindVote> m_removedVotes;
  qint64 m_lastRow = 0;
  NewestRequest m_project;  ///< What another project's questions were answered with comes too late.
};

}  // namespace llavakd
