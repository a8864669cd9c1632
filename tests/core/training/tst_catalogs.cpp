// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <set>

#include "core/base/errors.h"
#include "core/checkpoint/loaded_model.h"
#include "core/data/sampler.h"
#include "core/image/processor.h"
#include "core/losses/divergences.h"
#include "core/losses/loss_term.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/project/catalog.h"
#include "core/text/conversation.h"
#include "core/training/schedule.h"
#include "core/training/stage.h"

using namespace llavakd;

namespace {

std::string names_of(Catalog catalog) {
  std::string names;
  for (const CatalogEntry& entry : catalog) names += std::string(entry.name) + "\n";
  return names;
}

template <class Table>
std::string names_in(const Table& table) {
  std::string names;
  for (const auto& row : table) names += std::string(row.name) + "\n";
  return names;
}

}  // namespace

/// What can be chosen by name is what there is code for: catalogs against their tables. That of evaluation tasks is in
/// tst_evaluation_task.
class TestCatalogs : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void terms() {
    QCOMPARE(names_in(loss_terms()), names_of(catalog::terms()));
    for (const LossTerm& term : loss_terms()) {
      QVERIFY2((term.per_row == RowLoss::none) == (term.per_image != nullptr), term.name.data());
      QVERIFY2(term.reference && term.info == term_info(term.name), term.name.data());
      QVERIFY2(!term.per_image || term.info->reads == TermPositions::visual, term.name.data());
      QVERIFY2(term.per_row != RowLoss::divergence || term_has(term.name, "divergence"), term.name.data());
      QVERIFY2(term.per_row != RowLoss::cross_entropy || term.info->reads == TermPositions::response, term.name.data());
      QVERIFY2(term.info->colour_on_light >> 24 == 0xff && term.info->colour_on_dark >> 24 == 0xff, term.name.data());
      QVERIFY2(!term.info->formula.empty(), term.name.data());
    }
    QVERIFY(probe_curve_term().reads == TermPositions::visual);
  }

  void divergences() { QCOMPARE(names_in(llavakd::divergences()), names_of(catalog::divergences())); }

  void relationSources() {
    std::set<bool> seen;
    for (const CatalogEntry& entry : catalog::relation_sources()) {
      StageOptions stage;
      stage.terms = {{.term = std::string(probe_curve_term().name), .on = std::string(entry.name)}};
      seen.insert(terms_of(stage).at(0).on_hidden);
    }
    QCOMPARE(seen.size(), catalog::relation_sources().size());
  }

  void connectors() {
    for (const CatalogEntry& entry : catalog::connectors())
      connector_parameter_shapes(std::string(entry.name), 64, 64, "connector.", {});
    QVERIFY_THROWS_EXCEPTION(UserError, connector_parameter_shapes("other", 64, 64, "connector.", {}));
  }

  /// Each has a curve of its own: an entry without code would have another's.
  void schedules() {
    std::set<double> half_way;
    for (const CatalogEntry& entry : catalog::schedules())
      half_way.insert(learning_rate_factor(std::string(entry.name), 30, 0, 100));
    QCOMPARE(half_way.size(), catalog::schedules().size());
  }

  void samplers() {
    std::set<SampleOrder> orders;
    for (const CatalogEntry& entry : catalog::samplers()) orders.insert(sample_order(entry.name));
    QCOMPARE(orders.size(), catalog::samplers().size());
  }

  void aspectRatios() {
    std::set<AspectRatio> ratios;
    for (const CatalogEntry& entry : catalog::aspect_ratios()) ratios.insert(aspect_ratio_from_name(entry.name));
    QCOMPARE(ratios.size(), catalog::aspect_ratios().size());
  }

  void precisions() {
    std::set<at::ScalarType> types;
    for (const CatalogEntry& entry : catalog::precisions()) types.insert(precision_of(std::string(entry.name)));
    QCOMPARE(types.size(), catalog::precisions().size());
  }

  void conversationTemplates() {
    for (const CatalogEntry& entry : catalog::conversation_templates())
      QCOMPARE(std::string(conversation_template(std::string(entry.name)).name), std::string(entry.name));
  }

  /// A stage can train each part, and no other.
  void modelParts() {
    for (const CatalogEntry& entry : catalog::model_parts())
      QCOMPARE(std::string(part_of(std::string(entry.name) + ".weight")), std::string(entry.name));
  }
};

QTEST_APPLESS_MAIN(TestCatalogs)
#include "tst_catalogs.moc"
