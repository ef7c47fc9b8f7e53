"""SASRec in pre-norm form: width 64, two blocks, one head, learned positions, dropout on embeddings, inside the
feed-forward part and behind both branches; full
cross-entropy over all items or binary cross-entropy with one negative a position. Scores only for real positions."""
import math

import harness


def main(options, workload):
    import os

    import torch
    from torch import nn
    from torch.nn import functional as F

    import torch_common

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    items, width, length = workload.item_count, 64, options.length
    dropout = options.dropout

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention_norm, self.feed_norm = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.inner, self.outer = nn.Linear(width, width), nn.Linear(width, width)

        def forward(self, x):
            q, k, v = self.qkv(self.attention_norm(x)).unsqueeze(1).split(width, dim=-1)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).squeeze(1)
            x = x + F.dropout(self.out(mixed), dropout, self.training)
            hidden = F.dropout(F.relu(self.inner(self.feed_norm(x))), dropout, self.training)
            return x + F.dropout(self.outer(hidden), dropout, self.training)

    class SASRec(nn.Module):
        def __init__(self):
            super().__init__()
            self.items, self.positions = nn.Embedding(items, width), nn.Embedding(length, width)
            self.blocks = nn.ModuleList(Block() for _ in range(2))
            self.last_norm = nn.LayerNorm(width)
            for name, parameter in self.named_parameters():
                if name in ("items.weight", "positions.weight"):
                    nn.init.uniform_(parameter, -0.02 * math.sqrt(3), 0.02 * math.sqrt(3))
                elif parameter.dim() == 2:
                    nn.init.xavier_uniform_(parameter)
                elif name.endswith("bias"):
                    nn.init.zeros_(parameter)

        def forward(self, inputs):
            x = self.items(inputs) * math.sqrt(width) + self.positions.weight[: inputs.shape[1]]
            x = F.dropout(x, dropout, self.training)
            for block in self.blocks:
                x = block(x)
            return self.last_norm(x)

        def scores(self, inputs, ends):
            return self(inputs)[torch.arange(len(ends)), ends] @ self.items.weight.T

    model = SASRec()
    encode = model
    if os.environ.get("TORCH_COMPILE"):
        encode = torch.compile(model, dynamic=True)

    def full(inputs, targets, places):
        states = encode(inputs).reshape(-1, width).index_select(0, places)
        return F.cross_entropy(states @ model.items.weight.T, targets)

    def binary(inputs, targets, places):
        states = encode(inputs).reshape(-1, width).index_select(0, places)
        others = torch.randint(items, targets.shape)
        own = (states * model.items(targets)).sum(-1)
        other = (states * model.items(others)).sum(-1)
        return (F.softplus(-own) + F.softplus(other)).mean()

    return torch_common.peer(options, workload, model, binary if "bce" in options.task else full)


harness.run(main)
