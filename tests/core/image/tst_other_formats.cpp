// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/image/decode.h"

using namespace llavakd;

class TstOtherFormats : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void whatCannotBeReadIsNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* said, QByteArray bytes) {
      QTest::newRow(said) << bytes << QString::fromUtf8(said);
    };
    row("an AVIF picture", QByteArray("\0\0\0\x1C"
                                      "ftypmif1\0\0\0\0mif1avifmiaf",
                                      28));
    row("an HEIC picture", QByteArray("\0\0\0\x18"
                                      "ftypheic\0\0\0\0mif1heic",
                                      24));
    row("an HEIF picture", QByteArray("\0\0\0\x14"
                                      "ftypmif1\0\0\0\0miaf",
                                      20));
    row("a video (MP4)", QByteArray("\0\0\0\x14"
                                    "ftypisom\0\0\2\0mp41",
                                    20));
    row("a video (QuickTime)", QByteArray("\0\0\0\x14"
                                          "ftypqt  \0\0\2\0qt  ",
                                          20));
    row("a JPEG 2000 picture", QByteArray("\0\0\0\x0CjP  \r\n\x87\n", 12));
    row("a JPEG XL picture", "\xFF\x0A\x10");
    row("Photoshop", "8BPS");
    row("an icon (ICO)", QByteArray("\0\0\1\0\1\0", 6));
    row("an SVG drawing", "<?xml version=\"1.0\"?>\n<!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    row("not a picture but an HTML page", "\xEF\xBB\xBF\n<!DOCTYPE HTML><svg/>");
    row("a Netpbm picture", "P6\n1 1\n255\nabc");
    row("a PDF document", "%PDF-1.7");
    row("a video (Matroska or WebM)", "\x1A\x45\xDF\xA3");
    row("a Git LFS pointer",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + QByteArray(64, 'a') + "\nsize 5\n");
    row("a file that begins with zeros", QByteArray(64, '\0'));
    row("not a picture but a text", "hello");
    row("this is not a picture;", QByteArray("\x01\x02\xFF\xFE\x03\0", 6));
    row("the file is empty", QByteArray());
  }
  void whatCannotBeReadIsNamed() {
    QFETCH(const QByteArray, bytes);
    QFETCH(const QString, said);
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    QString message;
    try {
      decode_image({data, static_cast<size_t>(bytes.size())}, "x.jpg");
    } catch (const UserError& error) {
      message = error.what();
    }
    QVERIFY2(message.startsWith("x.jpg: ") && message.contains(said), qPrintable(message));
  }
};

QTEST_APPLESS_MAIN(TstOtherFormats)
#include "tst_other_formats.moc"
