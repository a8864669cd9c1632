// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <optional>

#include "core/project/options.h"

class QCheckBox;
class QSlider;

namespace llavakd {

class NumberBox;
class Swatch;

/// One term of a stage: its line, its name with on and off, its weight as slider and number.
class TermRow : public QWidget {
  Q_OBJECT

 public:
  explicit TermRow(const TermInfo& term, QWidget* parent = nullptr);
  const std::string& term() const { return m_term; }
  /// The stage's name, for who hears the page instead of seeing it.
  void setStage(const QString& name);
  /// The weight, or nothing while the stage doesn't use the term; `before`: that of the time when it last did, if that
  /// is known.
  void setWeight(std::optional<double> weight, std::optional<double> before = {});
  QCheckBox* toggle() const { return m_toggle; }
  NumberBox* number() const { return m_number; }
  QSlider* slider() const { return m_slider; }

 Q_SIGNALS:
  /// Switched on (with the weight it had before) or off.
  void switched(bool on, double weight);
  void weightEdited(double weight);

 private:
  std::string m_term;
  Swatch* m_swatch;
  QCheckBox* m_toggle;
  QSlider* m_slider;
  NumberBox* m_number;
  const double m_usual;
  double m_last;  ///< What switching on gives.
};

}  // namespace llavakd
