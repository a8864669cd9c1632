// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/probe_reader.h"

#include <QColor>
#include <exception>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/inspect/disagreement_list.h"

namespace llavakd {
namespace {

// So many steps show the range of the values; reading more would only take longer.
constexpr qsizetype most_files = 60;

QImage mapOf(const RelationMatrix& matrix, const ColourScale& scale) {
  return matrix.isEmpty() ? QImage() : toQImage(map_image(matrix.values, matrix.n, matrix.n, scale, 1));
}

}  // namespace

ProbeReader::ProbeReader(QObject* parent) : QObject(parent) {}

void ProbeReader::read(const QString& file, const QStringList& files, const QColor& centre) {
  const Wish wish{file, files, {uint8_t(centre.red()), uint8_t(centre.green()), uint8_t(centre.blue())}};
  if (m_reading)
    m_next = wish;
  else
    begin(wish);
}

void ProbeReader::clear() {
  m_next.reset();
  m_known = {};
  m_runs.cancel();
}

void ProbeReader::begin(const Wish& wish) {
  m_reading = true;
  // The scale belongs to a probe; another probe's files have nothing in common with the known ones.
  const bool same = !m_known.files.isEmpty() && wish.files.contains(m_known.files.first());
  auto take = m_runs.newest().only([this, file = wish.file](const Result& result) {
    if (!result.known.files.isEmpty()) m_known = result.known;
    if (result.error.isEmpty())
      Q_EMIT finished(result.look);
    else
      Q_EMIT failed(file, result.error);
  });
  inBackground(
      this, [wish, known = same ? m_known : KnownScale()] { return look(wish, known); },
      [this, take](const Result& result) mutable {
        m_reading = false;
        take(result);
        if (!m_next || m_reading) return;
        const Wish next = *m_next;
        m_next.reset();
        begin(next);
      });
}

ProbeReader::Result ProbeReader::look(const Wish& wish, KnownScale known) {
  Result result;
  try {
    const qsizetype stride = std::max<qsizetype>(1, wish.files.size() / most_files);
    for (qsizetype i = 0; i < wish.files.size(); ++i) {
      // The first and the last step are the extremes more often than not.
      if ((i % stride != 0 && i + 1 != wish.files.size()) || known.files.contains(wish.files[i])) continue;
      try {
        include(known.scale, read_probe_file(toPath(wish.files[i])), known.files.isEmpty());
        known.files << wish.files[i];
      } catch (const std::exception&) {
        // A damaged step says so when it is looked at; it has no say in the scale of the others.
      }
    }
    result.look = std::make_shared<ProbeLook>();
    result.look->file = wish.file;
    result.look->probe = read_probe_file(toPath(wish.file));
    if (known.files.isEmpty()) include(known.scale, result.look->probe, true);
    result.look->scale = known.scale;
    result.look->scaleOfSteps = known.files.size() > 1;
    result.look->worst = disagreeing_pairs(result.look->probe);
    result.look->relations = {Palette::viridis, known.scale.low, known.scale.high};
    result.look->differences = {Palette::diverging, -known.scale.difference, known.scale.difference, wish.centre};
    const auto& probe = result.look->probe;
    result.look->teacherMap = mapOf(probe.teacher, result.look->relations);
    result.look->studentMap = mapOf(probe.student, result.look->relations);
    result.look->differenceMap = mapOf(probe.difference, result.look->differences);
  } catch (const std::exception& error) {
    result.error = toQString(error.what());
  }
  result.known = known;
  return result;
}

}  // namespace llavakd
