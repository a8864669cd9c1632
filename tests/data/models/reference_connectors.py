# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connectors of TinyLLaVA Factory that are more than linear layers, for make_models.py: on Hugging Face's classes
where there is one, else as the published definition has it. `published()` gives their parameters as TinyLLaVA names them.
"""
import torch
from torch import nn
from transformers import Blip2QFormerConfig, Blip2QFormerModel


class QFormer(nn.Module):
    """BLIP-2's, as tinyllava/model/connector/qformer.py trims it: no text, no weights in the first norm."""

    def __init__(self, spec, width, hidden):
        super().__init__()
        sizes = spec["qformer_config"]
        self.bert = Blip2QFormerModel(Blip2QFormerConfig(**sizes, encoder_hidden_size=width, cross_attention_frequency=2))
        self.query_tokens = nn.Parameter(torch.zeros(1, spec["num_queries"], sizes["hidden_size"]))
        self.projector = nn.Linear(sizes["hidden_size"], hidden)

    def prepare(self):
        self.eval()
        nn.init.ones_(self.bert.layernorm.weight)
        nn.init.zeros_(self.bert.layernorm.bias)

    def forward(self, x):
        queries = self.query_tokens.expand(x.shape[0], -1, -1)
        return self.projector(self.bert(query_embeds=queries, encoder_hidden_states=x).last_hidden_state)

    def published(self, of):
        names = {}
        for name, parameter in self.named_parameters():
            if name.startswith("bert.layernorm."):
                continue
            name = name.replace("attention.attention.", "attention.self.")
            names[name] = of(parameter)
        return names


class PerceiverAttention(nn.Module):
    def __init__(self, dim, dim_head=64, heads=8):
        super().__init__()
        self.scale, self.heads = dim_head ** -0.5, heads
        self.norm_media, self.norm_latents = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.to_q = nn.Linear(dim, dim_head * heads, bias=False)
        self.to_kv = nn.Linear(dim, dim_head * heads * 2, bias=False)
        self.to_out = nn.Linear(dim_head * heads, dim, bias=False)

    def forward(self, x, latents):
        x, latents = self.norm_media(x), self.norm_latents(latents)
        k, v = self.to_kv(torch.cat((x, latents), -2)).chunk(2, -1)
        q, k, v = (y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in (self.to_q(latents), k, v))
        attention = (q * self.scale @ k.transpose(-1, -2)).softmax(-1)
        return self.to_out((attention @ v).transpose(1, 2).flatten(-2))


class Resampler(nn.Module):
    """Flamingo's, as tinyllava/model/connector/resampler.py defines it."""

    def __init__(self, spec, width, hidden):
        super().__init__()
        self.latents = nn.Parameter(torch.zeros(spec["num_queries"], hidden))
        self.linear = nn.Linear(width, hidden)
        self.layers = nn.ModuleList(
            nn.ModuleList([PerceiverAttention(hidden),
                           nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, 4 * hidden, bias=False), nn.GELU(),
                                         nn.Linear(4 * hidden, hidden, bias=False))])
            for _ in range(spec["num_resampler_layers"]))
        self.norm = nn.LayerNorm(hidden)

    def forward(self, x):
        x, latents = self.linear(x), self.latents.expand(x.shape[0], -1, -1)
        for attention, mlp in self.layers:
            latents = attention(x, latents) + latents
            latents = mlp(latents) + latents
        return self.norm(latents)


class MofMlp(nn.Module):
    """Two towers' features, each through an MLP of its own, then taking turns (tinyllava/model/connector/mof_mlp.py)."""

    def __init__(self, spec, width, hidden):
        super().__init__()
        self.clip, self.dinov2 = (nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden))
                                  for _ in range(2))

    def forward(self, x):
        first, second = self.clip(x[0]), self.dinov2(x[1])
        merged = torch.empty(first.shape[0], first.shape[1] + second.shape[1], first.shape[2])
        merged[:, 0::2], merged[:, 1::2] = first, second
        return merged


KINDS = {"qformer": QFormer, "resampler": Resampler, "mof_mlp": MofMlp}


def published(connector, of=lambda parameter: parameter):
    """The connector's parameters (or what `of` makes of each) as TinyLLaVA names them."""
    if hasattr(connector, "published"):
        return connector.published(of)
    return {name: of(parameter) for name, parameter in connector.named_parameters()}
