// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <optional>
#include <string>

#include "core/run/gradient_shares.h"

namespace llavakd {

class ProjectDocument;

/// What `llavakd gradients` has found of the stages of the open project as it stands in the window, edits that aren't
/// saved included, and the program at work on one of them. One for each document, shared by what shows it.
class StageGradients : public QObject {
  Q_OBJECT

 public:
  /// The document's; made at the first call.
  static StageGradients* of(ProjectDocument* document);
  ~StageGradients() override;

  struct Known {
    bool running = false;
    int done = 0, passes = 0;            ///< Backward passes; 0 of 0 while models are loaded.
    std::optional<TermGradients> found;  ///< With one weight or another: the products are the same.
    std::string key;                     ///< Of what was asked (gradients_key()).
    bool filesChanged = false;           ///< A file that the project names has changed since.
    QString error;                       ///< Why the newest attempt found nothing, for people.
  };
  Known known(const QString& stage) const { return m_known.value(stage); }
  /// Whether what was found is of another state of the project or its files than the present one.
  bool isOutdated(const QString& stage) const;

  /// Asks anew, of the student in this folder, or, where that is empty, as the project begins; what is at work on
  /// another stage ends.
  void ask(const QString& stage, const QString& student = {});
  void cancel();

 Q_SIGNALS:
  /// known() of that stage changed.
  void changed(const QString& stage);

 private:
  explicit StageGradients(ProjectDocument* document);
  void takeProject();
  void noteFiles();
  void readProgress();
  void take(const QByteArray& output, bool ok);
  void finish(const QString& error);

  ProjectDocument* m_document;
  QHash<QString, Known> m_known;
  QPointer<QProcess> m_process;
  QString m_path, m_asked, m_errors;
  QByteArray m_line;  ///< Of stderr, as far as it has come.
  std::string m_askedKey;
  bool m_filesChanged = false;  ///< While the program was at work.
};

}  // namespace llavakd
