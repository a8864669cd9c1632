// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/data/model_input.h"
#include "widgets/document/newest_request.h"
#include "widgets/pages/data/sample_jobs.h"
#include "widgets/pages/data/sample_table.h"

namespace llavakd {

/// The entries of one set of samples: read, measured and searched on worker threads, and filtered.
class SampleBrowser : public QObject {
  Q_OBJECT

 public:
  enum class Phase { none, reading, ready, failed };
  enum class Filter { all, faults, withPicture, withoutPicture, longer, duplicates, firstBatch };

  explicit SampleBrowser(QObject* parent = nullptr);
  ~SampleBrowser() override;

  /// Reads the set; ends with phase ready or failed.
  void open(const SampleSet& set);
  void close();
  /// How the student reads texts; empty: not known. Measures all samples with it.
  void setInput(std::shared_ptr<const ModelInput> input);
  /// Another template or other terms for the same samples.
  void setUse(const SampleSet& set);
  /// Reads every picture once, for the filters `faults` and `duplicates`.
  void scanPictures();
  void stopPictures();
  void setFilter(Filter filter);
  /// Samples whose id or text has these words, whatever their case; empty: all.
  void search(const QString& text);

  Phase phase() const { return m_phase; }
  QString error() const { return m_error; }
  const SampleSet& set() const { return m_set; }
  Filter filter() const { return m_filter; }
  bool isOpen() const { return m_phase == Phase::ready; }
  const SampleTable& table() const;
  std::shared_ptr<const Dataset> dataset() const;

  /// The rows of the table that the filter and the search leave, in order.
  const std::vector<int64_t>& rows() const { return m_rows; }
  /// The length of the row's sample with its pictures' tokens, or nothing as long as it isn't known.
  std::optional<int64_t> tokensOf(int64_t row) const;
  /// max_length, where it is known how the student reads texts.
  std::optional<int64_t> maxLength() const;
  /// Why a run leaves the row's sample out, as far as that is known; otherwise empty.
  QString faultOf(int64_t row) const;
  int64_t faultCount() const { return int64_t(m_faults.size()) + m_entryFaults; }
  /// The names of the same picture that the row's sample uses; empty where it has only one.
  QStringList sameNamesOf(int64_t row) const;

  /// How far the work is; nothing where none goes on.
  std::optional<WorkProgress> readingProgress() const { return progressOf(m_reading.get()); }
  std::optional<WorkProgress> textProgress() const { return progressOf(m_texts.get()); }
  std::optional<WorkProgress> pictureProgress() const { return progressOf(m_pictures.get()); }
  std::optional<WorkProgress> searchProgress() const { return progressOf(m_search.get()); }
  /// What became of the pictures; nothing before the first whole scan.
  const ImageScan* pictureScan() const { return m_pictureScan.get(); }
  QString textError() const { return m_textError; }

 Q_SIGNALS:
  void phaseChanged();
  void rowsChanged();
  /// Lengths, faults or the progress of some work.
  void progressed();

 private:
  static std::optional<WorkProgress> progressOf(const SampleJob* job) {
    return job ? std::optional(job->progress()) : std::nullopt;
  }
  void take(std::shared_ptr<const LoadedSamples> loaded);
  void scanTexts();
  void forgetTexts();
  void takePictures(std::shared_ptr<const ImageScan> scan, const QString& error);
  void poll();
  void findFirstBatch();
  void addFault(int64_t row, const std::string& reason);
  bool passes(int64_t row) const;
  void filterRows();

  Phase m_phase = Phase::none;
  QString m_error, m_textError;
  SampleSet m_set;
  Filter m_filter = Filter::all;
  std::shared_ptr<const LoadedSamples> m_loaded;
  std::shared_ptr<const ModelInput> m_input;
  std::vector<int64_t> m_rows;
  std::unordered_map<int64_t, QString> m_faults;  ///< By row; entries that can't be used have theirs in the table.
  int64_t m_entryFaults = 0;
  std::unordered_set<int64_t> m_firstBatch;          ///< Rows; known only where that is the filter.
  std::unordered_map<int64_t, size_t> m_duplicates;  ///< By row: the place in the scan's list.

  std::shared_ptr<ReadingJob> m_reading;
  std::shared_ptr<TextJob> m_texts;
  std::shared_ptr<const TextJob> m_lengths;  ///< Of the newest measuring, also when it is done.
  std::shared_ptr<SampleJob> m_pictures;
  std::shared_ptr<const ImageScan> m_pictureScan;
  std::shared_ptr<SearchJob> m_search;
  std::shared_ptr<SampleJob> m_ordering;
  QString m_searched;
  std::vector<int64_t> m_found;  ///< Rows that the search has found so far.
  NewestRequest m_readings, m_measurings, m_pictureScans, m_searches, m_orderings;
  QTimer m_timer;
};

}  // namespace llavakd
