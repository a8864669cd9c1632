// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/question_model.h"

#include <QTimer>
#include <algorithm>
#include <set>

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/failures/outcome_mark.h"

namespace llavakd {
namespace {

constexpr int questionThumbnailSide = 192, keptThumbnails = 1500, readAtOnce = 3, mostWanted = 120;

// As a run finds it; where that isn't to be, the plain path, which the reading then names. For worker threads.
QString pictureFile(const std::filesystem::path& folder, const QString& image) {
  try {
    return toQString(image_path(folder, image.toStdString()));
  } catch (const UserError&) {
    return toQString(folder / image.toStdString());
  }
}

}  // namespace

QuestionModel::QuestionModel(QObject* parent) : QAbstractListModel(parent), m_thumbnails(keptThumbnails) {}

void QuestionModel::setAnswers(std::shared_ptr<const PairedAnswers> answers) {
  beginResetModel();
  m_answers = std::move(answers);
  m_sets.begin();
  m_texts.clear();
  m_thumbnails.clear();
  m_wanted.clear();
  m_reading.clear();
  if (m_answers)
    for (const AnsweredTwice& pair : m_answers->pairs) {
      const KeptAnswer &teacher = m_answers->of_teacher(pair), &student = m_answers->of_student(pair);
      QStringList parts;
      for (const std::string* part :
           {&student.id, &student.question, &student.reference, &teacher.answer, &student.answer})
        parts << toQString(*part);
      m_texts.push_back(parts.join(QLatin1Char('\n')));
    }
  list();
  endResetModel();
}

void QuestionModel::setFilter(const QuestionFilter& filter) {
  if (filter == m_filter) return;
  beginResetModel();
  m_filter = filter;
  m_words = filter.words.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  list();
  endResetModel();
}

bool QuestionModel::fitsWords(std::size_t pair) const {
  const KeptAnswer& student = m_answers->of_student(m_answers->pairs[pair]);
  if (!m_filter.type.isEmpty() && toQString(student.type) != m_filter.type) return false;
  return std::ranges::all_of(m_words,
                             [&](const QString& word) { return m_texts[pair].contains(word, Qt::CaseInsensitive); });
}

// By all but the outcome.
bool QuestionModel::fits(std::size_t pair) const {
  const std::vector<std::string>& images = m_answers->of_student(m_answers->pairs[pair]).images;
  const bool picture =
      m_filter.image.isEmpty() || std::ranges::find(images, m_filter.image.toStdString()) != images.end();
  return picture && fitsWords(pair);
}

PictureMap QuestionModel::countedMap(const PictureMap& map) const {
  PairedAnswers fitting{.teacher = {}, .student = m_answers->student, .pairs = {}};
  for (std::size_t i = 0; i < m_answers->pairs.size(); ++i)
    if (fitsWords(i)) fitting.pairs.push_back(m_answers->pairs[i]);
  PictureMap counted = map;
  count_outcomes(counted, fitting);
  return counted;
}

void QuestionModel::list() {
  m_rows.clear();
  m_counts = {};
  if (!m_answers) return;
  for (std::size_t i = 0; i < m_answers->pairs.size(); ++i) {
    const AnsweredTwice& pair = m_answers->pairs[i];
    if (!fits(i)) continue;
    ++m_counts.of(pair.outcome);
    if (!m_filter.outcome || pair.outcome == *m_filter.outcome) m_rows.push_back(&pair);
  }
}

int QuestionModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_rows.size());
}

const AnsweredTwice* QuestionModel::pairAt(int row) const {
  return row >= 0 && row < rowCount() ? m_rows[std::size_t(row)] : nullptr;
}

int QuestionModel::rowOf(const AnsweredTwice* pair) const {
  const auto found = std::ranges::find(m_rows, pair);
  return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

QStringList QuestionModel::types() const {
  std::set<QString> types;
  if (m_answers)
    for (const AnsweredTwice& pair : m_answers->pairs) types.insert(toQString(m_answers->of_student(pair).type));
  return {types.begin(), types.end()};
}

QString QuestionModel::pictureOf(const AnsweredTwice& pair) const {
  const KeptAnswer& student = m_answers->of_student(pair);
  if (student.images.empty()) return {};
  const Thumbnail* thumbnail = m_thumbnails.object(toQString(student.images.front()));
  if (thumbnail && !thumbnail->file.isEmpty()) return thumbnail->file;
  return toQString(m_answers->student.images / student.images.front());
}

QVariant QuestionModel::data(const QModelIndex& index, int role) const {
  const AnsweredTwice* pair = index.isValid() ? pairAt(index.row()) : nullptr;
  if (!pair) return {};
  const KeptAnswer& student = m_answers->of_student(*pair);
  switch (role) {
    case Qt::DisplayRole:
      return toQString(student.question);
    case Qt::AccessibleTextRole:
      return tr("%1: %2").arg(outcomeText(pair->outcome), toQString(student.question));
    case Qt::ToolTipRole:  // as text, whatever it holds
      return QStringLiteral("<p>%1<br>%2</p>")
          .arg(toQString(student.question).toHtmlEscaped(), toQString(student.id).toHtmlEscaped());
    case pairRole:
      return int(pair->outcome);
    case pictureRole:
    case faultRole: {
      if (student.images.empty()) return role == faultRole ? QVariant(tr("no picture")) : QVariant();
      const QString image = toQString(student.images.front());
      const Thumbnail* thumbnail = m_thumbnails.object(image);
      if (!thumbnail) want(image);
      if (role == faultRole) return thumbnail && !thumbnail->fault.isEmpty() ? tr("can't be read") : QString();
      return thumbnail ? QVariant(thumbnail->image) : QVariant();
    }
    default:
      return {};
  }
}

// What was painted last is in sight; what was asked for long ago has been scrolled past.
void QuestionModel::want(const QString& image) const {
  if (m_reading.contains(image)) return;
  m_wanted.removeAll(image);
  m_wanted << image;
  if (m_wanted.size() > mostWanted) m_wanted.removeFirst();
  auto* self = const_cast<QuestionModel*>(this);
  QTimer::singleShot(0, self, [self] { self->readNext(); });
}

void QuestionModel::readNext() {
  while (m_answers && m_reading.size() < readAtOnce && !m_wanted.isEmpty()) {
    const QString image = m_wanted.takeLast();
    m_reading << image;
    const auto read = [folder = m_answers->student.images, image]() -> Thumbnail {
      const QString file = pictureFile(folder, image);
      const ReadPicture picture = tryPicture(file, questionThumbnailSide);
      return {picture.image, picture.fault, file};
    };
    inBackground(this, read, m_sets.newest().only([this, image](const Thumbnail& thumbnail) {
      m_reading.removeAll(image);
      m_thumbnails.insert(image, new Thumbnail(thumbnail));
      if (!m_rows.empty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1), {pictureRole});
      readNext();
    }));
  }
}

}  // namespace llavakd
