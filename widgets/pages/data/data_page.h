// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "core/data/sample_sets.h"
#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"

class QComboBox;
class QPushButton;
class QStackedWidget;

namespace llavakd {

class InlineMessage;
class LoadingPlaceholder;
class SampleBrowser;
class SampleListPanel;
class SampleListView;
class SampleView;
class TextLabel;
struct ModelInputs;

/// The samples of the stages, evaluations and probes as a list, and one of them as the models see it. Nothing is read
/// before the page is shown.
class DataPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  explicit DataPage(ProjectDocument* document, QWidget* parent = nullptr);

  /// Shows the samples of a stage.
  void openStage(const QString& stage);
  /// The same, and chooses one; a message says when it isn't there.
  void openSample(const QString& stage, const QString& id);
  /// Lists what a run leaves out of "stages[2]" or "evaluations[0]"; reads its pictures for that.
  void openLeftOut(const QString& key);

  SampleBrowser* browser() const { return m_browser; }
  SampleListPanel* panel() const { return m_panel; }
  SampleListView* list() const;
  SampleView* view() const { return m_view; }
  QComboBox* sets() const { return m_sets; }
  QPushButton* reloadButton() const { return m_reload; }
  InlineMessage* message() const { return m_message; }
  QString emptyText() const;
  /// Gives the chosen set another data file.
  void setDataFile(const QString& file);

 Q_SIGNALS:
  /// The field of an option that is on another page: "stages[2].data", "evaluations[0].file".
  void fieldRequested(const QString& key);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* makeHead();
  QWidget* makeEmptyPage();
  void connectParts();
  void takeProject();
  void showSetNames();
  void chooseSet(int index);
  /// The option that names the chosen set's file; empty: there is no such file.
  QString fileOption() const;
  void chooseDataFile();
  /// Reads what the page shows, where that hasn't been done.
  void load();
  void readAgain();
  void beginReading();
  void refreshInputs();
  void loadInputs();
  void takeInputs(std::shared_ptr<const ModelInputs> inputs);
  void showPhase();
  void showWanted();
  void showLeftOut();
  void chooseLeftOut();
  /// Shows no sample while none is listed.
  void followRows();
  void showRow(int64_t row);
  void showChosen();

  ProjectDocument* m_document;
  SampleBrowser* m_browser;
  std::vector<SampleSet> m_setList;
  int m_set = 0;
  bool m_wasShown = false;  ///< Only then anything is read.
  bool m_isStale = false;   ///< The chosen sample's view is older than what is known.
  std::shared_ptr<const ModelInputs> m_inputs;
  Project m_inputsOf;  ///< The options that they depend on, the others at their defaults.
  QString m_inputsFile;
  NewestRequest m_inputReadings, m_describings;
  QString m_wantedId;
  bool m_wantsLeftOut = false, m_choosesLeftOut = false, m_noneListed = false;

  QComboBox* m_sets;
  QPushButton* m_reload;
  QStackedWidget* m_stack;
  LoadingPlaceholder* m_reading;
  TextLabel* m_empty;
  QPushButton *m_choose, *m_showOption;
  InlineMessage* m_message;
  SampleListPanel* m_panel;
  SampleView* m_view;
};

}  // namespace llavakd
