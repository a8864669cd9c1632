// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_document.h"

#include <QDir>
#include <QFileInfo>
#include <QUndoCommand>
#include <optional>
#include <type_traits>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/project/project_merge.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

// Moves every relative path of an options struct from one folder to another; describe() says which fields are paths.
struct PathMover {
  QDir from, to;

  template <class T>
  void operator()(T& value, const Field& field) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (field.kind == FieldKind::file || field.kind == FieldKind::folder) move(value);
    } else if constexpr (std::is_class_v<T>) {
      visitClass(value);
    }
  }

 private:
  template <class T>
  void visitClass(T& options) {
    if constexpr (requires { describe(options, *this); }) describe(options, *this);
  }
  template <class T>
  void visitClass(std::vector<T>& list) {
    if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>)
      for (T& element : list) describe(element, *this);
  }
  void move(std::string& path) const {
    const QString text = toQString(path);
    if (!text.isEmpty() && QDir::isRelativePath(text))
      path = to.relativeFilePath(QDir::cleanPath(from.absoluteFilePath(text))).toStdString();
  }
};

struct Loaded {
  Project project;
  QString error;
};

Loaded load(const QString& path) {
  Loaded result;
  try {
    result.project = load_project(toPath(path));
  } catch (const std::exception& error) {
    result.error = toQString(error.what());
  }
  return result;
}

// How writing ended: well, with an error, or not begun because another program was there first.
struct Stored {
  QString error;
  OutsideChange outside;
};

Stored store(const QString& path, const Project& project, ProjectId id, const std::optional<Project>& known) {
  if (known) {
    const OutsideChange outside = outsideChange(path, *known);
    if (outside.kind == OutsideChange::Kind::changed || outside.kind == OutsideChange::Kind::unreadable)
      return {{}, outside};
  }
  try {
    save_project(project, toPath(path), id);
    return {};
  } catch (const std::exception& error) {
    return {toQString(error.what()), {}};
  }
}

}  // namespace

/// One step of the history: the whole project before and after, which is a few kilobytes.
class ProjectEdit : public QUndoCommand {
 public:
  ProjectEdit(ProjectDocument* document, const QString& text, Project before, Project after, const QString& mergeKey)
      : QUndoCommand(text),
        m_document(document),
        m_before(std::move(before)),
        m_after(std::move(after)),
        m_mergeKey(mergeKey) {}

  void undo() override { m_document->replace(m_before); }
  void redo() override { m_document->replace(m_after); }
  int id() const override { return m_mergeKey.isEmpty() ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const ProjectEdit*>(other);
    if (next->m_mergeKey != m_mergeKey) return false;
    m_after = next->m_after;
    if (m_after == m_before) setObsolete(true);
    return true;
  }

 private:
  ProjectDocument* m_document;
  Project m_before, m_after;
  QString m_mergeKey;
};

Project relocated(Project project, const QString& fromFolder, const QString& toFolder) {
  if (QDir(fromFolder) == QDir(toFolder)) return project;
  PathMover mover{QDir(fromFolder), QDir(toFolder)};
  describe(project, mover);
  return project;
}

OutsideChange outsideChange(const QString& path, const Project& known) {
  if (!QFileInfo::exists(path)) return {OutsideChange::Kind::missing, {}, {}};
  const Loaded found = load(path);
  if (!found.error.isEmpty()) return {OutsideChange::Kind::unreadable, {}, found.error};
  if (found.project == known) return {};
  return {OutsideChange::Kind::changed, found.project, {}};
}

ProjectDocument::ProjectDocument(QObject* parent) : QObject(parent) {
  connect(&m_undoStack, &QUndoStack::cleanChanged, this, [this] { Q_EMIT modifiedChanged(isModified()); });
}

// The stack empties itself at its end, which is no edit.
ProjectDocument::~ProjectDocument() {
  m_undoStack.disconnect(this);
}

QString ProjectDocument::name() const {
  if (!m_open) return {};
  const QString name = toQString(m_project.name);
  return name.isEmpty() ? QFileInfo(m_path).completeBaseName() : name;
}

void ProjectDocument::open(const QString& path) {
  const QString full = QFileInfo(path).absoluteFilePath();
  inBackground(
      this, [full] { return load(full); }, m_openings.begin().only([this, full](const Loaded& loaded) {
        if (!loaded.error.isEmpty()) {
          Q_EMIT openFailed(loaded.error);
          return;
        }
        m_undoStack.clear();
        m_project = m_saved = loaded.project;
        m_path = full;
        m_open = true;
        Q_EMIT pathChanged();
        Q_EMIT opened();
        Q_EMIT changed();
        Q_EMIT modifiedChanged(false);
      }));
}

