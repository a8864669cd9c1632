// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/patch_table.h"

#include <QCoreApplication>
#include <QStringList>
#include <cmath>

#include "widgets/pages/inspect/map_export.h"
#include "widgets/pages/inspect/pair_numbers.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

enum PatchColumn { tokenNumber, patchRow, patchColumn, teacherRelation, studentRelation, relationDifference };
constexpr const char* patchKeys[] = {"token", "row", "column", "teacher", "student", "student_minus_teacher"};
constexpr int patchColumns = 6;

QString tableText(const char* text) {
  return QCoreApplication::translate("PatchTable", text);
}

}  // namespace

PatchTable::PatchTable(std::shared_ptr<const ProbeLook> look, int token) : m_look(std::move(look)), m_token(token) {}

std::size_t PatchTable::rows() const {
  return m_look && m_token >= 0 && m_token < m_look->probe.tokens() ? std::size_t(m_look->probe.tokens()) : 0;
}

int PatchTable::columns() const {
  return patchColumns;
}

QString PatchTable::title(int column) const {
  if (column == tokenNumber) return tableText("Token");
  if (column == patchRow) return tableText("Row");
  if (column == patchColumn) return tableText("Column");
  return relationTitle(Relation(column - teacherRelation));
}

double PatchTable::value(std::size_t row, int column) const {
  const auto& probe = m_look->probe;
  const int token = int(row);
  if (column == tokenNumber) return token;
  if (column == patchRow || column == patchColumn) {
    const QPoint place = placeOf(probe, token);
    return place.x() < 0 ? NAN : 1 + (column == patchRow ? place.y() : place.x());
  }
  const RelationMatrix& matrix = column == teacherRelation   ? probe.teacher
                                 : column == studentRelation ? probe.student
                                                             : probe.difference;
  return matrix.isEmpty() ? NAN : double(matrix.at(m_token, token));
}

QString PatchTable::text(std::size_t row, int column) const {
  const double number = value(row, column);
  if (!std::isfinite(number)) return QStringLiteral("–");
  if (column < teacherRelation) return theme::wholeNumber(qint64(number));
  return column == relationDifference ? theme::signedNumber(number, 3) : theme::fixedNumber(number, 3);
}

QString PatchTable::summary() const {
  if (rows() == 0) return tableText("No look is shown.");
  const QPoint place = placeOf(m_look->probe, m_token);
  const QString count = theme::wholeNumber(qint64(rows()));
  if (place.x() < 0) return tableText("Relations of token %1 to %2 tokens.").arg(theme::wholeNumber(m_token), count);
  return tableText("Relations of the patch in row %1, column %2 to %3 tokens.")
      .arg(theme::wholeNumber(place.y() + 1), theme::wholeNumber(place.x() + 1), count);
}

QString PatchTable::commaSeparated(const std::vector<std::uint32_t>& rows) const {
  QStringList head;
  for (const char* key : patchKeys) head << QLatin1String(key);
  QString text = head.join(u',') + u'\n';
  for (const std::uint32_t row : rows) {
    QStringList fields;
    for (int column = 0; column < patchColumns; ++column) {
      const double number = value(row, column);
      fields << (std::isfinite(number) ? QString::number(number, 'g', 7) : QString());
    }
    text += fields.join(u',') + u'\n';
  }
  return text;
}

}  // namespace llavakd
