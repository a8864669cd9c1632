// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_browser.h"

#include <exception>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

/// What a scan of the pictures came to.
struct ScannedPictures {
  std::shared_ptr<const ImageScan> scan;
  QString error;
};

ScannedPictures scanOf(const Dataset& dataset, const std::filesystem::path& folder, SampleJob& job) {
  try {
    auto scan = std::make_shared<ImageScan>(scan_images(dataset, folder, [&](int64_t done) {
      job.done = done;
      return !job.stop;
    }));
    return {std::move(scan), {}};
  } catch (const std::exception& error) {
    return {nullptr, toQString(error.what())};
  }
}

std::vector<int64_t> firstBatchOf(const SampleSet& set, const Dataset& dataset, SampleJob& job) {
  try {
    return first_batch(set, dataset, [&job] { return !job.stop; });
  } catch (const std::exception&) {
    return {};  // the file has changed: showing a sample of it says so
  }
}

template <class Job>
void endJob(std::shared_ptr<Job>& job) {
  if (job) job->stop = true;
  job.reset();
}

}  // namespace

SampleBrowser::SampleBrowser(QObject* parent) : QObject(parent) {
  m_timer.setInterval(150);
  connect(&m_timer, &QTimer::timeout, this, &SampleBrowser::poll);
}

SampleBrowser::~SampleBrowser() {
  endJob(m_reading);
  endJob(m_texts);
  endJob(m_pictures);
  endJob(m_search);
  endJob(m_ordering);
}

const SampleTable& SampleBrowser::table() const {
  static const SampleTable none;
  return m_loaded ? m_loaded->table : none;
}

std::shared_ptr<const Dataset> SampleBrowser::dataset() const {
  return m_loaded ? m_loaded->dataset : nullptr;
}

void SampleBrowser::close() {
  for (NewestRequest* request : {&m_readings, &m_measurings, &m_pictureScans, &m_searches, &m_orderings})
    request->cancel();
  endJob(m_reading);
  endJob(m_pictures);
  endJob(m_search);
  endJob(m_ordering);
  m_firstBatch.clear();
  m_loaded.reset();
  m_pictureScan.reset();
  m_duplicates.clear();
  m_searched.clear();
  m_found.clear();
  forgetTexts();
  m_faults.clear();
  m_entryFaults = 0;
  m_error.clear();
  m_phase = Phase::none;
  m_timer.stop();
  filterRows();
  Q_EMIT phaseChanged();
}

void SampleBrowser::open(const SampleSet& set) {
  close();
  m_set = set;
  m_phase = Phase::reading;
  m_reading = std::make_shared<ReadingJob>();
  m_timer.start();
  inBackground(
      this, [set, job = m_reading] { return loadSamples(set, *job); },
      m_readings.begin().only([this](std::shared_ptr<const LoadedSamples> loaded) { take(std::move(loaded)); }),
      longWorkThreads());
  Q_EMIT phaseChanged();
}

void SampleBrowser::take(std::shared_ptr<const LoadedSamples> loaded) {
  m_reading.reset();
  m_error = loaded->error;
  m_phase = m_error.isEmpty() ? Phase::ready : Phase::failed;
  if (isOpen()) {
    m_loaded = std::move(loaded);
    m_entryFaults = int64_t(m_loaded->dataset->faults().size());
  }
  filterRows();
  scanTexts();
  findFirstBatch();
  Q_EMIT phaseChanged();
}

void SampleBrowser::setInput(std::shared_ptr<const ModelInput> input) {
  m_input = std::move(input);
  scanTexts();
}

void SampleBrowser::setUse(const SampleSet& set) {
  const bool otherTemplate = set.conversation_template != m_set.conversation_template;
  m_set = set;
  if (otherTemplate) scanTexts();
  findFirstBatch();
}

// Which samples a run begins with, while only these are listed.
void SampleBrowser::findFirstBatch() {
  m_orderings.cancel();
  endJob(m_ordering);
  m_firstBatch.clear();
  if (!isOpen() || m_filter != Filter::firstBatch) return;
  m_ordering = std::make_shared<SampleJob>();
  inBackground(
      this, [dataset = dataset(), set = m_set, job = m_ordering] { return firstBatchOf(set, *dataset, *job); },
      m_orderings.begin().only([this](const std::vector<int64_t>& samples) {
        for (const int64_t sample : samples) m_firstBatch.insert(table().rowOfSample(sample));
        filterRows();
        Q_EMIT progressed();
      }),
      longWorkThreads());
}

void SampleBrowser::forgetTexts() {
  m_measurings.cancel();
  endJob(m_texts);
  m_lengths.reset();
  m_textError.clear();
}

void SampleBrowser::scanTexts() {
  forgetTexts();
  if (!isOpen()) return;
  // Reasons of the texts are found again; those of the pictures stay.
  m_faults.clear();
  if (m_pictureScan)
    for (const auto& [sample, reason] : m_pictureScan->faults) addFault(table().rowOfSample(sample), reason);
  if (m_input) {
    m_texts = std::make_shared<TextJob>(m_loaded->dataset->size());
    m_lengths = m_texts;
    m_timer.start();
    inBackground(
        this,
        [dataset = dataset(), set = m_set, input = m_input, job = m_texts] {
          return measureTexts(*dataset, set, *input, *job);
        },
        m_measurings.begin().only([this](const QString& error) {
          poll();
          m_texts.reset();
          m_textError = error;
          Q_EMIT progressed();
        }),
        longWorkThreads());
  }
  filterRows();
  Q_EMIT progressed();
}

void SampleBrowser::scanPictures() {
  if (!isOpen() || m_pictures) return;
  m_pictures = std::make_shared<SampleJob>();
  m_pictures->total = m_loaded->dataset->size();
  m_timer.start();
  inBackground(
      this,
      [dataset = dataset(), folder = m_set.images_folder, job = m_pictures] { return scanOf(*dataset, folder, *job); },
      m_pictureScans.begin().only([this](const ScannedPictures& scanned) {
        m_pictures.reset();
        takePictures(scanned.scan, scanned.error);
      }),
      longWorkThreads());
  Q_EMIT progressed();
}

void SampleBrowser::stopPictures() {
  if (m_pictures) m_pictures->stop = true;
}

void SampleBrowser::takePictures(std::shared_ptr<const ImageScan> scan, const QString& error) {
  if (!error.isEmpty()) m_textError = error;
  if (scan) {
    m_pictureScan = std::move(scan);
    m_duplicates.clear();
    for (size_t i = 0; i < m_pictureScan->duplicates.size(); ++i)
      for (const int64_t sample : m_pictureScan->duplicates[i].samples) m_duplicates[table().rowOfSample(sample)] = i;
    for (const auto& [sample, reason] : m_pictureScan->faults) addFault(table().rowOfSample(sample), reason);
  }
  filterRows();
  Q_EMIT progressed();
}

void SampleBrowser::search(const QString& text) {
  if (text == m_searched) return;
  m_searched = text;
  m_searches.cancel();
  endJob(m_search);
  m_found.clear();
  if (isOpen() && !text.isEmpty()) {
    m_search = std::make_shared<SearchJob>();
    m_timer.start();
    inBackground(
        this,
        [loaded = m_loaded, text, job = m_search] {
          searchSamples(*loaded, text, *job);
          return true;
        },
        m_searches.begin().only([this](bool) {
          poll();
          m_search.reset();
          Q_EMIT progressed();
        }),
        longWorkThreads());
  }
  filterRows();
  Q_EMIT progressed();
}

}  // namespace llavakd