void ProjectDocument::save(std::function<void(bool)> done) {
  write(m_path, m_project, Over::nothingNew, std::move(done));
}

void ProjectDocument::saveOver(std::function<void(bool)> done) {
  write(m_path, m_project, Over::anything, std::move(done));
}

void ProjectDocument::saveAs(const QString& path, std::function<void(bool)> done) {
  QString full = QFileInfo(path).absoluteFilePath();
  if (QFileInfo(full).suffix() != QStringLiteral("kdproj")) full += QStringLiteral(".kdproj");
  if (full == m_path) return save(std::move(done));
  Project project = relocated(m_project, QFileInfo(m_path).absolutePath(), QFileInfo(full).absolutePath());
  project.name = QFileInfo(full).completeBaseName().toStdString();
  write(full, project, Over::anything, std::move(done));
}

void ProjectDocument::write(const QString& path, const Project& project, Over over, std::function<void(bool)> done) {
  const int index = m_undoStack.index();
  // Under another name it is another project, whose runs aren't this one's.
  const ProjectId id = path == m_path ? ProjectId::keep : ProjectId::renew;
  const auto known = over == Over::nothingNew ? std::optional(m_saved) : std::nullopt;
  ++m_writing;
  inBackground(
      this, [path, project, id, known] { return store(path, project, id, known); },
      [this, path, project, index, done, from = m_path](const Stored& stored) {
        --m_writing;
        const bool ok = stored.error.isEmpty() && stored.outside.kind == OutsideChange::Kind::none;
        // Another project may have been opened meanwhile, which this says nothing of.
        if (m_path != from) return done ? done(ok) : void();
        if (!stored.error.isEmpty())
          Q_EMIT saveFailed(stored.error);
        else if (!ok)
          Q_EMIT saveRefused(stored.outside);
        else
          takeSaved(path, project, index);
        if (done) done(ok);
      });
}

void ProjectDocument::takeSaved(const QString& path, const Project& project, int index) {
  m_saved = project;
  if (path != m_path) {
    // The history's older steps hold paths that start from the old folder.
    m_undoStack.clear();
    m_project = project;
    m_path = path;
    Q_EMIT pathChanged();
    Q_EMIT changed();
  } else if (m_undoStack.index() == index) {
    m_undoStack.setClean();
  }
  Q_EMIT saved();
  Q_EMIT modifiedChanged(isModified());
}

void ProjectDocument::acceptFile(const Project& file) {
  if (!m_open) return;
  m_saved = file;
  m_project == file ? m_undoStack.setClean() : m_undoStack.resetClean();
  Q_EMIT modifiedChanged(isModified());
}

void ProjectDocument::reload(const Project& file) {
  edit(tr("take over the changed file"), [&](Project& project) { project = file; });
  acceptFile(file);
}

void ProjectDocument::merge(const Project& file) {
  const MergedProject merged = merge_projects(m_saved, m_project, file);
  edit(tr("merge with the changed file"), [&](Project& project) { project = merged.project; });
  acceptFile(file);
}

void ProjectDocument::markUnsaved() {
  if (!m_open) return;
  m_undoStack.resetClean();
  Q_EMIT modifiedChanged(isModified());
}

void ProjectDocument::close() {
  m_openings.cancel();
  if (!m_open) return;
  m_undoStack.clear();
  m_project = m_saved = {};
  m_path.clear();
  m_open = false;
  Q_EMIT closed();
  Q_EMIT pathChanged();
  Q_EMIT modifiedChanged(false);
}

void ProjectDocument::edit(const QString& text, const std::function<void(Project&)>& change, const QString& mergeKey) {
  if (!m_open) return;
  Project after = m_project;
  change(after);
  if (after == m_project) return;
  m_undoStack.push(new ProjectEdit(this, text, m_project, std::move(after), mergeKey));
}

void ProjectDocument::replace(const Project& project) {
  m_project = project;
  Q_EMIT changed();
}

QString ProjectDocument::resolve(const std::string& path) const {
  return path.empty() ? QString() : toQString(llavakd::resolve(toPath(m_path), path));
}

std::string ProjectDocument::relative(const QString& path) const {
  const QString relative = QFileInfo(m_path).absoluteDir().relativeFilePath(path);
  // A path that climbs far up says less than the absolute one and breaks as soon as the project moves.
  return (relative.startsWith(QStringLiteral("../../../")) ? path : relative).toStdString();
}

}  // namespace llavakd
