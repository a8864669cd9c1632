// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/inspection/cluster_order.h"
#include "core/inspection/relation_comparison.h"

using namespace llavakd;

/// What is said of two matrices, by hand.
class TestRelationComparison : public QObject {
  Q_OBJECT

  static at::Tensor matrix(const std::vector<double>& values, int64_t n) {
    return at::tensor(values, at::kDouble).view({n, n});
  }

 private Q_SLOTS:
  void valuesAreInRootMeanSquares() {
    const at::Tensor values = in_root_mean_squares(matrix({3, 4, 0, 0}, 2));  // the mean square is 25 / 4
    QVERIFY(at::allclose(values, matrix({1.2, 1.6, 0, 0}, 2)));
    QVERIFY(at::equal(in_root_mean_squares(at::zeros({2, 2}, at::kDouble)), at::zeros({2, 2}, at::kDouble)));
  }

  void rowsDisagreeByTheirAngle() {
    const at::Tensor disagreement = row_disagreement(matrix({1, 0, 2, 2}, 2), matrix({0, 5, 1, 1}, 2));
    QVERIFY(std::abs(disagreement[0].item<double>() - 1) < 1e-12);
    QVERIFY(std::abs(disagreement[1].item<double>()) < 1e-12);
    // A row of zeros has no angle: nothing is divided by 0.
    QVERIFY(row_disagreement(matrix({0, 0, 0, 0}, 2), matrix({1, 1, 1, 1}, 2)).equal(at::ones({2}, at::kDouble)));
  }

  void kernelsAreThoseOfCentredFeatures() {
    at::manual_seed(1);
    const at::Tensor z = at::randn({6, 3}, at::kDouble), centred = z - z.mean(0);
    const at::Tensor wanted = at::matmul(centred, centred.t());
    const at::Tensor relation = at::matmul(z, z.t());
    QVERIFY(at::allclose(centred_kernel(relation, true), wanted / wanted.trace(), 1e-9, 1e-12));
    // Attention's rows are features themselves.
    const at::Tensor rows = relation - relation.mean(0), products = at::matmul(rows, rows.t());
    QVERIFY(at::allclose(centred_kernel(relation, false), products / products.trace(), 1e-9, 1e-12));
  }

  /// Principal components of features side by side, by a singular value decomposition of those features.
  void coloursAreComponentsOfFeaturesSideBySide() {
    at::manual_seed(2);
    const at::Tensor teacher = at::randn({7, 5}, at::kDouble), student = at::randn({7, 3}, at::kDouble);
    const auto scaled = [](const at::Tensor& z) {
      const at::Tensor centred = z - z.mean(0);
      return centred / centred.norm();
    };
    const auto kernel = [](const at::Tensor& z) {
      return centred_kernel(at::matmul(z, z.t()), true);
    };
    const SharedColours colours = shared_colours(kernel(teacher), kernel(student));
    const at::Tensor t = scaled(teacher), s = scaled(student);
    const auto [u, sigma, vh] = at::linalg_svd(at::cat({t, s}, 1), false);
    for (int64_t i = 0; i < 3; ++i) {
      const double share = (sigma[i] * sigma[i]).item<double>() / 2;
      QVERIFY(std::abs(colours.shares[size_t(i)] - share) < 1e-9);
      at::Tensor direction = u.select(1, i), axis = vh[i];
      if (direction[direction.abs().argmax()].item<double>() < 0) axis = -axis;
      const at::Tensor of_teacher = at::mv(t, axis.narrow(0, 0, 5)), of_student = at::mv(s, axis.narrow(0, 5, 3));
      const at::Tensor all = at::cat({of_teacher, of_student});
      const auto colour = [&](const at::Tensor& x) {
        return ((x - all.min()) / (all.max() - all.min())).to(at::kFloat);
      };
      QVERIFY(at::allclose(colours.teacher.select(1, i), colour(of_teacher), 1e-4, 1e-5));
      QVERIFY(at::allclose(colours.student.select(1, i), colour(of_student), 1e-4, 1e-5));
    }
  }

