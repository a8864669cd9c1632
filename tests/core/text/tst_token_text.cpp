// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/io/json_file.h"
#include "core/text/token_text.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

class TestTokenText : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// A decoder that takes the first space of a text away, as Llama's does, keeps it in the middle of one.
  void keepsTheSpaceInFront() {
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    const Json vocabulary = {{"<unk>", 0}, {"\u2581fox", 1}, {"fox", 2}, {"<0xC3>", 3}, {"\u2581", 4}};
    const Json steps = Json::array({{{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}},
                                    {{"type", "ByteFallback"}},
                                    {{"type", "Fuse"}},
                                    {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}});
    const Json model = {{"type", "BPE"},        {"vocab", vocabulary},   {"merges", Json::array()},
                        {"unk_token", "<unk>"}, {"byte_fallback", true}, {"fuse_unk", true}};
    write_json(folder / "tokenizer.json", {{"version", "1.0"},
                                           {"added_tokens", Json::array()},
                                           {"normalizer", nullptr},
                                           {"pre_tokenizer", nullptr},
                                           {"decoder", {{"type", "Sequence"}, {"decoders", steps}}},
                                           {"model", model}});
    write_json(folder / "tokenizer_config.json", Json::object());
    const Tokenizer tokenizer = Tokenizer::load(folder);
    QCOMPARE(tokenizer.decode(std::vector<int64_t>{1}), std::string("fox"));
    QCOMPARE(token_text(tokenizer, 1), std::string(" fox"));
    QCOMPARE(token_text(tokenizer, 2), std::string("fox"));
    QCOMPARE(token_text(tokenizer, 4), std::string(" "));
    QCOMPARE(token_text(tokenizer, 3), std::string("\xEF\xBF\xBD"));  // a piece of a character
    QCOMPARE(token_text(tokenizer, 99), std::string());
  }
};

QTEST_APPLESS_MAIN(TestTokenText)
#include "tst_token_text.moc"
