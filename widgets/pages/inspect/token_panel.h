// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "core/text/tokenizer.h"
#include "widgets/document/newest_request.h"
#include "widgets/pages/inspect/probe_reader.h"
#include "widgets/pages/inspect/probe_tokens.h"

class QVBoxLayout;

namespace llavakd {

class TextLabel;
class TokenChoices;
class TokenStrip;

/// One look at a probe, word by word: how far the two models' next tokens are apart behind each position of the prompt,
/// and for the chosen position the five that each expects most. The position stays chosen from step to step.
class TokenPanel : public QWidget {
  Q_OBJECT

 public:
  explicit TokenPanel(QWidget* parent = nullptr);
  /// Reads the tokens of the look's file in the background.
  void setLook(const std::shared_ptr<const ProbeLook>& look);
  /// Nothing to show, and why.
  void setNothing(const QString& why);
  /// Turns ids into texts; null: ids are shown, with the reason.
  void setTokenizer(std::shared_ptr<const Tokenizer> tokenizer, const QString& why = {});
  /// Where the page puts what belongs under the strip.
  void setFoot(QWidget* foot);
  void showTable();
  bool hasTokens() const { return !m_tokens.empty(); }

  TokenStrip* strip() const { return m_strip; }
  TokenChoices* teacher() const { return m_teacher; }
  TokenChoices* student() const { return m_student; }
  /// What is said of the chosen position.
  QString placeText() const;

 private:
  QString textOf(int64_t id) const;
  QString textOfPosition(std::size_t position) const;
  void take(std::vector<ProbeToken> tokens, const QString& fault);
  void showChosen();

  std::shared_ptr<const ProbeLook> m_look;
  std::shared_ptr<const Tokenizer> m_tokenizer;
  std::vector<ProbeToken> m_tokens;
  NewestRequest m_readings;
  QString m_noTexts;
  QVBoxLayout* m_column;
  TokenStrip* m_strip;
  TextLabel *m_place, *m_note;
  TokenChoices *m_teacher, *m_student;
};

}  // namespace llavakd
