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

thread_local AttentionRoute float_attention = AttentionRoute::sdpa;
thread_local AttentionRoute bfloat_attention = AttentionRoute::sdpa;

/// Some query rows and the keys that any of them sees.
struct Block {
  int64_t first, rows;     // of the tokens
  int64_t begin, columns;  // of the positions
  Visibility sees;
};

std::vector<Block> blocks_of(int64_t tokens, int64_t positions, bool causal, int64_t window) {
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

/// [heads, tokens, dim] -> [groups, heads of a group · rows, dim]: the heads that share a key in one product.
at::Tensor grouped_rows(const at::Tensor& x, const Block& block, int64_t groups) {
  return x.narrow(1, block.first, block.rows).reshape({groups, -1, x.size(2)});
}

/// [groups, positions, dim] -> what the block sees of them.
at::Tensor seen(const at::Tensor& x, const Block& block) {
  return x.narrow(1, block.begin, block.columns);
}

template <typename Work>
void over_score_rows(const at::Tensor& scores, const Work& work) {
  const int64_t columns = scores.size(-1), rows = scores.numel() / columns;
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / columns), [&](int64_t begin, int64_t end) {
    const FlushDenormals flush;
    work(begin, end);
  });
}

void softmax(const at::Tensor& scores, const at::Tensor& normalizer, float scale, const Visibility& sees) {
  with_row_type(scores, [&](auto type) {
    auto* s = mutable_row_data<decltype(type)>(scores);
    float* log_sum = normalizer.mutable_data_ptr<float>();
    over_score_rows(scores, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(static_cast<size_t>(sees.columns));
      attention_softmax_rows(s, log_sum, scratch.data(), begin, end - begin, scale, sees);
    });
  });
}

void softmax_backward(const at::Tensor& scores, const at::Tensor& normalizer, const at::Tensor& gradient, float scale,
                      const Visibility& sees) {
  with_row_type(scores, [&](auto type) {
    using Type = decltype(type);
    Type *s = mutable_row_data<Type>(scores), *g = mutable_row_data<Type>(gradient);
    const float* log_sum = normalizer.const_data_ptr<float>();
    over_score_rows(scores, [&](int64_t begin, int64_t end) {
      attention_softmax_rows_backward(s, log_sum, g, begin, end - begin, scale, sees);
    });
  });
}

/// [batch, tokens, heads, dim] in memory, seen as [batch, heads, tokens, dim]: merging the heads copies nothing.
at::Tensor empty_heads(const at::Tensor& like, at::ScalarType type) {
  return at::empty({like.size(0), like.size(2), like.size(1), like.size(3)}, like.options().dtype(type))
      .transpose(1, 2);
}

float scale_of(const at::Tensor& query) {
  return 1 / std::sqrt(static_cast<float>(query.size(3)));
}

/// Result and logarithms of the rows' sums [batch, heads, tokens].
using Mixture = std::tuple<at::Tensor, at::Tensor>;

Mixture in_blocks(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                  int64_t window) {
  const int64_t samples = query.size(0), heads = query.size(1), tokens = query.size(2), groups = key.size(1);
  const std::vector<Block> blocks = blocks_of(tokens, key.size(2), causal, window);
  const at::Tensor out = empty_heads(query, query.scalar_type());
  const at::Tensor sums = at::empty({samples, heads, tokens}, query.options().dtype(at::kFloat));
  for (int64_t sample = 0; sample < samples; ++sample) {
    const at::Tensor q = query.select(0, sample), k = key.select(0, sample), v = value.select(0, sample);
    for (const Block& block : blocks) {
      const at::Tensor scores = at::bmm(grouped_rows(q, block, groups), seen(k, block).transpose(1, 2));
      const at::Tensor normalizer = at::empty({heads, block.rows}, sums.options());
      softmax(scores, normalizer, scale_of(query), block.sees);
      const at::Tensor mixed = at::bmm(scores, seen(v, block));
      out.select(0, sample).narrow(1, block.first, block.rows).copy_(mixed.view({heads, block.rows, -1}));
      sums.select(0, sample).narrow(1, block.first, block.rows).copy_(normalizer);
    }
  }
  return {out, sums};
}

/// One key for each head.
at::Tensor ungrouped(const at::Tensor& x, const at::Tensor& query) {
  return x.size(1) == query.size(1) ? x : x.repeat_interleave(query.size(1) / x.size(1), 1);
}

/// LibTorch's kernel, which tells the sums too. It has no groups of its own.
Mixture by_torch(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal) {
  return at::_scaled_dot_product_flash_attention_for_cpu(query, ungrouped(key, query), ungrouped(value, query),
                                                         /*dropout_p=*/0.0, causal);
}

