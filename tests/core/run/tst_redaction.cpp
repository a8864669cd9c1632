// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/run/redaction.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

class TestRedaction : public QObject {
  Q_OBJECT

  static Redaction made() {
    Redaction redaction;
    redaction.hide_path("/home/alice", "/redacted/home");
    redaction.hide_path("/home/alice/work/", "/redacted/project");
    redaction.hide_path("/mnt/two words", "/redacted/input-1");
    redaction.hide_name("brazil-7", "HOST");
    return redaction;
  }

 private Q_SLOTS:
  void textsLoseNamesAndPaths_data() {
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::newRow("project") << "Read /home/alice/work/data.json."
                             << "Read /redacted/project/data.json.";
    QTest::newRow("home") << "/home/alice/x: no."
                          << "/redacted/home/x: no.";
    QTest::newRow("end") << "in /home/alice."
                         << "in /redacted/home.";
    QTest::newRow("name") << "alice's run, by alice"
                          << "USER's run, by USER";
    QTest::newRow("longer name") << "malice alice_b"
                                 << "malice alice_b";
    QTest::newRow("host") << "on brazil-7, brazil-77"
                          << "on HOST, brazil-77";
    QTest::newRow("spaces") << "\"/mnt/two words/a b.png\""
                            << "\"/redacted/input-1/a b.png\"";
    QTest::newRow("web address") << "file:///home/alice/x"
                                 << "file:///redacted/home/x";
    QTest::newRow("others") << "(/tmp/x/y.json) /srv/z/1, /tmp/x/y.json"
                            << "(/redacted/path-1) /redacted/path-2, /redacted/path-1";
    QTest::newRow("no paths") << "and/or 1/2 </s> <image>/a https://example.org/a/b ./x/y ~/z/w"
                              << "and/or 1/2 </s> <image>/a https://example.org/a/b ./x/y ~/z/w";
    QTest::newRow("another's home") << "/home/alice2/x/y"
                                    << "/redacted/path-1";
    QTest::newRow("umlauts") << "über/alice/ä"
                             << "über/USER/ä";
  }

  void textsLoseNamesAndPaths() {
    QFETCH(const QString, before);
    QFETCH(const QString, after);
    Redaction redaction = made();
    const std::string text = redaction.text(before.toStdString());
    QCOMPARE(QString::fromStdString(text), after);
    QCOMPARE(redaction.text(text), text);  // again nothing is left to do
    QVERIFY(!redaction.found_in(text));
  }

  void valuesAndPathsAmongKeysChange() {
    Redaction redaction = made();
    const Json before = Json::parse(
        R"({"train": ["alice", 1, null], "alice": true, "inputs": {"/home/alice/m/w.bin": {"bytes": 5}, "a/alice.png": 1}})");
    const Json after = Json::parse(
        R"({"train": ["USER", 1, null], "alice": true, "inputs": {"/redacted/home/m/w.bin": {"bytes": 5}, "a/USER.png": 1}})");
    QCOMPARE(QString::fromStdString(redaction.json(before).dump()), QString::fromStdString(after.dump()));
  }

  void namesThatTellNothingStay() {
    Redaction redaction;
    for (const char* name : {"", "me", "root", "localhost"}) redaction.hide_name(name, "USER");
    redaction.hide_path("/", "/redacted/home");
    redaction.hide_path("relative/path", "/redacted/input-1");
    const std::string text = "root and me at localhost, relative/path";
    QCOMPARE(redaction.text(text), text);
  }

  void whatIsLeftIsFound() {
    const Redaction redaction = made();
    QCOMPARE(redaction.found_in("x=/home/alice/y").value_or(""), std::string("/home/alice"));
    QCOMPARE(redaction.found_in(std::string_view("\0alice\0", 7)).value_or(""), std::string("alice"));
    QVERIFY(!redaction.found_in("malice, /home/alice2"));
  }

  void knowsWhoRunsIt() {
    const QByteArray home = qgetenv("HOME"), user = qgetenv("USER");
    qputenv("HOME", "/somewhere/special");
    qputenv("USER", "somebody");
    Redaction redaction = Redaction::of_this_user();
    qputenv("HOME", home);
    qputenv("USER", user);
    QCOMPARE(redaction.text("somebody in /somewhere/special/x"), std::string("USER in /redacted/home/x"));
  }
};

QTEST_GUILESS_MAIN(TestRedaction)
#include "tst_redaction.moc"
