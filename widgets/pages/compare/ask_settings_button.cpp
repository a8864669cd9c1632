// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/ask_settings_button.h"

#include <QFormLayout>
#include <QMenu>
#include <QWidgetAction>
#include <cmath>

#include "widgets/forms/number_box.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

NumberBox* makeBox(double least, double most, double value, const QString& name, const QString& help) {
  auto* box = new NumberBox;
  box->setRange(least, most);
  box->setValue(value);
  box->setAccessibleName(name);
  box->setToolTip(help);
  box->setMinimumWidth(theme::fieldWidth / 2);
  return box;
}

}  // namespace

QString settingsText(const AskSettings& settings) {
  QStringList parts;
  if (settings.isGreedy()) {
    parts << AskSettingsButton::tr("greedy");
  } else {
    parts << AskSettingsButton::tr("T %1").arg(theme::shortNumber(settings.temperature));
    if (settings.topP < 1) parts << AskSettingsButton::tr("top-p %1").arg(theme::shortNumber(settings.topP));
    parts << AskSettingsButton::tr("seed %1").arg(theme::fieldNumber(double(settings.seed)));
  }
  if (settings.mostTokens != AskSettings().mostTokens)
    parts << AskSettingsButton::tr("≤ %1 tokens").arg(theme::wholeNumber(settings.mostTokens));
  return parts.join(QStringLiteral(" · "));
}

QString settingsSentence(const AskSettings& settings) {
  const QString how = settings.isGreedy()
                          ? AskSettingsButton::tr("Greedy: the likeliest token, always.")
                          : AskSettingsButton::tr("Drawn: temperature %1, top-p %2, seed %3.")
                                .arg(theme::shortNumber(settings.temperature), theme::shortNumber(settings.topP),
                                     theme::fieldNumber(double(settings.seed)));
  return how + QLatin1Char(' ') +
         AskSettingsButton::tr("At most %1 tokens.").arg(theme::wholeNumber(settings.mostTokens));
}

AskSettingsButton::AskSettingsButton(QWidget* parent)
    : QToolButton(parent),
      m_temperature(makeBox(0, 100, 0, tr("Temperature"), tr("0: the likeliest token, always; more: bolder"))),
      m_topP(makeBox(0.001, 1, 1, tr("Top-p"),
                     tr("Draws among the likeliest tokens that reach this probability together; 1: among all"))),
      m_seed(makeBox(0, 1e9, 0, tr("Seed"), tr("The same seed, the same answer"))),
      m_mostTokens(makeBox(1, 4096, AskSettings().mostTokens, tr("Longest answer"), tr("In tokens"))) {
  setAutoRaise(true);
  setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  setIcon(theme::icon(QStringLiteral("more")));
  setFocusPolicy(Qt::StrongFocus);
  setPopupMode(QToolButton::InstantPopup);
  setAccessibleName(tr("How answers are made"));
  m_seed->setWhole(true);
  m_mostTokens->setWhole(true);
  auto* content = new QWidget;
  auto* form = new QFormLayout(content);
  form->setContentsMargins(theme::gap, theme::gap, theme::gap, theme::gap);
  form->addRow(tr("Temperature"), m_temperature);
  form->addRow(tr("Top-p"), m_topP);
  form->addRow(tr("Seed"), m_seed);
  form->addRow(tr("Longest answer, tokens"), m_mostTokens);
  auto* menu = new QMenu(this);
  auto* action = new QWidgetAction(menu);
  action->setDefaultWidget(content);
  menu->addAction(action);
  setMenu(menu);
  for (NumberBox* box : {m_temperature, m_topP, m_seed, m_mostTokens})
    connect(box, &NumberBox::valueChanged, this, &AskSettingsButton::showSettings);
  showSettings();
}

AskSettings AskSettingsButton::settings() const {
  return {.temperature = m_temperature->value(),
          .topP = m_topP->value(),
          .seed = std::llround(m_seed->value()),
          .mostTokens = int(std::lround(m_mostTokens->value()))};
}

void AskSettingsButton::showSettings() {
  const bool greedy = settings().isGreedy();
  m_topP->setEnabled(!greedy);
  m_seed->setEnabled(!greedy);
  setText(settingsText(settings()));
  setToolTip(settingsSentence(settings()));
}

}  // namespace llavakd
