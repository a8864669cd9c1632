// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "widgets/document/background.h"
#include "widgets/document/newest_request.h"

using namespace llavakd;

class NewestRequestTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void onlyTheNewestAnswers() {
    NewestRequest requests;
    QStringList answers;
    const auto take = [&](const QString& answer) {
      answers << answer;
    };
    auto first = requests.begin().only(take);
    const NewestRequest::Ticket second = requests.begin();
    auto answerOfSecond = second.only(take);
    first(QStringLiteral("first"));  // late
    QVERIFY(second.isNewest());
    answerOfSecond(QStringLiteral("second"));
    requests.newest().only(take)(QStringLiteral("its second half"));  // the same request
    QCOMPARE(answers, (QStringList{QStringLiteral("second"), QStringLiteral("its second half")}));
    requests.cancel();
    answerOfSecond(QStringLiteral("cancelled"));
    QCOMPARE(answers.size(), 2);
    QVERIFY(!second.isNewest());
  }

  void noRequestIsNeverTheNewest() { QVERIFY(!NewestRequest::Ticket().isNewest()); }

  /// An answer may come when nobody asks any more.
  void aTicketOutlivesItsRequests() {
    NewestRequest::Ticket ticket;
    {
      NewestRequest requests;
      ticket = requests.begin();
      requests.begin();
    }
    QVERIFY(!ticket.isNewest());
  }

  /// Whichever worker is quicker, the newest wish is what shows.
  void dropsWhatWorkersBringLate() {
    NewestRequest requests;
    QList<int> shown;
    for (const int wish : {1, 2, 3})
      inBackground(
          this,
          [wish] {
            QThread::msleep(wish == 1 ? 60 : 1);
            return wish;
          },
          requests.begin().only([&](int result) { shown << result; }));
    QTRY_COMPARE(shown, QList<int>{3});
    QTest::qWait(100);
    QCOMPARE(shown.size(), 1);
  }
};

QTEST_MAIN(NewestRequestTest)
#include "tst_newest_request.moc"
