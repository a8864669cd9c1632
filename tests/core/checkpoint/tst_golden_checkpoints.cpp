// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/checkpoint/open_checkpoint.h"
#include "core/io/json_file.h"
#include "core/models/multimodal_model.h"
#include "core/project/errors.h"

using namespace llavakd;
namespace fs = std::filesystem;

/// The shared reference files: checkpoints in foreign layouts that must open, and damaged ones that must be refused.
class TestGoldenCheckpoints : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    m_golden = fs::path(LLAVAKD_SHARED_DIR) / "golden";
    if (!fs::exists(m_golden)) QSKIP("the golden files are not here");
  }

  void opens_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("layout");
    for (const char* name : {"a_qwen2_siglip_hf", "c_sharded_bf16", "d_vocab_tail", "f_text_only", "g_batch",
                             "i_multiturn", "j_truncated", "e_clip_llama", "h_qwen3", "h_phi"}) {
      QTest::newRow(name) << QString(name) << QString("tinyllava_hf");
    }
    QTest::newRow("b_split_bin") << QString("b_split_bin") << QString("split");
    QTest::newRow("k_llava_hf") << QString("k_llava_hf") << QString("llava_hf");
  }

  void opens() {
    QFETCH(QString, name);
    QFETCH(QString, layout);
    for (const char* role : {"teacher", "student"}) {
      const Checkpoint checkpoint = open_checkpoint(m_golden / "vlm" / name.toStdString() / role);
      QCOMPARE(QString::fromStdString(checkpoint.layout), layout);
      const MultimodalModel model(checkpoint.config, checkpoint.parameters);
      QVERIFY(model.parameters().at("connector._connector.0.weight").is_contiguous());
    }
  }

  void refuses_data() {
    QTest::addColumn<QString>("file");
    if (!fs::exists(m_golden)) return;
    for (const auto& item : read_json(m_golden / "bad/INDEX.json")) {
      const auto file = item["file"].get<std::string>();
      // Broken tokenizers are the tokenizer's business; the old format is refused here, which INDEX.json allows.
      if (item["target"] != "checkpoint" || file.starts_with("bad/tokenizer")) continue;
      QTest::newRow(file.c_str()) << QString::fromStdString(file);
    }
  }

  void refuses() {
    QFETCH(QString, file);
    const QTemporaryDir folder;
    const fs::path checkpoint = fs::path(folder.path().toStdString()) / "checkpoint";
    materialize(file.toStdString(), checkpoint);
    QElapsedTimer timer;
    timer.start();
    try {
      open_checkpoint(checkpoint);
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(std::string(error.what()).find(folder.path().toStdString()) != std::string::npos, error.what());
    }
    QVERIFY(timer.elapsed() < 5'000);
    QVERIFY(!fs::exists("LLAVAKD_PWNED_MARKER"));
  }

 private:
  /// Copies the item's base checkpoint and puts the damaged file in, as its `overlay` says.
  void materialize(const std::string& file, const fs::path& to) const {
    for (const auto& item : read_json(m_golden / "bad/INDEX.json")) {
      if (item["file"] != file) continue;
      const auto& overlay = item["overlay"];
      fs::copy(m_golden / overlay["base"].get<std::string>(), to, fs::copy_options::recursive);
      if (overlay.contains("remove")) {
        for (const auto& name : overlay["remove"]) fs::remove(to / name.get<std::string>());
      }
      for (const auto& [name, source] : overlay["put"].items()) {
        fs::copy_file(m_golden / source.get<std::string>(), to / name, fs::copy_options::overwrite_existing);
      }
    }
  }

  fs::path m_golden;
};

QTEST_APPLESS_MAIN(TestGoldenCheckpoints)
#include "tst_golden_checkpoints.moc"
