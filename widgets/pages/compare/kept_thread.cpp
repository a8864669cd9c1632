// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/kept_thread.h"

#include <nlohmann/json.hpp>

#include "widgets/document/background.h"
#include "widgets/pages/compare/thread_file.h"

namespace llavakd {
namespace {

constexpr int writeAfterMilliseconds = 500;

}  // namespace

ThreadKeeper::ThreadKeeper(AskedThread* thread, QObject* parent) : QObject(parent), m_thread(thread) {
  m_writer.setMaxThreadCount(1);
  m_timer.setSingleShot(true);
  m_timer.setInterval(writeAfterMilliseconds);
  connect(&m_timer, &QTimer::timeout, this, &ThreadKeeper::write);
  connect(thread, &AskedThread::changed, &m_timer, qOverload<>(&QTimer::start));
}

ThreadKeeper::~ThreadKeeper() {
  if (m_timer.isActive()) write();
  m_writer.waitForDone();
}

void ThreadKeeper::setProjectFile(const QString& projectFile) {
  if (m_timer.isActive()) write();
  m_timer.stop();
  m_projectFile = projectFile;
  m_unreadable.clear();
  m_thread->replace({}, {});
  const NewestRequest::Ticket reading = m_readings.begin();
  m_reading = !projectFile.isEmpty();
  if (!m_reading) return;
  inBackground(
      this, [file = threadFile(projectFile)] { return readThread(file); }, reading.only([this](ReadThread read) {
        m_reading = false;
        if (read.fault.isEmpty())
          m_thread->addOlder(std::move(read.thread.rows), std::move(read.thread.votes));
        else
          m_unreadable = read.fault;
        if (!read.fault.isEmpty())
          Q_EMIT failed(
              tr("The questions that were asked before can't be read: %1 New ones aren't kept.").arg(read.fault));
        Q_EMIT this->read(read.written);
      }),
      &m_writer);  // after what is still to be written to the same file
}

void ThreadKeeper::moveTo(const QString& projectFile) {
  if (projectFile == m_projectFile) return;
  m_projectFile = projectFile;
  m_unreadable.clear();
  write();
}

void ThreadKeeper::write() {
  m_timer.stop();
  // A thread of a newer version, or a damaged one, stays for whoever can read it.
  if (m_projectFile.isEmpty() || m_reading || !m_unreadable.isEmpty()) return;
  const auto& rows = m_thread->rows();
  const std::string text =
      rows.empty()
          ? std::string()
          : threadJson(rows, m_thread->votes()).dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  inBackground(
      this, [file = threadFile(m_projectFile), text] { return keepThread(file, text); },
      [this](const QString& fault) {
        if (!fault.isEmpty()) Q_EMIT failed(tr("The thread isn't kept: %1").arg(fault));
      },
      &m_writer);
}

}  // namespace llavakd
