// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QTemporaryDir>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "widgets/document/newest_request.h"

namespace llavakd {

class ServeClient;

/// What a live look is of.
struct LiveQuestion {
  QString projectFile, image, question;
  QString checkpoint;  ///< Folder of the student's checkpoint; empty: the student that training starts from.
  QString source;      ///< "hidden:3"
  bool operator==(const LiveQuestion&) const = default;
};

/// Relations that `llavakd serve` computes from a checkpoint: files that read like a probe's, in the session's own
/// folder for such files. One at a time counts; the newest question wins.
class LiveLook : public QObject {
  Q_OBJECT

 public:
  explicit LiveLook(ServeClient* serve, QObject* parent = nullptr);
  /// What is known or on its way isn't asked for again.
  void ask(const LiveQuestion& question);
  bool isAsked(const LiveQuestion& question) const { return m_asked == question; }
  /// Whatever is on its way counts no longer.
  void cancel();
  /// The file of the newest answer; empty before it.
  QString file() const { return m_file; }
  /// What is shown, in words: both models' layers.
  QString sourceText() const { return m_sourceText; }
  /// Whether a run is trained on it, in a sentence.
  QString trainedText() const { return m_trainedText; }

 Q_SIGNALS:
  void arrived();
  void failed(const QString& why);

 private:
  void take(const nlohmann::json& result, const QString& file, const QString& error);

  ServeClient* m_serve;
  QTemporaryDir m_folder;
  NewestRequest m_requests;
  std::optional<LiveQuestion> m_asked;  ///< Known, or on its way.
  int m_files = 0;
  QString m_file, m_sourceText, m_trainedText;
};

}  // namespace llavakd
