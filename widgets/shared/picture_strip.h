// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>
#include <vector>

#include "widgets/document/newest_request.h"

namespace llavakd {

/// Pictures under one another (or in a row): a thumbnail, a line of text and, where there is one, the course of a
/// value. Thumbnails are read on worker threads.
class PictureStrip : public QListWidget {
  Q_OBJECT

 public:
  explicit PictureStrip(Qt::Orientation orientation, QWidget* parent = nullptr);
  /// What it says while it has no pictures.
  void setEmptyText(const QString& text) { m_emptyText = text; }
  struct Entry {
    QString file, text;
  };
  /// Replaces the entries; the chosen row stays where it exists.
  void setEntries(const std::vector<Entry>& entries);
  void setCourse(int row, std::vector<double> values, int current);
  int entryCount() const { return count(); }
  QString fileOf(int row) const { return m_entries[std::size_t(row)].file; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void readThumbnail(int row, const QString& file);
  std::vector<Entry> m_entries;
  NewestRequest m_readings;
  QString m_emptyText;
};

}  // namespace llavakd
