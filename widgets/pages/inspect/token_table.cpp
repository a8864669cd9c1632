// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/token_table.h"

#include <QCoreApplication>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

enum TokenColumn { tokenPosition, tokenText, tokenDivergence, teacherExpects, studentExpects };
constexpr const char* tokenKeys[] = {"position", "token", "kl", "teacher", "student"};
constexpr int tokenColumns = 5;

QString tokenTableText(const char* text) {
  return QCoreApplication::translate("TokenTable", text);
}

double mostExpected(const std::vector<TokenChoice>& choices) {
  return choices.empty() ? NAN : double(choices.front().probability);
}

QString csvField(QString text) {
  return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

}  // namespace

TokenTable::TokenTable(std::vector<ProbeToken> tokens, QStringList texts,
                       std::vector<std::pair<QString, QString>> expected)
    : m_tokens(std::move(tokens)), m_texts(std::move(texts)), m_expected(std::move(expected)) {}

int TokenTable::columns() const {
  return tokenColumns;
}

QString TokenTable::title(int column) const {
  switch (column) {
    case tokenPosition:
      return tokenTableText("Position");
    case tokenText:
      return tokenTableText("Token");
    case tokenDivergence:
      return tokenTableText("KL of the next");
    case teacherExpects:
      return tokenTableText("Teacher expects");
    default:
      return tokenTableText("Student expects");
  }
}

double TokenTable::value(std::size_t row, int column) const {
  const ProbeToken& token = m_tokens[row];
  if (column == tokenDivergence) return token.divergence;
  if (column == teacherExpects) return mostExpected(token.teacher);
  if (column == studentExpects) return mostExpected(token.student);
  return column == tokenText ? double(token.id) : double(row);
}

QString TokenTable::text(std::size_t row, int column) const {
  if (column == tokenText) return m_texts[qsizetype(row)];
  const double number = value(row, column);
  if (!std::isfinite(number)) return QStringLiteral("–");
  if (column == tokenPosition) return theme::wholeNumber(qint64(number));
  if (column == tokenDivergence) return theme::number(number);
  const auto& [teacher, student] = m_expected[row];
  return QStringLiteral("%1 %2 %").arg(column == teacherExpects ? teacher : student,
                                       theme::fixedNumber(100 * number, 1));
}

QString TokenTable::summary() const {
  if (m_tokens.empty()) return tokenTableText("No look is shown.");
  return tokenTableText("%1 positions; each line is about the token that follows.")
      .arg(theme::wholeNumber(qint64(m_tokens.size())));
}

QString TokenTable::commaSeparated(const std::vector<std::uint32_t>& rows) const {
  QStringList head;
  for (const char* key : tokenKeys) head << QLatin1String(key);
  head << QStringLiteral("teacher_probability") << QStringLiteral("student_probability");
  QString text = head.join(u',') + u'\n';
  for (const std::uint32_t row : rows) {
    const auto written = [&](int column) {
      const double number = value(row, column);
      return std::isfinite(number) ? QString::number(number, 'g', 7) : QString();
    };
    const auto& [teacher, student] = m_expected[row];
    text += QStringList{QString::number(row),     csvField(m_texts[qsizetype(row)]),
                        written(tokenDivergence), csvField(teacher),
                        csvField(student),        written(teacherExpects),
                        written(studentExpects)}
                .join(u',') +
            u'\n';
  }
  return text;
}

}  // namespace llavakd
