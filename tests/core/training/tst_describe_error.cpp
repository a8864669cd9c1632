// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <c10/util/Exception.h>

#include <QTest>
#include <new>
#include <system_error>

#include "core/base/errors.h"
#include "core/training/describe_error.h"

using namespace llavakd;

class TestDescribeError : public QObject {
  Q_OBJECT

  static QString described(const std::exception& error) { return QString::fromStdString(describe_error(error)); }

 private Q_SLOTS:
  void oursAreToldAsTheyAre() {
    QCOMPARE(described(UserError("a.json has no list.")), QStringLiteral("a.json has no list."));
    QCOMPARE(described(RunError("The disk is full.")), QStringLiteral("The disk is full."));
  }

  void memoryThatRanOutIsCalledThat() {
    QVERIFY(described(std::bad_alloc()).startsWith(QStringLiteral("Out of memory.")));
    const c10::Error allocator(c10::SourceLocation{"here", "there", 1},
                               "[enforce fail] DefaultCPUAllocator: can't allocate memory\nmore");
    const QString text = described(allocator);
    QVERIFY2(text.startsWith(QStringLiteral("Out of memory.")) && text.contains(QStringLiteral("micro_batch_size")),
             qPrintable(text));
    QVERIFY2(!text.contains(u'\n'), qPrintable(text));
    const QString primitive = described(std::runtime_error("could not create a primitive"));
    QVERIFY2(primitive.contains(QStringLiteral("memory ran out (could not create a primitive)")),
             qPrintable(primitive));
  }

  void threadsAndFilesThatRanOutAreCalledThat() {
    const auto system = [](std::errc code) {
      return std::system_error(std::make_error_code(code), "what was tried");
    };
    QVERIFY(described(system(std::errc::resource_unavailable_try_again)).contains(QStringLiteral("ulimit -u")));
    QVERIFY(described(system(std::errc::too_many_files_open)).contains(QStringLiteral("ulimit -n")));
    QVERIFY(described(system(std::errc::not_enough_memory)).startsWith(QStringLiteral("Out of memory.")));
    QVERIFY(described(system(std::errc::io_error)).contains(QStringLiteral("what was tried")));
  }

  void libTorchLosesItsBacktrace() {
    const c10::Error error(c10::SourceLocation{"function", "file.cpp", 7}, "shapes differ");
    QVERIFY(described(error).startsWith(QStringLiteral("shapes differ")));
    QVERIFY(!described(error).contains(QStringLiteral("file.cpp")));
  }
};

QTEST_APPLESS_MAIN(TestDescribeError)
#include "tst_describe_error.moc"
