// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QTest>

/// The window's program as people start it.
class StudioMainTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// What it is asked to print it prints on a machine without a screen, too.
  void textsNeedNoScreen() {
    for (const char* option : {"--help", "--version"}) {
      QProcess program;
      QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
      environment.remove(QStringLiteral("DISPLAY"));
      environment.remove(QStringLiteral("WAYLAND_DISPLAY"));
      environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
      program.setProcessEnvironment(environment);
      program.start(QStringLiteral(LLAVAKD_BIN_DIR "/llavakd-studio"), {QString::fromLatin1(option)});
      QVERIFY(program.waitForFinished(60000));
      QCOMPARE(program.exitStatus(), QProcess::NormalExit);
      QCOMPARE(program.exitCode(), 0);
      QVERIFY(program.readAllStandardOutput().contains("llavakd-studio"));
    }
  }
};

QTEST_MAIN(StudioMainTest)
#include "tst_studio_main.moc"
