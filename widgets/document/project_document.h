// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>

#include "core/project/options.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

/// The open project: its options, its file, the history of edits. Files are read and written on a worker thread.
class ProjectDocument : public QObject {
  Q_OBJECT

 public:
  explicit ProjectDocument(QObject* parent = nullptr);

  bool isOpen() const { return m_open; }
  const Project& project() const { return m_project; }
  /// Full path of the project file; empty when nothing is open.
  QString path() const { return m_path; }
  QString name() const;
  bool isModified() const { return m_open && !m_undoStack.isClean(); }
  QUndoStack* undoStack() { return &m_undoStack; }

  /// Opens a file; ends with opened() or openFailed(). What was open stays until then.
  void open(const QString& path);
  /// Writes to path(), or to another file, which then is path() and another project, with an id of its own; its
  /// relative paths are rewritten to fit the new folder. Ends with saved() or saveFailed(). With `done`, that is called
  /// at the end too.
  void save(std::function<void(bool ok)> done = {});
  void saveAs(const QString& path, std::function<void(bool ok)> done = {});
  void close();

  /// Changes the project as one step that can be undone. Steps with the same non-empty `mergeKey` in a row become
  /// one (a slider's moves). A change that changes nothing leaves no step.
  void edit(const QString& text, const std::function<void(Project&)>& change, const QString& mergeKey = {});

  /// A path as the project file writes it made absolute.
  QString resolve(const std::string& path) const;
  /// The other way: relative to the project's folder where that is a path below or near it, else absolute.
  std::string relative(const QString& path) const;

 Q_SIGNALS:
  void opened();
  void openFailed(const QString& message);
  void saved();
  void saveFailed(const QString& message);
  void closed();
  /// The options changed: by an edit, undo, redo or opening.
  void changed();
  void modifiedChanged(bool modified);
  void pathChanged();

 private:
  friend class ProjectEdit;
  void replace(const Project& project);
  void write(const QString& path, const Project& project, std::function<void(bool ok)> done);

  Project m_project;
  QString m_path;
  bool m_open = false;
  NewestRequest m_openings;
  QUndoStack m_undoStack;
};

/// The project with its relative paths, which start from `from`, rewritten to start from the folder `to`.
Project relocated(Project project, const QString& fromFolder, const QString& toFolder);

}  // namespace llavakd
