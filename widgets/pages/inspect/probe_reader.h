// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>

#include "core/image/maps.h"
#include "core/run/probe_file.h"
#include "core/run/worst_pairs.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

/// Everything that the page shows of one probe at one step.
struct ProbeLook {
  QString file;  ///< That it was read from.
  ProbeFile probe;
  RelationScale scale;
  bool scaleOfSteps = false;  ///< The scale holds for several steps, not for this look alone.
  ColourScale relations, differences;
  std::vector<DisagreeingPair> worst;            ///< See disagreeing_pairs().
  QImage teacherMap, studentMap, differenceMap;  ///< One pixel a cell; null where there is nothing.
};

/// Reads probe files on a worker thread, one at a time; while it reads, only the newest wish is kept. The scale of a
/// probe's maps spans all steps of the run, so that one colour means one number at every step.
class ProbeReader : public QObject {
  Q_OBJECT

 public:
  explicit ProbeReader(QObject* parent = nullptr);
  /// `files`: the probe's files of all steps. `centre`: colour of no difference.
  void read(const QString& file, const QStringList& files, const QColor& centre);
  /// Forgets scales and wishes: another run.
  void clear();

 Q_SIGNALS:
  void finished(std::shared_ptr<const llavakd::ProbeLook> look);
  void failed(const QString& file, const QString& message);

 private:
  struct Wish {
    QString file;
    QStringList files;
    Rgb centre;
  };
  struct KnownScale {
    RelationScale scale;
    QStringList files;  ///< That it spans.
  };
  struct Result {
    std::shared_ptr<ProbeLook> look;
    KnownScale known;
    QString error;
  };
  static Result look(const Wish& wish, KnownScale known);
  void begin(const Wish& wish);

  bool m_reading = false;
  NewestRequest m_runs;  ///< Whose wishes count.
  std::optional<Wish> m_next;
  KnownScale m_known;
};

}  // namespace llavakd