struct BlockAttention : torch::autograd::Function<BlockAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, bool causal, int64_t window, bool own) {
    const auto [out, sums] = own ? in_blocks(query, key, value, causal, window) : by_torch(query, key, value, causal);
    context->save_for_backward({query, key, value, sums});
    context->saved_data["causal"] = causal;
    context->saved_data["window"] = window;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &query = saved[0], &key = saved[1], &value = saved[2], &sums = saved[3];
    const int64_t samples = query.size(0), heads = query.size(1), groups = key.size(1);
    const std::vector<Block> blocks = blocks_of(query.size(2), key.size(2), context->saved_data["causal"].toBool(),
                                                context->saved_data["window"].toInt());
    const at::Tensor dq = empty_heads(query, query.scalar_type());
    // Sums over blocks, in float32 lest each addition rounds.
    const at::Tensor dk = empty_heads(key, at::kFloat).zero_(), dv = empty_heads(value, at::kFloat).zero_();
    for (int64_t sample = 0; sample < samples; ++sample) {
      const at::Tensor q = query.select(0, sample), k = key.select(0, sample), v = value.select(0, sample);
      const at::Tensor upstream = gradients[0].select(0, sample);
      for (const Block& block : blocks) {
        const at::Tensor rows = grouped_rows(q, block, groups), g = grouped_rows(upstream, block, groups);
        const at::Tensor scores = at::bmm(rows, seen(k, block).transpose(1, 2));
        const at::Tensor slopes = at::bmm(g, seen(v, block).transpose(1, 2));
        const at::Tensor normalizer = sums.select(0, sample).narrow(1, block.first, block.rows).contiguous();
        softmax_backward(scores, normalizer, slopes, scale_of(query), block.sees);
        seen(dv.select(0, sample), block).add_(at::bmm(scores.transpose(1, 2), g));
        seen(dk.select(0, sample), block).add_(at::bmm(slopes.transpose(1, 2), rows));
        const at::Tensor turn = at::bmm(slopes, seen(k, block)).view({heads, block.rows, -1});
        dq.select(0, sample).narrow(1, block.first, block.rows).copy_(turn);
      }
    }
    return {dq, dk.to(key.scalar_type()), dv.to(value.scalar_type()), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool in_graph(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  return at::GradMode::is_enabled() && (query.requires_grad() || key.requires_grad() || value.requires_grad());
}

/// Whether own loops take them.
bool suits_blocks(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  const at::ScalarType type = query.scalar_type();
  return query.is_cpu() && (type == at::kFloat || type == at::kBFloat16) && key.scalar_type() == type &&
         value.scalar_type() == type && query.numel() > 0;
}

/// LibTorch's operation, with a mask where its own flag of causality doesn't say it.
at::Tensor sdpa(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal, int64_t window) {
  const int64_t tokens = query.size(2), positions = key.size(2), earlier = positions - tokens;
  const bool narrow = causal && window > 0 && positions > window;
  // LibTorch can't tell its operation's shapes without numbers, and without numbers there is nothing to hide.
  if (query.is_meta())
    return at::matmul(at::softmax(at::matmul(query, ungrouped(key, query).transpose(2, 3)), -1),
                      ungrouped(value, query));
  std::optional<at::Tensor> mask;
  if (narrow || (causal && earlier > 0 && tokens > 1)) {
    mask = at::ones({tokens, positions}, query.options().dtype(at::kBool).requires_grad(false)).tril(earlier);
    if (narrow) mask = mask->triu(earlier - window + 1);
  }
  return at::scaled_dot_product_attention(query, key, value, mask, /*dropout_p=*/0.0,
                                          /*is_causal=*/causal && !mask && earlier == 0, /*scale=*/std::nullopt,
                                          /*enable_gqa=*/query.size(1) != key.size(1));
}

}  // namespace

AttentionRoute attention_route(at::ScalarType type) {
  if (type == at::kBFloat16) return bfloat_attention;
  return type == at::kFloat ? float_attention : AttentionRoute::sdpa;
}

void set_attention_route(at::ScalarType type, AttentionRoute route) {
  TORCH_CHECK(type == at::kFloat || type == at::kBFloat16, "no attention of our own for ", type);
  (type == at::kFloat ? float_attention : bfloat_attention) = route;
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                     int64_t window) {
  return attention_by(attention_route(query.scalar_type()), query, key, value, causal, window);
}

at::Tensor attention_by(AttentionRoute route, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        bool causal, int64_t window) {
  // A single query is no block: decoding word by word reads the keys once either way.
  if (route == AttentionRoute::sdpa || query.size(2) < 2 || !suits_blocks(query, key, value))
    return sdpa(query, key, value, causal, window);
  if (route == AttentionRoute::blocks) return BlockAttention::apply(query, key, value, causal, window, /*own=*/true);
  // LibTorch's kernel knows plain causality only, and where nothing goes back there is nothing to mix.
  const bool masked = causal && (query.size(2) != key.size(2) || (window > 0 && key.size(2) > window));
  return masked || !in_graph(query, key, value)
             ? sdpa(query, key, value, causal, window)
             : BlockAttention::apply(query, key, value, causal, int64_t{0}, /*own=*/false);
}

}  // namespace llavakd
