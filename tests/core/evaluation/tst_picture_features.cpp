// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/picture_features.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestPictureFeatures : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  /// Points on a line through (1, 2, 2) / 3, at 0, 3, -3 and 6; the mean is at 1.5.
  void pointsOnALineLieOnALine() {
    const at::Tensor points = at::tensor({0.0, 0.0, 0.0, 1.0, 2.0, 2.0, -1.0, -2.0, -2.0, 2.0, 4.0, 4.0}).view({4, 3});
    const PrincipalPlane plane = principal_plane(points);
    const at::Tensor expected = at::tensor({-1.5, 1.5, -4.5, 4.5}, at::kDouble);
    QVERIFY(at::allclose(plane.places.select(1, 0), expected, 0, 1e-9));
    QVERIFY(at::allclose(plane.places.select(1, 1), at::zeros({4}, at::kDouble), 0, 1e-9));
    QVERIFY(std::abs(plane.explained[0] - 1) < 1e-12 && plane.explained[1] < 1e-12);
  }

  /// The same plane from more points than dimensions and from fewer: distances within it are kept, and a turned sign of
  /// all points turns the places.
  void fewAndManyPointsAgree() {
    const at::Tensor basis = at::tensor({3.0, 0.0, 0.0, 0.0, 1.0, 0.0}).view({2, 3});
    const at::Tensor corners = at::tensor({1.0, 1.0, 1.0, -1.0, -1.0, 1.0, -1.0, -1.0}).view({4, 2});
    const at::Tensor points = corners.mm(basis);  // [4, 3]
    const PrincipalPlane many = principal_plane(points);
    QVERIFY(at::allclose(many.places.select(1, 0), points.select(1, 0).to(at::kDouble), 0, 1e-6));
    QVERIFY(at::allclose(many.places.select(1, 1), points.select(1, 1).to(at::kDouble), 0, 1e-6));
    QVERIFY(std::abs(many.explained[0] - 0.9) < 1e-6 && std::abs(many.explained[1] - 0.1) < 1e-6);
    const at::Tensor wide = at::cat({points, at::zeros({4, 7})}, 1);
    QVERIFY(at::allclose(principal_plane(wide).places, many.places, 0, 1e-6));
    QVERIFY(at::allclose(principal_plane(-points).places, -many.places, 0, 1e-6));
  }

  void equalAndSinglePointsHaveNoDirections() {
    for (const int64_t count : {1, 3}) {
      const PrincipalPlane plane = principal_plane(at::ones({count, 5}));
      QVERIFY(plane.places.sizes() == at::IntArrayRef({count, 2}) && plane.places.abs().max().item<double>() == 0);
      QCOMPARE(plane.explained[0], 0.0);
    }
    QCOMPARE(principal_plane(at::tensor({1.0, 2.0, 4.0}).view({3, 1})).places.select(1, 1).abs().sum().item<double>(),
             0.0);
  }

  void featuresAreMeansOverPatches() {
    const LoadedModel model = load_model(folder_ / "student");
    std::vector<int64_t> told;
    const at::Tensor features =
        picture_features(model, folder_ / "images", {"0.png", "2.png"}, "", [&](int64_t done, int64_t total) {
          told.push_back(done);
          return total == 2;
        });
    QCOMPARE(told, (std::vector<int64_t>{0, 1, 2}));
    const at::Tensor pixels = load_pixels(model, {folder_ / "images" / "2.png"}, aspect_of(model, ""));
    QVERIFY(at::allclose(features[1], model.model.vision_features(pixels)[0].mean(0), 0, 1e-6));
    QVERIFY(!at::allclose(features[0], features[1], 0, 1e-3));
  }

  void aMapHasEachPictureOnce() {
    AnswerSet teacher{.model = "/t", .task = "exact_match", .file = "/q", .images = folder_ / "images", .answers = {}};
    for (int i = 0; i < 6; ++i)
      teacher.answers.push_back({.id = fmt::format("{}", i),
                                 .question = "Q?",
                                 .type = "all",
                                 .images = {fmt::format("{}.png", i % 3)},
                                 .right = true});
    AnswerSet student = teacher;
    student.answers[4].right = false;
    const LoadedModel model = load_model(folder_ / "student");
    const PictureMap map = make_picture_map(model, pair_answers(teacher, student), "");
    QCOMPARE(map.pictures.size(), 3UL);
    QCOMPARE(map.pictures[1].outcomes.counts, (std::array<int64_t, 4>{1, 1, 0, 0}));
    QVERIFY(std::abs(map.explained[0] + map.explained[1] - 1) < 1e-6);  // three points lie in a plane
    teacher.answers[0].images = student.answers[0].images = {"none.png"};
    QVERIFY_THROWS_EXCEPTION(UserError, make_picture_map(model, pair_answers(teacher, student), ""));
    for (auto* set : {&teacher, &student})
      for (KeptAnswer& kept : set->answers) kept.images.clear();
    QVERIFY_THROWS_EXCEPTION(UserError, make_picture_map(model, pair_answers(teacher, student), ""));
  }
};

QTEST_APPLESS_MAIN(TestPictureFeatures)
#include "tst_picture_features.moc"
