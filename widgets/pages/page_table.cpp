// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/page_table.h"

#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/pages/failures/failures_page.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/project/project_page.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/train/train_page.h"

namespace llavakd {

std::vector<PageDescriptor> pageTable() {
  return {
      ProjectPage::descriptor(), StagesPage::descriptor(),  DataPage::descriptor(),     TrainPage::descriptor(),
      InspectPage::descriptor(), ComparePage::descriptor(), FailuresPage::descriptor(), RunsPage::descriptor(),
  };
}

}  // namespace llavakd
