// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/token_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <exception>

#include "core/text/token_text.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/inspect/map_export.h"
#include "widgets/pages/inspect/pair_numbers.h"
#include "widgets/pages/inspect/token_choices.h"
#include "widgets/pages/inspect/token_strip.h"
#include "widgets/pages/inspect/token_table.h"
#include "widgets/shared/value_table_dialog.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

struct ReadTokens {
  std::vector<ProbeToken> tokens;
  QString fault;
};

ReadTokens tryTokens(const QString& file) {
  try {
    return {read_probe_tokens(toPath(file)), {}};
  } catch (const std::exception& error) {
    return {{}, QString::fromUtf8(error.what())};
  }
}

}  // namespace

TokenPanel::TokenPanel(QWidget* parent)
    : QWidget(parent),
      m_column(new QVBoxLayout(this)),
      m_strip(new TokenStrip),
      m_place(new TextLabel),
      m_note(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_teacher(new TokenChoices(theme::Who::teacher)),
      m_student(new TokenChoices(theme::Who::student)) {
  m_column->setContentsMargins(0, 0, 0, 0);
  m_column->setSpacing(theme::gap);
  auto* strip = new Card;
  auto* caption = new ElidedLabel(
      tr("KL of the teacher's next token from the student's after each position of the prompt, in nats"),
      theme::Size::caption, Qt::ElideRight);
  caption->setMuted(true);
  strip->body()->addWidget(caption);
  strip->body()->addWidget(m_strip, 1);
  m_place->setWordWrap(true);
  strip->body()->addWidget(m_place);
  m_note->setWordWrap(true);
  strip->body()->addWidget(m_note);
  m_column->addWidget(strip, 2);
  auto* both = new QHBoxLayout;
  both->setSpacing(theme::gap);
  for (const auto& [who, title, choices] :
       {std::tuple(theme::Who::teacher, relationTitle(Relation::teacher), m_teacher),
        std::tuple(theme::Who::student, relationTitle(Relation::student), m_student)}) {
    auto* card = new Card(who);
    card->body()->addWidget(new ElidedLabel(title, theme::Size::body, Qt::ElideRight));
    card->body()->addWidget(choices);
    both->addWidget(card, 1);
  }
  m_column->addLayout(both);
  connect(m_strip, &TokenStrip::chosenByUser, this, &TokenPanel::showChosen);
  setNothing({});
}

void TokenPanel::setFoot(QWidget* foot) {
  m_column->addWidget(foot, 1);
}

void TokenPanel::setLook(const std::shared_ptr<const ProbeLook>& look) {
  m_look = look;
  const NewestRequest::Ticket reading = m_readings.begin();
  inBackground(
      this, [file = look->file] { return tryTokens(file); },
      reading.only([this](ReadTokens read) { take(std::move(read.tokens), read.fault); }));
}

void TokenPanel::setNothing(const QString& why) {
  m_readings.cancel();
  m_look.reset();
  take({}, why);
}

void TokenPanel::setTokenizer(std::shared_ptr<const Tokenizer> tokenizer, const QString& why) {
  m_tokenizer = std::move(tokenizer);
  m_noTexts = why;
  showChosen();
}

void TokenPanel::take(std::vector<ProbeToken> tokens, const QString& fault) {
  m_tokens = std::move(tokens);
  const bool alone = m_look && m_look->probe.teacher.isEmpty();
  const QString none = !m_look || !fault.isEmpty() ? fault
                       : alone                     ? tr("No teacher took part in this stage")
                                                   : tr("This look has no tokens");
  const int before = m_strip->chosen();
  m_strip->setTokens(m_tokens, none);
  if (m_strip->chosen() < 0 && !m_tokens.empty()) {
    // To begin with, where the models are furthest apart.
    const auto most = std::ranges::max_element(
        m_tokens, {}, [](const ProbeToken& token) { return std::isfinite(token.divergence) ? token.divergence : -1; });
    m_strip->setChosen(before >= 0 ? std::min(before, int(m_tokens.size()) - 1) : int(most - m_tokens.begin()));
  }
  showChosen();
}

QString TokenPanel::textOf(int64_t id) const {
  const QString number = tr("token %1").arg(theme::wholeNumber(id));
  if (!m_tokenizer) return number;
  QString text = toQString(token_text(*m_tokenizer, id));
  if (text.isEmpty()) return number;
  // Spaces are a part of a token; other white space would break the line.
  text.replace(u'\n', QStringLiteral("\\n"))
      .replace(u'\t', QStringLiteral("\\t"))
      .replace(u'\r', QStringLiteral("\\r"));
  return u'“' + text + u'”';
}

QString TokenPanel::textOfPosition(std::size_t position) const {
  const ProbeToken& token = m_tokens[position];
  if (token.visual < 0) return textOf(token.id);
  const QPoint place = m_look ? placeOf(m_look->probe, token.visual) : QPoint(-1, -1);
  return place.x() < 0 ? tr("the picture's token %1").arg(theme::wholeNumber(token.visual + 1))
                       : tr("the patch in row %1, column %2").arg(place.y() + 1).arg(place.x() + 1);
}

void TokenPanel::showChosen() {
  const auto at = std::size_t(std::max(0, m_strip->chosen()));
  const bool shown = m_strip->chosen() >= 0 && at < m_tokens.size();
  std::vector<std::pair<QString, double>> choices[2];
  if (shown) {
    const ProbeToken& token = m_tokens[at];
    for (const TokenChoice& choice : token.teacher) choices[0].emplace_back(textOf(choice.id), choice.probability);
    for (const TokenChoice& choice : token.student) choices[1].emplace_back(textOf(choice.id), choice.probability);
    const bool same =
        !token.teacher.empty() && !token.student.empty() && token.teacher.front().id == token.student.front().id;
    m_place->setText(tr("After %1, position %2 of %3: KL %4, %5")
                         .arg(textOfPosition(at), theme::wholeNumber(qint64(at) + 1),
                              theme::wholeNumber(qint64(m_tokens.size())), theme::number(token.divergence),
                              same ? tr("both expect the same most") : tr("they expect different tokens most")));
  } else {
    m_place->clear();
  }
  m_strip->setAccessibleDescription(m_place->text());
  m_note->setText(shown ? m_noTexts : QString());
  m_note->setVisible(!m_note->text().isEmpty());
  m_teacher->setChoices(std::move(choices[0]));
  m_student->setChoices(std::move(choices[1]));
}

QString TokenPanel::placeText() const {
  return m_place->text();
}

void TokenPanel::showTable() {
  showValueTable(this, tr("Tokens"), [this] {
    QStringList texts;
    std::vector<std::pair<QString, QString>> expected;
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
      const auto most = [this](const std::vector<TokenChoice>& choices) {
        return choices.empty() ? QString() : textOf(choices.front().id);
      };
      texts << textOfPosition(i);
      expected.emplace_back(most(m_tokens[i].teacher), most(m_tokens[i].student));
    }
    return std::make_shared<const TokenTable>(m_tokens, texts, std::move(expected));
  });
}

}  // namespace llavakd
