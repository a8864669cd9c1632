// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <random>
#include <vector>

#include "widgets/pages/compare/blind_pairs.h"

class QComboBox;
class QTextBrowser;

namespace llavakd {

class ActionButton;
class PictureView;
class TextLabel;

/// Judges the answers of two models without knowing whose they are: which stands left is drawn by lot for each
/// question. Keys 1, 2 and 3 say left, right, equally good. How often whom is told once all are judged.
class BlindVoteDialog : public QDialog {
  Q_OBJECT

 public:
  /// `seed`: of the lots.
  BlindVoteDialog(AskedThread* thread, unsigned seed, QWidget* parent = nullptr);
  QComboBox* pairs() const { return m_pairs; }
  QString leftText() const;
  QString rightText() const;
  QString resultText() const;
  bool isDone() const { return m_open.empty(); }

 private:
  QWidget* makeAnswers();
  QWidget* makeButtons();
  void choosePair();
  void showQuestion();
  void showResult();
  enum class Side { left, right, neither };
  void judge(Side side);
  const ModelPair& pair() const;

  AskedThread* m_thread;
  std::mt19937 m_lots;
  std::vector<ModelPair> m_known;
  std::vector<BlindQuestion> m_open;  ///< The last one is shown.
  bool m_firstIsLeft = true;
  QComboBox* m_pairs;
  PictureView* m_picture;
  TextLabel *m_question, *m_count, *m_result;
  QTextBrowser *m_leftAnswer, *m_rightAnswer;
  ActionButton *m_leftBetter, *m_rightBetter, *m_tie;
  QWidget *m_asking, *m_buttons;
};

}  // namespace llavakd
