// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "core/kernels/attention_rows.h"
#include "core/kernels/denormals.h"
#include "core/kernels/row_data.h"

namespace llavakd {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Few enough for the scores of a block to stay in the cache, many enough for fast products.
constexpr int64_t block_rows = 128;

thread_local AttentionBackend float_attention_backend = AttentionBackend::sdpa;
thread_local AttentionBackend bfloat_attention_backend = AttentionBackend::sdpa;

/// Some query rows and the keys that any of them attends to.
struct Block {
  int64_t first, rows;     // Range of the query tokens.
  int64_t begin, columns;  // Range of the key positions.
  Visibility visibility;
};

std::vector<Block> query_blocks(int64_t tokens, int64_t positions, bool causal, int64_t window) {
  std::vector<Block> blocks;
  const int64_t earlier = positions - tokens;
  for (int64_t first = 0; first < tokens; first += block_rows) {
    const int64_t rows = std::min(block_rows, tokens - first);
    const int64_t end = causal ? earlier + first + rows : positions;
    const int64_t begin = causal && window > 0 ? std::max<int64_t>(0, earlier + first - window + 1) : 0;
    blocks.push_back(
        {first, rows, begin, end - begin, {end - begin, rows, earlier + first - begin, causal, causal ? window : 0}});
  }
  return blocks;
}

/// [heads, T, dim] -> [kv_heads, heads of a group · rows, dim]: query heads that share a key head, in one product.
at::Tensor rows_by_kv_head(const at::Tensor& x, const Block& block, int64_t kv_heads) {
  return x.narrow(1, block.first, block.rows).reshape({kv_heads, -1, x.size(2)});
}

/// [kv_heads, positions, dim] -> those positions that the block attends to.
at::Tensor visible_positions(const at::Tensor& x, const Block& block) {
  return x.narrow(1, block.begin, block.columns);
}

template <typename Work>
void for_score_rows(const at::Tensor& scores, const Work& work) {
  const int64_t columns = scores.size(-1), rows = scores.numel() / columns;
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / columns), [&](int64_t begin, int64_t end) {
    const FlushDenormals flush;
    work(begin, end);
  });
}

void softmax_scores(const at::Tensor& scores, const at::Tensor& normalizer, float scale, const Visibility& visibility) {
  with_row_type(scores, [&](auto type) {
    auto* s = mutable_row_data<decltype(type)>(scores);
    float* log_sum = normalizer.mutable_data_ptr<float>();
    for_score_rows(scores, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(static_cast<size_t>(visibility.columns));
      attention_softmax_rows(s, log_sum, scratch.data(), begin, end - begin, scale, visibility);
    });
  });
}

void softmax_scores_backward(const at::Tensor& scores, const at::Tensor& normalizer, const at::Tensor& gradient,
                             float scale, const Visibility& visibility) {
  with_row_type(scores, [&](auto type) {
    using Type = decltype(type);
    Type *s = mutable_row_data<Type>(scores), *g = mutable_row_data<Type>(gradient);
    const float* log_sum = normalizer.const_data_ptr<float>();
    for_score_rows(scores, [&](int64_t begin, int64_t end) {
      attention_softmax_rows_backward(s, log_sum, g, begin, end - begin, scale, visibility);
    });
  });
}

/// [S, T, heads, dim] in memory, as a view [S, heads, T, dim]: merging the heads copies nothing.
at::Tensor empty_heads(const at::Tensor& like, at::ScalarType type) {
  return at::empty({like.size(0), like.size(2), like.size(1), like.size(3)}, like.options().dtype(type))
      .transpose(1, 2);
}

float attention_scale(const at::Tensor& query) {
  return 1 / std::sqrt(static_cast<float>(query.size(3)));
}

/// Attention's result [S, heads, T, dim] and the log-sum-exp of each row of scores [S, heads, T].
using AttentionResult = std::tuple<at::Tensor, at::Tensor>;

AttentionResult block_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                                int64_t window) {
  const int64_t samples = query.size(0), heads = query.size(1), tokens = query.size(2), kv_heads = key.size(1);
  const std::vector<Block> blocks = query_blocks(tokens, key.size(2), causal, window);
  const at::Tensor out = empty_heads(query, query.scalar_type());
  const at::Tensor sums = at::empty({samples, heads, tokens}, query.options().dtype(at::kFloat));
  for (int64_t sample = 0; sample < samples; ++sample) {
    const at::Tensor q = query.select(0, sample), k = key.select(0, sample), v = value.select(0, sample);
    for (const Block& block : blocks) {
      const at::Tensor scores =
          at::bmm(rows_by_kv_head(q, block, kv_heads), visible_positions(k, block).transpose(1, 2));
      const at::Tensor normalizer = at::empty({heads, block.rows}, sums.options());
      softmax_scores(scores, normalizer, attention_scale(query), block.visibility);
      const at::Tensor attended = at::bmm(scores, visible_positions(v, block));
      out.select(0, sample).narrow(1, block.first, block.rows).copy_(attended.view({heads, block.rows, -1}));
      sums.select(0, sample).narrow(1, block.first, block.rows).copy_(normalizer);
    }
  }
  return {out, sums};
}

/// Repeats key or value heads, so that each query head has its own.
at::Tensor repeat_kv(const at::Tensor& x, const at::Tensor& query) {
  return x.size(1) == query.size(1) ? x : x.repeat_interleave(query.size(1) / x.size(1), 1);
}

/// LibTorch's kernel, which returns the log-sum-exp too. It has no grouped queries.
AttentionResult flash_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal) {
  return at::_scaled_dot_product_flash_attention_for_cpu(query, repeat_kv(key, query), repeat_kv(value, query),
                                                         /*dropout_p=*/0.0, causal);
}

