// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMenu>

namespace llavakd {

/// Writes the student of a checkpoint in a published layout, as `llavakd export` does: it opens what it has written
/// again, and proves that it is the same.
class ExportMenu : public QMenu {
  Q_OBJECT

 public:
  explicit ExportMenu(QWidget* parent = nullptr);

  /// The checkpoint's folder and its name for people.
  void setCheckpoint(const QString& folder, const QString& name);
  /// `layout`: hf, split or parts; `folder`: new or empty.
  void exportTo(const QString& layout, const QString& folder);

 Q_SIGNALS:
  /// It is being written, or has been, and what the proof found: a sentence.
  void told(const QString& what);
  void failed(const QString& message);

 private:
  void ask(const QString& layout);

  QString m_checkpoint, m_name;
};

}  // namespace llavakd
