// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QComboBox;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace llavakd {

class SampleBrowser;
class SampleListView;
class TextLabel;
struct WorkProgress;

/// The list of samples with its search, its filter, and how far the work on them is.
class SampleListPanel : public QWidget {
  Q_OBJECT

 public:
  explicit SampleListPanel(SampleBrowser* browser, QWidget* parent = nullptr);

  /// Lists everything again: no search, no filter.
  void showAll();
  /// Gives the keyboard to the search.
  void beginSearch();
  void showStatus();

  SampleListView* list() const { return m_list; }
  QComboBox* filters() const { return m_filters; }
  QLineEdit* searchField() const { return m_search; }
  QPushButton* picturesButton() const { return m_pictures; }
  QString statusText() const;

 private:
  void makeHead(QBoxLayout* column);
  QWidget* makeNoneListed();
  void makeFoot(QBoxLayout* column);
  void connectParts();
  void searchNow();
  /// Why no sample is listed; empty: some are, or may be in a moment.
  QString noneListedText() const;

  SampleBrowser* m_browser;
  QComboBox* m_filters;
  QLineEdit* m_search;
  QPushButton* m_pictures;
  QProgressBar* m_progress;
  TextLabel* m_status;
  SampleListView* m_list;
  QStackedWidget* m_results;
  TextLabel* m_noneListed;
  QTimer m_searchTimer;
};

/// "21 %, 5 min left"; the share alone while that isn't known.
QString progressText(const WorkProgress& progress);

}  // namespace llavakd