  /// Many tokens: the directions come from a few products, or where those don't find them from a whole decomposition.
  void coloursOfManyTokensAreTheSame() {
    at::manual_seed(5);
    for (const double fall : {0.5, 1.0}) {
      const at::Tensor z =
          at::randn({200, 60}, at::kDouble) * at::pow(at::full({60}, fall, at::kDouble), at::arange(60, at::kDouble));
      const at::Tensor kernel = centred_kernel(at::matmul(z, z.t()), true);
      const SharedColours colours = shared_colours({}, kernel);
      const auto [values, vectors] = at::linalg_eigh(kernel);
      for (int64_t i = 0; i < 3; ++i) {
        QVERIFY(std::abs(colours.shares[size_t(i)] - values[199 - i].item<double>()) < 1e-9);
        at::Tensor wanted = vectors.select(1, 199 - i);
        if (wanted[wanted.abs().argmax()].item<double>() < 0) wanted = -wanted;
        wanted = ((wanted - wanted.min()) / (wanted.max() - wanted.min())).to(at::kFloat);
        QVERIFY(at::allclose(colours.student.select(1, i), wanted, 1e-4, 1e-4));
      }
    }
  }

  void modelsAlikeHaveTheSameColours() {
    at::manual_seed(3);
    const at::Tensor z = at::randn({5, 4}, at::kDouble), relation = at::matmul(z, z.t());
    const SharedColours colours = shared_colours(centred_kernel(relation * 9, true), centred_kernel(relation, true));
    QVERIFY(at::allclose(colours.teacher, colours.student, 1e-4, 1e-5));
    QVERIFY(colours.student.min().item<float>() < 1e-6F && colours.student.max().item<float>() > 1 - 1e-6F);
    // Two tokens have one direction; the others are a middle grey.
    const SharedColours two = shared_colours({}, centred_kernel(matrix({1, 0, 0, 1}, 2), true));
    QVERIFY(at::allclose(two.student, at::tensor({1.0F, 0.5F, 0.5F, 0.0F, 0.5F, 0.5F}).view({2, 3})) ||
            at::allclose(two.student, at::tensor({0.0F, 0.5F, 0.5F, 1.0F, 0.5F, 0.5F}).view({2, 3})));
  }

  /// On a line at 0, 10, 1, 11, 2 and 30: the near ones join first, and a group begins with its smallest token.
  void likeTokensStandTogether() {
    const at::Tensor places = at::tensor({0.0, 10.0, 1.0, 11.0, 2.0, 30.0}, at::kDouble).unsqueeze(1);
    const auto order = cluster_order(at::matmul(places, places.t()));
    QCOMPARE(order, (std::vector<int64_t>{0, 2, 4, 1, 3, 5}));
    QCOMPARE(cluster_order(at::zeros({3, 3}, at::kDouble)), (std::vector<int64_t>{0, 1, 2}));
    QCOMPARE(cluster_order(at::ones({1, 1}, at::kDouble)), std::vector<int64_t>{0});
  }

  /// The chain gives the tree that joining the nearest of all gives.
  void theChainIsAverageLinkage() {
    at::manual_seed(4);
    const at::Tensor z = at::randn({20, 3}, at::kDouble), kernel = at::matmul(z, z.t());
    std::vector<std::vector<int64_t>> groups;
    for (int64_t i = 0; i < 20; ++i) groups.push_back({i});
    const auto mean_distance = [&](const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
      double sum = 0;
      for (const int64_t i : a)
        for (const int64_t j : b) sum += (z[i] - z[j]).square().sum().item<double>();
      return sum / double(a.size() * b.size());
    };
    while (groups.size() > 1) {
      size_t first = 0, second = 1;
      for (size_t i = 0; i < groups.size(); ++i)
        for (size_t j = i + 1; j < groups.size(); ++j)
          if (mean_distance(groups[i], groups[j]) < mean_distance(groups[first], groups[second])) first = i, second = j;
      groups[first].insert(groups[first].end(), groups[second].begin(), groups[second].end());
      groups.erase(groups.begin() + int64_t(second));
    }
    QCOMPARE(cluster_order(kernel), groups.front());
  }
};

QTEST_APPLESS_MAIN(TestRelationComparison)
#include "tst_relation_comparison.moc"
