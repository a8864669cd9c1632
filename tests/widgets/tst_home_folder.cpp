// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include "app/home_folder.h"

class TestHomeFolder : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aUsableOneStays() {
    const QTemporaryDir home;
    qputenv("HOME", home.path().toLocal8Bit());
    llavakd::prepare_home_folder();
    QCOMPARE(qEnvironmentVariable("HOME"), home.path());
  }

  void nothingIsWrittenInTheRoot_data() {
    QTest::addColumn<QByteArray>("home");
    QTest::newRow("missing") << QByteArray();
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("the root") << QByteArray("/");
    QTest::newRow("not there") << QByteArray("/not there");
    QTest::newRow("no folder") << QByteArray("/dev/null");
  }
  void nothingIsWrittenInTheRoot() {
    QFETCH(const QByteArray, home);
    home.isNull() ? qunsetenv("HOME") : qputenv("HOME", home);
    llavakd::prepare_home_folder();
    QVERIFY(QFileInfo(QDir::homePath()).isWritable());
    QVERIFY(!QFileInfo(QDir::homePath()).isRoot());
  }
};

QTEST_GUILESS_MAIN(TestHomeFolder)
#include "tst_home_folder.moc"
