// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Concepts, scenes, captions, questions, resizing: literal inputs, no font needed.
#include <QtTest>
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/data/emoji/language.h"
#include "core/data/emoji/rows.h"

using namespace llavakd;
using namespace llavakd::emoji;

namespace {

const std::vector<Concept> kThings = {
    {"fox", 0x1F98A, "animal"}, {"hut", 0x1F6D6, "travel"}, {"ox", 0x1F402, "animal"}, {"apple", 0x1F34E, "food"}};
constexpr int kRed = 2, kGray = 1;

/// fox at the top left, hut at the top right, ox at the bottom left, on red
Scene three_things() {
  return {{0, 1, 2, -1}, kRed};
}

/// emoji-test.txt with `count` usable names in each group ("aaa", "aab", …), and rows that the rule must leave out.
std::string emoji_test(int count) {
  std::ostringstream text;
  text << "# group: Smileys & Emotion\n1F600 ; fully-qualified # x E1.0 grin\n";
  for (const char* group : {"Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"}) {
    text << "# group: " << group << "\n# subgroup: all\n";
    text << "1F415 200D 1F9BA ; fully-qualified # x E12.0 servicedog\n1F43E ; fully-qualified # x E0.6 paws\n";
    text << "1F9A5 ; unqualified # x E1.0 sloth\n1F9A6 ; fully-qualified # x E1.0 two words\nrubbish\n;#\nzz ; "
            "fully-qualified # x E1.0 zoo\n";
    for (int i = 0; i < count; ++i) {
      text << std::hex << 0x1F400 + i << std::dec << " FE0F    ; fully-qualified     # x E1.0 a"
           << static_cast<char>('a' + i / 18) << static_cast<char>('a' + i % 18) << '\n';
    }
  }
  return text.str();
}

/// JSON with ' for ", since moc doesn't read every raw string.
std::string json(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

Question ask_any(const Scene& scene, std::string_view type, uint64_t seed) {
  Random random(seed);
  return ask(random, scene, kThings, type);
}

}  // namespace

class TestEmojiScenes : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void concepts_are_twelve_of_each_group_evenly_spaced() {
    std::istringstream text(emoji_test(24));
    const auto concepts = parse_concepts(text, "list");
    QCOMPARE(concepts.size(), size_t{60});
    for (size_t i = 0; i < 60; ++i)
      QCOMPARE(QString::fromStdString(concepts[i].group), QString(kGroups[i / 12].data()));
    QCOMPARE(concepts[0].name, std::string("aaa"));
    QCOMPARE(concepts[1].name, std::string("aac"));  // every second of 24
    QCOMPARE(concepts[11].name, std::string("abe"));
    QCOMPARE(uint32_t(concepts[1].code_point), uint32_t(0x1F402));
  }

  void concepts_of_too_short_a_list_are_refused() {
    std::istringstream text(emoji_test(11));
    try {
      parse_concepts(text, "list.txt");
      QFAIL("no error");
    } catch (const UserError& error) {
      const std::string message = error.what();
      QVERIFY(message.find("list.txt holds 11 usable names") != std::string::npos);
      QVERIFY(message.find("unicode-data") != std::string::npos);
    }
  }

  void missing_list_names_the_package() {
    try {
      read_concepts("/nowhere/emoji-test.txt");
      QFAIL("no error");
    } catch (const UserError& error) {
      QVERIFY(std::string(error.what()).find("apt install unicode-data") != std::string::npos);
    }
  }

  void held_out_pairs_are_150_and_symmetric() {
    QVERIFY(held_out(0, 10));  // 130
    QVERIFY(!held_out(0, 1));
    int count = 0;
    for (int a = 0; a < 60; ++a) {
      for (int b = a + 1; b < 60; ++b) {
        QCOMPARE(held_out(a, b), held_out(b, a));
        count += held_out(a, b);
      }
    }
    QCOMPARE(count, 150);  // of 1,770: those of equal last digit
  }

  void training_scenes_hold_no_held_out_pair_and_test_scenes_do() {
    std::array<int, 5> sizes{};
    for (uint64_t i = 0; i < 2000; ++i) {
      Random seen(1, "captions", i), unseen(1, "test", i);
      const Scene a = draw_scene(seen, 60, Pairs::seen), b = draw_scene(unseen, 60, Pairs::unseen);
      QVERIFY(!has_held_out_pair(a));
      QVERIFY(has_held_out_pair(b));
      std::set<int> things;
      int count = 0;
      for (const int thing : a.cells) {
        if (thing >= 0) things.insert(thing), ++count;
      }
      QCOMPARE(things.size(), size_t(count));  // all different
      ++sizes[size_t(count)];
    }
    QCOMPARE(sizes[0], 0);
    for (size_t n = 1; n < 5; ++n) QVERIFY2(sizes[n] > 200, qPrintable(QString::number(sizes[n])));
  }

  void captions_follow_the_grammar() {
    QCOMPARE(
        caption(three_things(), kThings),
        std::string("a fox at the top left, a hut at the top right and an ox at the bottom left on a red background"));
    QCOMPARE(caption({{-1, -1, -1, 3}, kGray}, kThings),
             std::string("an apple at the bottom right on a gray background"));
    QCOMPARE(caption({{-1, 0, 2, -1}, 0}, kThings),
             std::string("a fox at the top right and an ox at the bottom left on a white background"));
  }

