// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <cstdio>

#include "tests/golden/golden_tests.h"

using namespace llavakd::golden;

/// All of ../shared/golden: `golden [CLASS] [Qt Test's options and FUNCTION:ROW]`. Exit code 77: the folder isn't
/// there.
int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  if (!std::filesystem::exists(root / "vlm")) {
    std::puts("../shared/golden is not there: skipped.");
    return 77;
  }
  QStringList arguments = QCoreApplication::arguments();
  QString only;
  if (arguments.size() > 1 && arguments[1].startsWith(QLatin1String("Golden"))) only = arguments.takeAt(1);
  int failures = 0, classes = 0;
  for (const auto make : {make_files, make_text, make_image, make_checkpoints, make_losses, make_training,
                          make_losses_command, make_hostile_input}) {
    const std::unique_ptr<QObject> test = make();
    if (!only.isEmpty() && only != QLatin1String(test->metaObject()->className())) continue;
    failures += QTest::qExec(test.get(), arguments);
    ++classes;
  }
  if (classes == 0) std::fprintf(stderr, "There is no class %s.\n", qPrintable(only));
  return failures == 0 && classes > 0 ? 0 : 1;
}
