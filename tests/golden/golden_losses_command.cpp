// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/app/engine.h"
#include "tests/golden/golden_tests.h"

using namespace llavakd;

namespace {

bool close(double actual, double wanted, double relative) {
  return std::abs(actual - wanted) <= relative * std::abs(wanted) + 1e-9;
}

/// Our name of each term and the reference's.
constexpr std::array<std::pair<const char*, const char*>, 4> terms = {
    {{"ce", "ce"}, {"mdist_response", "res"}, {"mdist_visual", "vis"}, {"rdist", "rel"}}};

}  // namespace

/// `llavakd losses --gradients --json` against Hugging Face's models: every case.
class GoldenLossesCommand : public QObject {
  Q_OBJECT

  static void compare(const Json& ours, const Json& expected) {
    const QByteArray id = QByteArray::fromStdString(expected["id"].get<std::string>());
    QVERIFY2(ours["labels"] == expected["labels"], id);
    QVERIFY2(ours["skipped"].is_null() != (expected.contains("skipped") && !expected["skipped"].is_null()), id);
    if (!ours["skipped"].is_null()) return;
    for (const auto& [name, theirs] : terms) {
      const Json &value = ours["terms"][name], &wanted = expected["losses"][theirs];
      QVERIFY2(value.is_null() == wanted.is_null(), id + name);
      if (!value.is_null()) QVERIFY2(close(value.get<double>(), wanted.get<double>(), 1e-4), id + " " + name);
    }
    const Json& norms = expected["grad"]["total_paper"];
    const Json& connector = norms["dft_connector_norm"];
    if (connector.is_number())
      QVERIFY2(close(ours["gradient_norm"]["connector"].get<double>(), connector.get<double>(), 1e-3), id);
    QVERIFY2(close(ours["gradient_norm"]["language_model"].get<double>(), norms["dft_llm_norm"].get<double>(), 1e-3),
             id);
  }

 private Q_SLOTS:
  void equalsTheReference_data() { golden::add_cases(); }

  void equalsTheReference() {
    QFETCH(const QString, name);
    const fs::path at = golden::root / "vlm" / name.toStdString();
    const Json given = read_json(at / "case.json"), expected = read_json(at / "expected.json");
    std::set<std::string> templates;
    for (const auto& [id, used] : given["template"].items()) templates.insert(used.get<std::string>());
    size_t compared = 0;
    for (const auto& used : templates) {
      const Outcome outcome =
          run_engine({"losses", "--teacher", text(at / "teacher"), "--student", text(at / "student"), "--sample",
                      text(at / "sample.json"), "--images", text(at / given["image_folder"].get<std::string>()),
                      "--template", QString::fromStdString(used), "--aspect",
                      QString::fromStdString(given["image_aspect_ratio"].get<std::string>()), "--max-length",
                      QString::number(given["max_length"].get<int>()), "--gradients", "--json"});
      QVERIFY2(outcome.code == 0, outcome.err);
      const Json result = outcome.json();
      for (const auto& wanted : expected["samples"]) {
        const std::string id = wanted["id"];
        if (given["template"][id] != used) continue;
        for (const auto& ours : result["samples"])
          if (ours["id"] == id) {
            compare(ours, wanted);
            if (QTest::currentTestFailed()) return;
            ++compared;
          }
      }
    }
    QCOMPARE(compared, expected["samples"].size());
  }
};

std::unique_ptr<QObject> golden::make_losses_command() {
  return std::make_unique<GoldenLossesCommand>();
}

#include "golden_losses_command.moc"
