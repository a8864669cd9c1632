// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "core/kernels/attention.h"

using namespace llavakd;

namespace {

/// With a matrix of visibility and nothing clever.
at::Tensor by_definition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal, int64_t window) {
  const int64_t tokens = q.size(2), positions = k.size(2), earlier = positions - tokens;
  const int64_t shared = q.size(1) / k.size(1);
  const at::Tensor keys = k.repeat_interleave(shared, 1), values = v.repeat_interleave(shared, 1);
  at::Tensor scores = at::matmul(q, keys.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  at::Tensor seen = at::ones({tokens, positions}, at::kBool);
  if (causal) seen = seen.tril(earlier);
  if (causal && window > 0) seen = seen.triu(earlier - window + 1);
  scores = scores.masked_fill(seen.logical_not(), -std::numeric_limits<double>::infinity());
  return at::matmul(at::softmax(scores, -1), values);
}

/// As the decoder has it: tokens before heads in memory.
at::Tensor heads_of(int64_t batch, int64_t heads, int64_t tokens, int64_t dim) {
  return at::randn({batch, tokens, heads, dim}, at::kDouble).transpose(1, 2);
}

bool close(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  return at::allclose(a.to(at::kDouble), b.to(at::kDouble), tolerance, tolerance);
}

}  // namespace

class TestAttention : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) set_attention_backend(type, AttentionBackend::sdpa);
  }

  void both_routes_follow_the_definition_data() {
    QTest::addColumn<int>("batch");
    QTest::addColumn<int>("heads");
    QTest::addColumn<int>("groups");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("positions");
    QTest::addColumn<bool>("causal");
    QTest::addColumn<int>("window");
    QTest::newRow("one token") << 1 << 2 << 2 << 1 << 1 << true << 0;
    QTest::newRow("one block") << 2 << 4 << 2 << 7 << 7 << true << 0;
    QTest::newRow("whole blocks") << 1 << 2 << 1 << 256 << 256 << true << 0;
    QTest::newRow("several blocks") << 2 << 6 << 2 << 300 << 300 << true << 0;
    QTest::newRow("all see all") << 2 << 3 << 3 << 150 << 150 << false << 0;
    QTest::newRow("other keys") << 1 << 2 << 2 << 5 << 140 << false << 0;
    QTest::newRow("cached") << 1 << 4 << 2 << 140 << 171 << true << 0;
    QTest::newRow("one after the cached") << 1 << 4 << 2 << 1 << 30 << true << 0;
    QTest::newRow("window") << 1 << 4 << 2 << 300 << 300 << true << 33;
    QTest::newRow("window and cached") << 1 << 2 << 2 << 135 << 200 << true << 20;
    QTest::newRow("wide window") << 1 << 2 << 2 << 20 << 20 << true << 50;
  }
  void both_routes_follow_the_definition() {
    QFETCH(int, batch);
    QFETCH(int, heads);
    QFETCH(int, groups);
    QFETCH(int, tokens);
    QFETCH(int, positions);
    QFETCH(bool, causal);
    QFETCH(int, window);
    at::manual_seed(1);
    const at::Tensor q = heads_of(batch, heads, tokens, 10).requires_grad_();
    const at::Tensor k = heads_of(batch, groups, positions, 10).requires_grad_();
    const at::Tensor v = heads_of(batch, groups, positions, 10).requires_grad_();
    const at::Tensor upstream = heads_of(batch, heads, tokens, 10);
    const at::Tensor expected = by_definition(q, k, v, causal, window);
    const auto slopes = torch::autograd::grad({expected}, {q, k, v}, {upstream});
    QVERIFY(close(attention_with(AttentionBackend::sdpa, q, k, v, causal, window), expected, 1e-6));
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
      for (const AttentionBackend backend : {AttentionBackend::blocks, AttentionBackend::blocks_backward}) {
        std::vector<at::Tensor> inputs;
        for (const at::Tensor& x : {q, k, v}) inputs.push_back(x.detach().to(type).requires_grad_());
        const at::Tensor own = attention_with(backend, inputs[0], inputs[1], inputs[2], causal, window);
        QVERIFY(close(own, expected, type == at::kFloat ? 1e-5 : 0.04));
        const auto found = torch::autograd::grad({own}, inputs, {upstream.to(type)});
        for (size_t i = 0; i < 3; ++i) QVERIFY(close(found[i], slopes[i], type == at::kFloat ? 1e-4 : 0.08));
      }
  }

  /// Scores that overflow a sum of powers, and rows in which one key takes all.
  void large_scores() {
    at::manual_seed(2);
    const at::Tensor q = heads_of(1, 2, 9, 8) * 40, k = heads_of(1, 2, 9, 8), v = heads_of(1, 2, 9, 8);
    const at::Tensor own =
        attention_with(AttentionBackend::blocks, q.to(at::kFloat), k.to(at::kFloat), v.to(at::kFloat), true);
    QVERIFY(close(own, by_definition(q, k, v, true, 0), 1e-4));
  }

  void nan_stays_visible() {
    at::Tensor q = at::ones({1, 1, 2, 4});
    q[0][0][1][0] = std::numeric_limits<float>::quiet_NaN();
    const at::Tensor out =
        attention_with(AttentionBackend::blocks, q, at::ones({1, 1, 2, 4}), at::ones({1, 1, 2, 4}), true);
    QVERIFY(at::isnan(out[0][0][1]).all().item<bool>());
    QVERIFY(!at::isnan(out[0][0][0]).any().item<bool>());
  }

  void routes_are_kept_for_each_type() {
    set_attention_backend(at::kBFloat16, AttentionBackend::blocks);
    QVERIFY(attention_backend(at::kBFloat16) == AttentionBackend::blocks);
    QVERIFY(attention_backend(at::kFloat) == AttentionBackend::sdpa);
    QVERIFY(attention_backend(at::kDouble) == AttentionBackend::sdpa);
    QVERIFY_EXCEPTION_THROWN(set_attention_backend(at::kDouble, AttentionBackend::blocks), c10::Error);
    const at::Tensor x = heads_of(1, 2, 5, 4).to(at::kBFloat16);
    QVERIFY(at::equal(attention(x, x, x, true), attention_with(AttentionBackend::blocks, x, x, x, true)));
    set_attention_backend(at::kBFloat16, AttentionBackend::sdpa);
    QVERIFY(at::equal(attention(x, x, x, true), attention_with(AttentionBackend::sdpa, x, x, x, true)));
    QCOMPARE(attention(x.slice(2, 0, 0), x.slice(2, 0, 0), x.slice(2, 0, 0), true).numel(), 0);
  }
};

QTEST_GUILESS_MAIN(TestAttention)
#include "tst_attention.moc"
