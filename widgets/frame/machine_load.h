// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/base/machine.h"

class QProcess;

namespace llavakd {

/// How busy the machine is: its processors, its memory, and the graphics card whose memory is used most. It looks every
/// two seconds, in the background, and only while it can be seen. NVIDIA's cards are told of by nvidia-smi.
class MachineLoad : public QWidget {
  Q_OBJECT

 public:
  explicit MachineLoad(QWidget* parent = nullptr);
  ~MachineLoad() override;
  /// Names and bars alone.
  void setFolded(bool folded);
  /// What the bars show, a line each: "CPU 37 %".
  QString text() const;

  /// What `nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits` says of a
  /// card in a line: percent and mebibytes.
  static std::optional<GraphicsLoad> readCardLine(const QByteArray& line);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent*) override;
  void showEvent(QShowEvent*) override;
  void hideEvent(QHideEvent*) override;

 private:
  struct Measured {
    ProcessorTimes processors;
    MachineMemory memory;
    std::vector<GraphicsLoad> cards;
  };
  struct Gauge {
    QString name, value;
    double share = 0;
  };
  void look();
  void take(const Measured& measured);
  void startCards();
  void readCards();
  void addCard(std::vector<Gauge>& gauges, const std::vector<GraphicsLoad>& cards) const;

  QTimer m_timer;
  bool m_looking = false, m_folded = false;
  ProcessorTimes m_processors;  ///< At the last look.
  QPointer<QProcess> m_cards;
  std::vector<GraphicsLoad> m_cardLoads;  ///< By the numbers of the cards.
  std::vector<Gauge> m_gauges;
};

}  // namespace llavakd
