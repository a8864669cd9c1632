// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>

#include "core/base/errors.h"
#include "core/data/sampler.h"
#include "core/project/catalog.h"

using namespace llavakd;

namespace {

std::vector<SampleLength> mixed_lengths() {
  std::vector<SampleLength> lengths;
  for (int i = 0; i < 23; ++i) lengths.push_back({(i * 7) % 13 + 1, i % 3 != 0});  // 15 with a picture, 8 without
  return lengths;
}

bool is_permutation_of_all(std::vector<int64_t> order, size_t count) {
  std::sort(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<int64_t>(i)) return false;
  }
  return order.size() == count;
}

}  // namespace

class TstSampler : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void valuesAreFixedForever() {
    // A change of these numbers would change the data order of every run that is resumed.
    const CounterRandom random(1234, 0);
    QCOMPARE(random.value(0), uint64_t{0x52b6d2127195ace2ULL});
    QCOMPARE(random.value(1), uint64_t{0x47208de8f3630884ULL});
    CounterRandom other(1234, 1);
    QVERIFY(other.next() != random.value(0));
    CounterRandom third(1234, 0);
    QCOMPARE(random_permutation(8, third), (std::vector<int64_t>{4, 5, 3, 0, 7, 6, 1, 2}));
  }

  void belowStaysBelow() {
    CounterRandom random(7, 7);
    std::vector<int> counts(10);
    for (int i = 0; i < 10000; ++i) ++counts.at(random.below(10));
    for (const int count : counts) QVERIFY(count > 850 && count < 1150);
  }

  void epochsDiffer() {
    const auto lengths = mixed_lengths();
    for (const SampleOrder order : {SampleOrder::random, SampleOrder::modality_length}) {
      const auto first = epoch_order(order, lengths, 4, 1, 0);
      QVERIFY(is_permutation_of_all(first, lengths.size()));
      QCOMPARE(epoch_order(order, lengths, 4, 1, 0), first);
      QVERIFY(epoch_order(order, lengths, 4, 1, 1) != first);
      QVERIFY(epoch_order(order, lengths, 4, 2, 0) != first);
    }
  }

  void batchesAreOfOneKindAndSorted() {
    const auto lengths = mixed_lengths();
    const auto order = epoch_order(SampleOrder::modality_length, lengths, 4, 5, 0);
    // 15 pictures: 3 full batches and 3 left; 8 texts: 1 full batch, the last (full) one is left: 7 left over, of which
    // 4 come first and 3 last.
    const auto at = [&](size_t i) {
      return lengths[static_cast<size_t>(order[i])];
    };
    for (size_t begin = 4; begin < 20; begin += 4) {
      for (size_t i = begin + 1; i < begin + 4; ++i) {
        QCOMPARE(at(i).has_image, at(begin).has_image);
        QVERIFY(at(i).words <= at(i - 1).words);
      }
    }
    for (size_t i = 20; i < 23; ++i) QVERIFY(!at(i).has_image);
  }

  void oneKindAloneAndNoSamples() {
    const std::vector<SampleLength> pictures(10, {3, true});
    QVERIFY(is_permutation_of_all(epoch_order(SampleOrder::modality_length, pictures, 4, 1, 0), 10));
    QVERIFY(epoch_order(SampleOrder::modality_length, {}, 4, 1, 0).empty());
    QVERIFY(epoch_order(SampleOrder::random, {}, 4, 1, 0).empty());
  }

  void names() {
    QCOMPARE(sample_order("random"), SampleOrder::random);
    QCOMPARE(sample_order("modality_length"), SampleOrder::modality_length);
    QVERIFY_EXCEPTION_THROWN(sample_order("length"), UserError);
    for (const CatalogEntry& entry : catalog::samplers()) sample_order(entry.name);
    QCOMPARE(catalog::samplers().size(), size_t{2});
  }
};

QTEST_APPLESS_MAIN(TstSampler)
#include "tst_sampler.moc"