  void answers_are_right() {
    const Scene scene = three_things();
    const std::map<std::string, std::string> answers = {{"What is at the top left?", "fox"},
                                                        {"What is at the top right?", "hut"},
                                                        {"What is at the bottom left?", "ox"},
                                                        {"What is at the bottom right?", "nothing"},
                                                        {"How many things are there?", "three"},
                                                        {"What color is the background?", "red"},
                                                        {"What is right of the fox?", "hut"},
                                                        {"What is below the fox?", "ox"},
                                                        {"What is left of the hut?", "fox"},
                                                        {"What is below the hut?", "nothing"},
                                                        {"What is above the ox?", "fox"},
                                                        {"What is right of the ox?", "nothing"},
                                                        {"Which group is the thing at the top left in?", "animal"},
                                                        {"Which group is the thing at the top right in?", "travel"},
                                                        {"Which group is the thing at the bottom left in?", "animal"}};
    std::set<std::string> asked;
    for (uint64_t seed = 0; seed < 2000; ++seed) {
      for (const auto type : kQuestionTypes) {
        const Question q = ask_any(scene, type, seed);
        QVERIFY2(answers.count(q.question), q.question.c_str());
        QCOMPARE(q.answer, answers.at(q.question));
        QCOMPARE(q.type, type);
        asked.insert(q.question);
      }
    }
    QCOMPARE(asked.size(), answers.size());  // and every question that can be asked is
  }

  void relation_of_a_lone_thing_is_nothing() {
    for (uint64_t seed = 0; seed < 50; ++seed)
      QCOMPARE(ask_any({{-1, 0, -1, -1}, 0}, "rel", seed).answer, std::string("nothing"));
  }

  void dialogue_has_different_types() {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Random random(seed);
      std::set<std::string_view> types;
      for (const auto& q : dialogue(random, three_things(), kThings, 3)) types.insert(q.type);
      QCOMPARE(types.size(), size_t{3});
    }
  }

  void rows_are_conversations() {
    const Described scene{"test-17", "test/17.png", "a fox", {{"cell", "What?", "fox"}, {"count", "How many?", "one"}}};
    QCOMPARE(question_rows(scene)[1],
             json("{'id':'test-17-count','image':'test/17.png','type':'count','conversations':"
                  "[{'from':'human','value':'<image>\\nHow many?'},{'from':'gpt','value':'one'}]}"));
    QCOMPARE(dialogue_row(scene), json("{'id':'test-17','image':'test/17.png','conversations':"
                                       "[{'from':'human','value':'<image>\\nWhat?'},{'from':'gpt','value':'fox'},"
                                       "{'from':'human','value':'How many?'},{'from':'gpt','value':'one'}]}"));
    QCOMPARE(caption_row(scene, "c", true),
             json("{'id':'c','image':'test/17.png','template':'pretrain','conversations':"
                  "[{'from':'human','value':'<image>\\nDescribe the picture.'},{'from':'gpt','value':'a fox'}]}"));
    QCOMPARE(json_list({"1", "2"}), std::string("[\n1,\n2\n]\n"));
    QCOMPARE(json_list({}), std::string("[\n]\n"));
  }

  void painting_stays_inside_the_quarters() {
    Drawing drawing;
    for (size_t k = 0; k < kSizes.size(); ++k) {
      drawing[k] = Bitmap(kSizes[k], kSizes[k]);
      for (size_t i = 0; i < drawing[k].rgba.size(); i += 4) drawing[k].rgba[i] = drawing[k].rgba[i + 3] = 255;  // red
    }
    for (uint64_t seed = 0; seed < 30; ++seed) {
      Random random(seed);
      const Picture picture = paint(random, {{-1, -1, 0, -1}, 4}, {drawing});
      int red = 0;
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          const bool thing = picture[size_t(y * kSide + x) * 3] > 200;
          if (thing) QVERIFY(x < kQuarter && y >= kQuarter);
          red += thing;
        }
      }
      QVERIFY(red == 36 * 36 || red == 40 * 40 || red == 44 * 44);
      QVERIFY(std::abs(picture[2] - 200) <= 15);  // blue of the background, top left
    }
  }

  void lanczos_is_pillows() {
    // Pillow 13: Image.frombytes("RGBA", (6, 1), …).resize((3, 2), Image.LANCZOS)
    Bitmap row(6, 1);
    const std::array<uint8_t, 24> source = {255, 0, 0, 255, 0,   255, 0,  255, 0,  0,  255, 128,
                                            9,   9, 9, 0,   200, 100, 50, 64,  40, 80, 120, 255};
    std::copy(source.begin(), source.end(), row.rgba.begin());
    const std::vector<uint8_t> expected = {120, 121, 20, 255, 0, 127, 195, 64, 87, 76, 100, 137,
                                           120, 121, 20, 255, 0, 127, 195, 64, 87, 76, 100, 137};
    QCOMPARE(resize_lanczos(row, 3, 2).rgba, expected);
  }

  void sha256_of_known_texts() {
    QCOMPARE(sha256(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    QCOMPARE(sha256("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
             std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    QCOMPARE(sha256(std::string(1000000, 'a')),
             std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
  }

  void random_draws_are_ours() {
    Random random(0);  // the first numbers of SplitMix64 from 0
    QCOMPARE(random.next(), uint64_t{0xE220A8397B1DCDAF});
    QCOMPARE(random.next(), uint64_t{0x6E789E6AA1B965F4});
    std::array<int, 6> hits{};
    for (int i = 0; i < 6000; ++i) ++hits[size_t(random.below(6))];
    for (const int n : hits) QVERIFY(n > 800 && n < 1200);
    QVERIFY(Random(1, "test", 0).next() != Random(1, "test", 1).next());
    QVERIFY(Random(1, "test", 0).next() != Random(1, "tesu", 0).next());
  }
};

QTEST_APPLESS_MAIN(TestEmojiScenes)
#include "tst_emoji_scenes.moc"
