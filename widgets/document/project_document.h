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

/// What another program did to the project's file since it was last read or written here.
struct OutsideChange {
  enum class Kind { none, changed, unreadable, missing };
  Kind kind = Kind::none;
  Project project;  ///< What the file holds now; for `changed`.
  QString error;    ///< Why it can't be read; for `unreadable`.
};

/// Compares a project's file with what it held before. For worker threads.
OutsideChange outsideChange(const QString& path, const Project& known);

/// The open project: its options, its file, the history of edits. Files are read and written on a worker thread.
class ProjectDocument : public QObject {
  Q_OBJECT

 public:
  explicit ProjectDocument(QObject* parent = nullptr);
  ~ProjectDocument() override;

  bool isOpen() const { return m_open; }
  const Project& project() const { return m_project; }
  /// Full path of the project file; empty when nothing is open.
  QString path() const { return m_path; }
  QString name() const;
  bool isModified() const { return m_open && !m_undoStack.isClean(); }
  QUndoStack* undoStack() { return &m_undoStack; }
  /// What the file held when it was last read or written here.
  const Project& savedProject() const { return m_saved; }
  /// Whether the file is being written now.
  bool isWriting() const { return m_writing > 0; }

  /// Opens a file; ends with opened() or openFailed(). What was open stays until then.
  void open(const QString& path);
  /// Writes to path(), or to another file, which then is path() and another project, with an id and the file's name of
  /// its own; its relative paths are rewritten to fit the new folder. Ends with saved(), saveFailed(), or, where
  /// another program has changed the file meanwhile, with saveRefused(). With `done`, that is called at the end too.
  void save(std::function<void(bool ok)> done = {});
  void saveAs(const QString& path, std::function<void(bool ok)> done = {});
  /// Writes to path(), whatever the file holds now.
  void saveOver(std::function<void(bool ok)> done = {});
  void close();

  /// Changes the project as one step that can be undone. Steps with the same non-empty `mergeKey` in a row become
  /// one (a slider's moves). A change that changes nothing leaves no step.
  void edit(const QString& text, const std::function<void(Project&)>& change, const QString& mergeKey = {});

  /// The file holds these options now, which another program wrote; the window's stay as they are, and count as not
  /// saved where they differ.
  void acceptFile(const Project& file);
  /// The file's options take the place of the window's, as a step that can be undone.
  void reload(const Project& file);
  /// Both changes together (merge_projects), as a step that can be undone.
  void merge(const Project& file);
  /// The file is no longer what the window has: nothing is saved until the next save().
  void markUnsaved();

  /// A path as the project file writes it made absolute.
  QString resolve(const std::string& path) const;
  /// The other way: relative to the project's folder where that is a path below or near it, else absolute.
  std::string relative(const QString& path) const;

 Q_SIGNALS:
  void opened();
  void openFailed(const QString& message);
  void saved();
  void saveFailed(const QString& message);
  /// Nothing was written: another program has changed the file, or what it holds can't be read.
  void saveRefused(const llavakd::OutsideChange& change);
  void closed();
  /// The options changed: by an edit, undo, redo or opening.
  void changed();
  void modifiedChanged(bool modified);
  void pathChanged();

 private:
  friend class ProjectEdit;
  void replace(const Project& project);
  enum class Over { nothingNew, anything };
  void write(const QString& path, const Project& project, Over over, std::function<void(bool ok)> done);
  void takeSaved(const QString& path, const Project& project, int index);

  Project m_project, m_saved;
  QString m_path;
  bool m_open = false;
  int m_writing = 0;
  NewestRequest m_openings;
  QUndoStack m_undoStack;
};

/// The project with its relative paths, which start from `from`, rewritten to start from the folder `to`.
Project relocated(Project project, const QString& fromFolder, const QString& toFolder);

}  // namespace llavakd
