// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/machine_load.h"

#include <QPainter>
#include <QProcess>
#include <QStandardPaths>
#include <QStringList>
#include <algorithm>

#include "widgets/document/background.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int loadEvery = 2000, gaugeBar = 3;  // milliseconds, pixels

int gaugeHeight() {
  return QFontMetrics(theme::font(theme::Size::caption)).height() + gaugeBar + theme::gapSmall;
}

QString busyText(double share) {
  return QStringLiteral("%1\u202f%").arg(theme::fixedNumber(100 * share, 0));
}

double shareOf(int64_t part, int64_t whole) {
  return whole > 0 ? std::clamp(double(part) / double(whole), 0.0, 1.0) : 0;
}

}  // namespace

MachineLoad::MachineLoad(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAccessibleName(tr("How busy the machine is"));
  m_timer.setInterval(loadEvery);
  connect(&m_timer, &QTimer::timeout, this, &MachineLoad::look);
}

MachineLoad::~MachineLoad() {
  if (!m_cards) return;
  m_cards->disconnect(this);
  m_cards->kill();
  m_cards->waitForFinished(1000);
}

void MachineLoad::setFolded(bool folded) {
  m_folded = folded;
  update();
}

QString MachineLoad::text() const {
  QStringList lines;
  for (const Gauge& gauge : m_gauges) lines << QStringLiteral("%1 %2").arg(gauge.name, gauge.value);
  return lines.join(QLatin1Char('\n'));
}

std::optional<GraphicsLoad> MachineLoad::readCardLine(const QByteArray& line) {
  constexpr double mebibyte = 1 << 20;
  const QList<QByteArray> parts = line.split(',');
  if (parts.size() != 3) return std::nullopt;
  double numbers[3];
  for (int i = 0; i < 3; ++i) {
    bool ok = false;
    numbers[i] = parts[i].trimmed().toDouble(&ok);
    if (!ok || numbers[i] < 0 || numbers[i] > 1e9) return std::nullopt;
  }
  return GraphicsLoad{std::min(numbers[0], 100.0) / 100, int64_t(numbers[1] * mebibyte),
                      int64_t(numbers[2] * mebibyte)};
}

void MachineLoad::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  m_timer.start();
  startCards();
  look();
}

void MachineLoad::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  m_timer.stop();
  if (m_cards) m_cards->kill();
}

void MachineLoad::startCards() {
  const QString program = QStandardPaths::findExecutable(QStringLiteral("nvidia-smi"));
  if (m_cards || program.isEmpty()) return;
  m_cards = new QProcess(this);
  connect(m_cards, &QProcess::readyReadStandardOutput, this, &MachineLoad::readCards);
  connect(m_cards, &QProcess::finished, m_cards, &QObject::deleteLater);
  // Of each look a line a card; the card's number tells where a look begins.
  m_cards->start(program,
                 {QStringLiteral("--query-gpu=index,utilization.gpu,memory.used,memory.total"),
                  QStringLiteral("--format=csv,noheader,nounits"), QStringLiteral("--loop-ms=%1").arg(loadEvery)});
}

void MachineLoad::readCards() {
  while (m_cards && m_cards->canReadLine()) {
    const QByteArray line = m_cards->readLine();
    const auto comma = line.indexOf(',');
    const auto load = comma > 0 ? readCardLine(line.mid(comma + 1)) : std::nullopt;
    if (!load) continue;
    const auto card = size_t(std::clamp(line.left(comma).trimmed().toInt(), 0, 63));
    if (m_cardLoads.size() <= card) m_cardLoads.resize(card + 1);
    m_cardLoads[card] = *load;
  }
}

void MachineLoad::look() {
  if (m_looking) return;
  m_looking = true;
  inBackground(
      this,
      [] {
        return Measured{processor_times(), machine_memory(), graphics_loads()};
      },
      [this](const Measured& measured) {
        m_looking = false;
        take(measured);
      });
}

void MachineLoad::take(const Measured& measured) {
  std::vector<Gauge> gauges;
  const int64_t all = measured.processors.all - m_processors.all;
  const double busy = shareOf(measured.processors.busy - m_processors.busy, all);
  if (measured.processors.all > 0) {
    const bool known = m_processors.all > 0 && all > 0;
    gauges.push_back({tr("CPU"), known ? busyText(busy) : QStringLiteral("–"), known ? busy : 0});
  }
  m_processors = measured.processors;
  const MachineMemory& memory = measured.memory;
  if (const int64_t used = memory.physical_bytes - memory.available_bytes; memory.physical_bytes > 0)
    gauges.push_back(
        {tr("RAM"), theme::bytesText(double(std::max<int64_t>(used, 0))), shareOf(used, memory.physical_bytes)});
  addCard(gauges, m_cardLoads.empty() ? measured.cards : m_cardLoads);
  const bool grown = gauges.size() != m_gauges.size();
  m_gauges = std::move(gauges);
  const QString lines = text();
  setToolTip(lines);
  setAccessibleDescription(lines);
  if (grown) updateGeometry();
  update();
}

void MachineLoad::addCard(std::vector<Gauge>& gauges, const std::vector<GraphicsLoad>& cards) const {
  const auto card = std::ranges::max_element(cards, {}, &GraphicsLoad::used_bytes);
  if (card == cards.end()) return;
  gauges.push_back({tr("GPU"), busyText(card->busy), card->busy});
  if (card->total_bytes > 0)
    gauges.push_back(
        {tr("VRAM"), theme::bytesText(double(card->used_bytes)), shareOf(card->used_bytes, card->total_bytes)});
}

QSize MachineLoad::sizeHint() const {
  return {theme::railFoldedWidth, int(m_gauges.size()) * gaugeHeight()};
}

void MachineLoad::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setFont(theme::numberFont(theme::Size::caption));
  QRect row(theme::gap, 0, width() - 2 * theme::gap, gaugeHeight());
  for (const Gauge& gauge : m_gauges) {
    painter.setPen(theme::mutedText());
    const QRect line = row.adjusted(0, 0, 0, -gaugeBar - theme::gapTiny);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, gauge.name);
    if (!m_folded) painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, gauge.value);
    const QRect bar(row.left(), line.bottom() + 1, row.width(), gaugeBar);
    painter.fillRect(bar, theme::border());
    painter.fillRect(QRect(bar.topLeft(), QSize(int(bar.width() * gauge.share), gaugeBar)), theme::accent());
    row.translate(0, row.height());
  }
}

}  // namespace llavakd
