// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/recovery_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <QDir>
#include <QFileInfo>
#include <QUuid>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* recoveryFormat = "llavakd-recovery";

// The project's file whatever links lead to it, as long as it is there.
QString realPath(const QString& file) {
  const QString canonical = QFileInfo(file).canonicalFilePath();
  return canonical.isEmpty() ? QFileInfo(file).absoluteFilePath() : canonical;
}

// An open file that is locked, or -1 while another one has the lock. It isn't handed on to child processes: a run
// outlives the window, and the lock must not.
int lockedFile(const QString& file) {
  const int descriptor = ::open(QFile::encodeName(file).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return -1;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

Project projectAt(const Json& json, const char* key, const QString& file) {
  return project_from_text(json.at(key).get<std::string>(), toPath(file));
}

}  // namespace

QString stateFolder() {
  const QString state = qEnvironmentVariable("XDG_STATE_HOME");
  const QString base = QDir::isAbsolutePath(state) ? state : QDir::homePath() + QStringLiteral("/.local/state");
  return base + QStringLiteral("/llavakd-studio");
}

QString recoveryFolder() {
  return stateFolder() + QStringLiteral("/recovery");
}

RecoveryFile::RecoveryFile(const QString& folder, const QString& projectFile)
    : m_file(folder + QLatin1Char('/') + QUuid::createUuid().toString(QUuid::WithoutBraces) + QStringLiteral(".json")),
      m_projectFile(realPath(projectFile)) {}

RecoveryFile::~RecoveryFile() {
  if (m_lock >= 0) ::close(m_lock);
}

QString RecoveryFile::lockFile() const {
  return m_file + QStringLiteral(".lock");
}

bool RecoveryFile::write(const Project& project, const Project& saved) {
  const std::lock_guard guard(m_mutex);
  if (m_removed) return false;
  try {
    if (m_lock < 0) {
      QDir().mkpath(QFileInfo(m_file).absolutePath());
      m_lock = lockedFile(lockFile());
      if (m_lock < 0) return false;
    }
    const Json json = {{"format", recoveryFormat},
                       {"version", 1},
                       {"project_file", m_projectFile.toStdString()},
                       {"time", QDateTime::currentSecsSinceEpoch()},
                       {"project", project_text(project)},
                       {"saved", project_text(saved)}};
    write_file_atomically(toPath(m_file), json.dump(1, ' ', false, Json::error_handler_t::replace));
    return true;
  } catch (const std::exception&) {
    return false;  // the disk is full or closed; the project itself is as it was
  }
}

void RecoveryFile::remove() {
  const std::lock_guard guard(m_mutex);
  m_removed = true;
  if (m_lock < 0) return;
  QFile::remove(m_file);
  QFile::remove(lockFile());
  ::close(m_lock);
  m_lock = -1;
}

std::vector<std::shared_ptr<RecoveryFile>> RecoveryFile::abandoned(const QString& folder, const QString& projectFile) {
  std::vector<std::shared_ptr<RecoveryFile>> found;
  const QString wanted = realPath(projectFile);
  const QStringList names = QDir(folder).entryList({QStringLiteral("*.json")}, QDir::Files);
  for (const QString& name : names) {
    const QString file = folder + QLatin1Char('/') + name;
    try {
      if (toQString(read_json(toPath(file)).at("project_file").get<std::string>()) != wanted) continue;
      const int lock = lockedFile(file + QStringLiteral(".lock"));
      if (lock < 0) continue;  // its window is alive
      const std::shared_ptr<RecoveryFile> mine(new RecoveryFile(file, lock));
      if (!QFileInfo::exists(file)) {
        mine->remove();  // its window has just removed it
        continue;
      }
      // Again, now that nobody else writes it.
      const Json json = read_json(toPath(file));
      mine->m_projectFile = wanted;
      mine->m_kept.when = QDateTime::fromSecsSinceEpoch(json.at("time").get<int64_t>());
      mine->m_kept.project = projectAt(json, "project", projectFile);
      mine->m_kept.saved = projectAt(json, "saved", projectFile);
      found.push_back(mine);
    } catch (const std::exception&) {
      // Of a newer version, or damaged: it stays for whoever can read it.
    }
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a->m_kept.when > b->m_kept.when; });
  return found;
}

}  // namespace llavakd
