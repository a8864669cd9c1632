// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/image/decode.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;
namespace fs = std::filesystem;

/// A page as a browser sees it. Without Chromium there is nothing to see, which is said.
class TestReportBrowser : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  QString browser_, page_;

  struct Seen {
    QByteArray out, err;
  };

  Seen see(const QString& fragment, QStringList arguments) const {
    QStringList all{"--headless=new",
                    "--disable-gpu",
                    "--no-sandbox",
                    "--no-first-run",
                    "--disable-dev-shm-usage",
                    "--enable-logging=stderr",
                    "--v=0",
                    "--virtual-time-budget=2000",
                    "--user-data-dir=" + dir_.filePath("profile")};
    all << arguments << "file://" + page_ + fragment;
    QProcess process;
    process.start(browser_, all);
    if (!process.waitForFinished(60'000)) process.kill();
    process.waitForFinished(5000);
    return {process.readAllStandardOutput(), process.readAllStandardError()};
  }

 private Q_SLOTS:
  void initTestCase() {
    for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
      if (browser_.isEmpty()) browser_ = QStandardPaths::findExecutable(QString::fromLatin1(name));
    if (browser_.isEmpty()) QSKIP("no Chromium is installed, so no page is opened");
    const fs::path root = dir_.path().toStdString();
    page_ = QString::fromStdString(
        write_report({make_run(root, "one", {.question = "<script>document.title='broken'</script>", .probes = 1})},
                     root / "out")
            .page.string());
  }

  void theSliderMovesTheMaps() {
    const QByteArray last = see({}, {"--dump-dom"}).out;
    QVERIFY2(last.contains("data-theme="), last.left(500));
    QVERIFY(last.contains("class=\"look shown\" data-step=\"4 · DFT\""));
    QCOMPARE(last.count("class=\"look shown\""), 1);
    QVERIFY(last.contains("<title>one</title>"));
    const QByteArray second = see("#look=1", {"--dump-dom"}).out;
    QVERIFY(second.contains("class=\"look shown\" data-step=\"2 · DFT\""));
    QCOMPARE(second.count("class=\"look shown\""), 1);
    QVERIFY(second.contains(">2 · DFT</output>"));
    QVERIFY(see("#theme=dark", {"--dump-dom"}).out.contains("data-theme=\"dark\""));
  }

  void itIsDrawnWithoutAFault() {
    const QString picture = dir_.filePath("page.png");
    const Seen seen = see("#theme=light", {"--window-size=1280,1600", "--screenshot=" + picture});
    QVERIFY2(!seen.err.contains("CONSOLE"), seen.err);
    const Image image = read_image(picture.toStdString());
    QCOMPARE(image.width, 1280);
    QVERIFY(std::ranges::count_if(image.rgb, [](uint8_t value) { return value < 80; }) > 1000);  // there is text
  }
};

QTEST_GUILESS_MAIN(TestReportBrowser)
#include "tst_report_browser.moc"
