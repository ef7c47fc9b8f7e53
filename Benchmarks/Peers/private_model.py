"""SASRec as the private tasks train it: pre-norm blocks, learned positions, one head, no dropout, binary cross-entropy with one
negative per position. Built of layers whose per-sample gradients Opacus knows."""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.attention_norm, self.feed_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.qkv(self.attention_norm(x)).unsqueeze(1).split(self.width, dim=-1)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).squeeze(1))
        return x + self.outer(F.relu(self.inner(self.feed_norm(x))))


class SASRec(nn.Module):
    def __init__(self, items, length=50, width=64, blocks=2):
        super().__init__()
        self.width = width
        # Row `items` pads; no target or negative names it.
        self.items, self.positions = nn.Embedding(items + 1, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.last_norm = nn.LayerNorm(width)
        # As ours starts, so that losses can be compared.
        for name, parameter in self.named_parameters():
            if name in ("items.weight", "positions.weight"):
                nn.init.uniform_(parameter, -0.02 * math.sqrt(3), 0.02 * math.sqrt(3))
            elif parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, inputs, targets, negatives, places):
        """Scores of targets and negatives, each B × L; `places` is B × L, 0, 1, 2, … in every row."""
        vectors = self.items(torch.cat((inputs, targets, negatives), dim=1))
        read, wanted, other = vectors.split(inputs.shape[1], dim=1)
        x = read * math.sqrt(self.width) + self.positions(places)
        for block in self.blocks:
            x = block(x)
        x = self.last_norm(x)
        return (x * wanted).sum(-1), (x * other).sum(-1)


def loss_of_rows(scores, mask):
    """Mean over a window's positions, B."""
    positive, negative = scores
    return ((F.softplus(-positive) + F.softplus(negative)) * mask).sum(-1) / mask.sum(-1)


def windows(events, length, most=None):
    """Consecutive windows of length + 1 events that share one, oldest first."""
    found, end = [], len(events)
    while end >= 2 and (most is None or len(found) < most):
        start = max(0, end - length - 1)
        found.append(np.asarray(events[start:end], dtype=np.int64))
        end = start + 1
    return found[::-1]
