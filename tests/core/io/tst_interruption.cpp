// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <optional>

#include "core/io/atomic_file.h"
#include "core/io/interruption.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestInterruption : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  // In this order: a request is for the rest of the program.
 private Q_SLOTS:
  void nothingHalfMadeNothingToWaitFor() {
    QVERIFY(!interrupt_half_made());
    throw_if_interrupted();
    write_file_atomically(fs::path(dir_.path().toStdString()) / "whole", "text");
    QVERIFY(!interrupt_half_made());
    throw_if_interrupted();
  }

  void whatIsHalfMadeIsRemoved() {
    const fs::path root = dir_.path().toStdString();
    {
      std::optional<AtomicFolder> folder(std::in_place, root / "model");
      write_file_atomically(folder->partial() / "config.json", "{}");
      QVERIFY(interrupt_half_made());
      QVERIFY_THROWS_EXCEPTION(Interrupted, throw_if_interrupted());
      QVERIFY_THROWS_EXCEPTION(Interrupted, AtomicFile(folder->partial() / "weights"));
      QVERIFY_THROWS_EXCEPTION(Interrupted, folder->commit());
    }
    QCOMPARE(std::distance(fs::directory_iterator(root), fs::directory_iterator()), std::ptrdiff_t{1});
    QVERIFY(!interrupt_half_made());
  }
};

QTEST_APPLESS_MAIN(TestInterruption)
#include "tst_interruption.moc"