struct BlockAttention : torch::autograd::Function<BlockAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, bool causal, int64_t window, bool in_blocks) {
    const auto [out, sums] =
        in_blocks ? block_attention(query, key, value, causal, window) : flash_attention(query, key, value, causal);
    context->save_for_backward({query, key, value, sums});
    context->saved_data["causal"] = causal;
    context->saved_data["window"] = window;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &query = saved[0], &key = saved[1], &value = saved[2], &sums = saved[3];
    const int64_t samples = query.size(0), heads = query.size(1), kv_heads = key.size(1);
    const std::vector<Block> blocks = query_blocks(query.size(2), key.size(2), context->saved_data["causal"].toBool(),
                                                   context->saved_data["window"].toInt());
    const at::Tensor dq = empty_heads(query, query.scalar_type());
    // Sums over blocks, in float32 so that no addition rounds to a half type.
    const at::Tensor dk = empty_heads(key, at::kFloat).zero_(), dv = empty_heads(value, at::kFloat).zero_();
    for (int64_t sample = 0; sample < samples; ++sample) {
      const at::Tensor q = query.select(0, sample), k = key.select(0, sample), v = value.select(0, sample);
      const at::Tensor upstream = gradients[0].select(0, sample);
      for (const Block& block : blocks) {
        const at::Tensor rows = rows_by_kv_head(q, block, kv_heads), g = rows_by_kv_head(upstream, block, kv_heads);
        const at::Tensor scores = at::bmm(rows, visible_positions(k, block).transpose(1, 2));
        const at::Tensor dscores = at::bmm(g, visible_positions(v, block).transpose(1, 2));
        const at::Tensor normalizer = sums.select(0, sample).narrow(1, block.first, block.rows).contiguous();
        softmax_scores_backward(scores, normalizer, dscores, attention_scale(query), block.visibility);
        visible_positions(dv.select(0, sample), block).add_(at::bmm(scores.transpose(1, 2), g));
        visible_positions(dk.select(0, sample), block).add_(at::bmm(dscores.transpose(1, 2), rows));
        const at::Tensor dq_block = at::bmm(dscores, visible_positions(k, block)).view({heads, block.rows, -1});
        dq.select(0, sample).narrow(1, block.first, block.rows).copy_(dq_block);
      }
    }
    return {dq, dk.to(key.scalar_type()), dv.to(value.scalar_type()), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool any_requires_grad(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  return at::GradMode::is_enabled() && (query.requires_grad() || key.requires_grad() || value.requires_grad());
}

/// Whether the CPU kernels take these types and this device.
bool block_kernels_apply(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  const at::ScalarType type = query.scalar_type();
  return query.is_cpu() && (type == at::kFloat || type == at::kBFloat16) && key.scalar_type() == type &&
         value.scalar_type() == type && query.numel() > 0;
}

/// LibTorch's operation, with a mask where its causal flag isn't enough.
at::Tensor sdpa(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal, int64_t window) {
  const int64_t tokens = query.size(2), positions = key.size(2), earlier = positions - tokens;
  const bool has_window = causal && window > 0 && positions > window;
  // On the meta device LibTorch can't infer this operation's shapes; and there is nothing to mask.
  if (query.is_meta())
    return at::matmul(at::softmax(at::matmul(query, repeat_kv(key, query).transpose(2, 3)), -1),
                      repeat_kv(value, query));
  std::optional<at::Tensor> mask;
  if (has_window || (causal && earlier > 0 && tokens > 1)) {
    mask = at::ones({tokens, positions}, query.options().dtype(at::kBool).requires_grad(false)).tril(earlier);
    if (has_window) mask = mask->triu(earlier - window + 1);
  }
  return at::scaled_dot_product_attention(query, key, value, mask, /*dropout_p=*/0.0,
                                          /*is_causal=*/causal && !mask && earlier == 0, /*scale=*/std::nullopt,
                                          /*enable_gqa=*/query.size(1) != key.size(1));
}

}  // namespace

AttentionBackend attention_backend(at::ScalarType type) {
  if (type == at::kBFloat16) return bfloat_attention_backend;
  return type == at::kFloat ? float_attention_backend : AttentionBackend::sdpa;
}

void set_attention_backend(at::ScalarType type, AttentionBackend backend) {
  TORCH_CHECK(type == at::kFloat || type == at::kBFloat16, "no attention of our own for ", type);
  (type == at::kFloat ? float_attention_backend : bfloat_attention_backend) = backend;
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                     int64_t window) {
  return attention_with(attention_backend(query.scalar_type()), query, key, value, causal, window);
}

at::Tensor attention_with(AttentionBackend backend, const at::Tensor& query, const at::Tensor& key,
                          const at::Tensor& value, bool causal, int64_t window) {
  // A single query is no block: decoding token by token reads the keys once either way.
  if (backend == AttentionBackend::sdpa || query.size(2) < 2 || !block_kernels_apply(query, key, value))
    return sdpa(query, key, value, causal, window);
  if (backend == AttentionBackend::blocks)
    return BlockAttention::apply(query, key, value, causal, window, /*in_blocks=*/true);
  // LibTorch's kernel has no window and no cache; and without backward it is sdpa.
  const bool masked = causal && (query.size(2) != key.size(2) || (window > 0 && key.size(2) > window));
  return masked || !any_requires_grad(query, key, value)
             ? sdpa(query, key, value, causal, window)
             : BlockAttention::apply(query, key, value, causal, int64_t{0}, /*in_blocks=*/false);
}

}  // namespace llavakd
