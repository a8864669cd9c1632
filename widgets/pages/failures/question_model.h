// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QCache>
#include <QImage>
#include <QStringList>
#include <memory>
#include <optional>
#include <vector>

#include "core/run/answer_pairs.h"
#include "core/run/picture_map.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

/// Which questions are listed: nothing chosen lists all.
struct QuestionFilter {
  std::optional<Outcome> outcome;
  QString type;   ///< Empty: all.
  QString words;  ///< All of them must be in the id, the question or an answer.
  QString image;  ///< Empty: all pictures.
  bool operator==(const QuestionFilter&) const = default;
};

/// The questions of an evaluation with both answers, as many as the filter leaves. Thumbnails are read when they are
/// asked for, the newest first, on worker threads.
class QuestionModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { pairRole = Qt::UserRole, pictureRole, faultRole };

  explicit QuestionModel(QObject* parent = nullptr);
  void setAnswers(std::shared_ptr<const PairedAnswers> answers);
  void setFilter(const QuestionFilter& filter);
  const QuestionFilter& filter() const { return m_filter; }

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

  /// The pair in that row of the list; and the row of a pair, -1 where it isn't listed.
  const AnsweredTwice* pairAt(int row) const;
  int rowOf(const AnsweredTwice* pair) const;
  std::vector<const AnsweredTwice*> listed() const { return m_rows; }
  const PairedAnswers* answers() const { return m_answers.get(); }
  /// How many of each outcome there are by the rest of the filter.
  OutcomeCounts counts() const { return m_counts; }
  /// The same for one picture after the other, whichever picture is chosen.
  PictureMap countedMap(const PictureMap& map) const;
  QStringList types() const;
  /// The whole path of a question's first picture; empty: it has none.
  QString pictureOf(const AnsweredTwice& pair) const;

 private:
  struct Thumbnail {
    QImage image;
    QString fault;
    QString file;  ///< Where it was found.
  };
  bool fitsWords(std::size_t pair) const;
  bool fits(std::size_t pair) const;
  void list();
  void want(const QString& image) const;
  void readNext();

  std::shared_ptr<const PairedAnswers> m_answers;
  QuestionFilter m_filter;
  QStringList m_words;
  std::vector<QString> m_texts;  ///< What words are looked for in, of each pair.
  std::vector<const AnsweredTwice*> m_rows;
  OutcomeCounts m_counts;
  mutable QCache<QString, Thumbnail> m_thumbnails;  ///< By the picture's name in the data.
  mutable QStringList m_wanted;                     ///< Names; the newest last.
  QStringList m_reading;
  NewestRequest m_sets;  ///< Of answers: a picture of an older one is dropped.
};

}  // namespace llavakd
