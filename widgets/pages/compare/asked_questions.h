// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "widgets/document/newest_request.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ServeClient;

/// What a model said, and how long it took.
struct GivenAnswer {
  QString text;
  double seconds = 0;                       ///< With picture and prompt.
  std::optional<double> firstTokenSeconds;  ///< Until its first token was known.
  std::optional<double> tokensPerSecond;    ///< Of the rest; nothing where it is too short to tell.
  std::optional<int> cutAt;                 ///< After so many tokens it was ended.
  bool canGoOn = false;                     ///< It was cut by the page, which may allow more.
};

/// The questions asked so far, each to one model, and their answers. An answer is known by all that it depends on:
/// model, checkpoint, picture and words.
class AskedQuestions : public QObject {
  Q_OBJECT

 public:
  /// `serve` answers.
  explicit AskedQuestions(ServeClient* serve, QObject* parent = nullptr);

  /// What is asked of a model, and what its answer is known by. `checkpoint`: the student's folder; empty: untrained.
  static std::string question(theme::Who who, const QString& checkpoint, const QString& image, const QString& text);

  /// Asks. An answer of before makes room for the new one.
  void ask(const std::string& question);
  /// Asks again for an answer that was cut, with room for more; the cut one stays until then.
  void askForMore(const std::string& question);
  /// There is no answer, and why.
  void refuse(const std::string& question, const QString& why);
  /// Ends what is under way.
  void cancel();
  /// The models are others now; the engine reads them with the next question.
  void forget();

  bool isBusy() const { return !m_waiting.empty(); }
  bool isWaiting(const std::string& question) const { return m_waiting.contains(question); }
  /// Null where none is known.
  const GivenAnswer* answer(const std::string& question) const;
  /// Why there is no answer; empty where that isn't known either.
  QString whyNone(const std::string& question) const;

 Q_SIGNALS:
  /// An answer came, or nothing is under way any more.
  void changed();

 private:
  void call(const std::string& question, int mostTokens);
  void take(const std::string& question, int mostTokens, const nlohmann::json& result, const QString& error);

  ServeClient* m_serve;
  std::map<std::string, GivenAnswer> m_answers;
  std::map<std::string, QString> m_refused;
  std::map<std::string, int> m_waiting;  ///< Under way, with how many tokens they may take.
  NewestRequest m_asked;
};

}  // namespace llavakd
