// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The two tabs of InspectPage: relations and tokens.
#include <QTabBar>
#include <exception>

#include "core/data/student_texts.h"
#include "core/preflight/project_models.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/source_choice.h"
#include "widgets/pages/inspect/token_panel.h"

namespace llavakd {
namespace {

// In the order in which they are added.
enum InspectTab { relationsTab, tokensTab };

struct ReadTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
  QString fault;
};

ReadTokenizer tryTokenizer(const Project& project, const std::filesystem::path& file) {
  try {
    const ModelFacts facts = student_facts(project, file);
    return {std::make_shared<const Tokenizer>(student_texts(project, file, facts).tokenizer), {}};
  } catch (const std::exception& error) {
    return {nullptr, QString::fromUtf8(error.what())};
  }
}

}  // namespace

void InspectPage::makeTabs() {
  m_tabs->addTab(tr("Relations"));
  m_tabs->addTab(tr("Tokens"));
  m_tabs->setTabToolTip(relationsTab, tr("How strongly the picture's tokens are related in each model"));
  m_tabs->setTabToolTip(tokensTab, tr("What each model expects next, word by word"));
  m_tabs->setExpanding(false);
  m_tabs->setDrawBase(false);
  m_tabs->setAccessibleName(tr("What is looked at"));
  m_tokens->hide();
  m_panel->setFoot(m_time);
  connect(m_tabs, &QTabBar::currentChanged, this, &InspectPage::showTab);
}

void InspectPage::showTab() {
  const bool tokens = m_tabs->currentIndex() == tokensTab;
  if (tokens)
    m_tokens->setFoot(m_time);
  else
    m_panel->setFoot(m_time);
  m_panel->setVisible(!tokens);
  m_tokens->setVisible(tokens);
  m_source->setVisible(!tokens);
  readTokenizer();
  // A checkpoint was asked for relations alone; tokens are those of the record.
  if (!m_source->isRecord())
    look();
  else if (tokens && m_look)
    m_tokens->setLook(m_look);
}

bool InspectPage::looksInside() const {
  return m_tabs->currentIndex() == relationsTab && !m_source->isRecord();
}

void InspectPage::showLook(const std::shared_ptr<const ProbeLook>& look) {
  m_look = look;
  m_panel->setLook(look);
  if (m_tabs->currentIndex() == tokensTab) m_tokens->setLook(look);
}

void InspectPage::showNothing(const QString& why) {
  m_look.reset();
  m_panel->setNothing(why);
  m_tokens->setNothing(why);
}

// A tokenizer takes a moment to read and has its size: only who looks at tokens needs it.
void InspectPage::readTokenizer() {
  if (m_tabs->currentIndex() != tokensTab || !m_document->isOpen()) return;
  if (!has_student(m_project)) {
    m_tokenizerOf.clear();
    m_tokenizerReadings.cancel();
    return m_tokens->setTokenizer(nullptr, tr("No student is chosen, so the tokens' texts aren't known."));
  }
  const StudentOptions& student = m_project.student;
  const QString of = QStringList{m_document->path(), toQString(student.checkpoint), toQString(student.language_model),
                                 toQString(student.vision_tower)}
                         .join(u'\n');
  if (of == m_tokenizerOf) return;
  m_tokenizerOf = of;
  m_tokens->setTokenizer(nullptr, {});
  const NewestRequest::Ticket reading = m_tokenizerReadings.begin();
  inBackground(
      this, [project = m_project, file = toPath(m_document->path())] { return tryTokenizer(project, file); },
      reading.only([this](const ReadTokenizer& read) {
        m_tokens->setTokenizer(read.tokenizer,
                               read.fault.isEmpty() ? QString() : tr("Only numbers are known: %1").arg(read.fault));
      }));
}

}  // namespace llavakd
