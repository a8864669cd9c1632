// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QComboBox;

namespace llavakd {

/// What relations are shown of: the logits as the run recorded them, or any part of the models, which a checkpoint is
/// asked for. Layers and heads are the student's.
class SourceChoice : public QWidget {
  Q_OBJECT

 public:
  explicit SourceChoice(QWidget* parent = nullptr);
  /// The student's layers and heads of a layer; 0: not known, and then nothing but the record can be chosen.
  void setStudent(int layers, int heads);
  /// Nothing to ask: the record alone.
  void setEnabledSources(bool enabled);
  bool isRecord() const { return source().isEmpty(); }
  /// As `llavakd inspect --source` takes it ("hidden:3"); empty: what the run recorded.
  QString source() const;

  QComboBox* kind() const { return m_kind; }
  QComboBox* layer() const { return m_layer; }
  QComboBox* head() const { return m_head; }

 Q_SIGNALS:
  void changed();

 private:
  void fillLayers();
  bool hasLayers() const;
  bool hasHeads() const;

  QComboBox *m_kind, *m_layer, *m_head;
  int m_layers = 0, m_heads = 0;
};

}  // namespace llavakd
