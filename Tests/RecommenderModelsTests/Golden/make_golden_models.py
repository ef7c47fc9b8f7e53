#!/usr/bin/env python3
"""Makes the golden vectors of the LSTM, of the convolutions and of the bidirectional attention: loss, scores and gradients as PyTorch computes them.

    venv/bin/python make_golden_models.py      (the environment of make_golden.py)

Parameters are drawn with a fixed seed, in double precision, rounded to float32; everything else is computed in float64.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

from make_golden import NEGATIVES, SEQUENCES, V, summed

HERE = pathlib.Path(__file__).parent


class Sequential:
    """A model that names the next item after every event."""

    def parts(self, p, sequence):
        """What is scored in training, and the targets."""
        return self.states(p, sequence[:-1]), sequence[1:]

    def last(self, p, items):
        """What is scored after a history."""
        return self.states(p, items)[-1]


class LSTM(Sequential):
    def __init__(self, D, H, layers, tied, **_):
        self.D, self.H, self.layers, self.tied = D, H, layers, tied

    def shapes(self):
        D, H = self.D, self.H
        shapes = {"item.embedding": (V, D)} | ({} if self.tied else {"output.embedding": (V, H)}) | {"output.bias": (V,)}
        for layer in range(self.layers):
            shapes[f"lstm.weight_ih_l{layer}"] = (4 * H, D if layer == 0 else H)
            shapes[f"lstm.weight_hh_l{layer}"] = (4 * H, H)
            shapes[f"lstm.bias_ih_l{layer}"] = (4 * H,)
            shapes[f"lstm.bias_hh_l{layer}"] = (4 * H,)
        if self.tied and D != H:
            shapes |= {"projection.weight": (D, H), "projection.bias": (D,)}
        return shapes

    def states(self, p, items):
        """What is scored after each of the items."""
        module = torch.nn.LSTM(self.D, self.H, num_layers=self.layers, batch_first=True)
        weights = {n[5:]: t for n, t in p.items() if n.startswith("lstm.")}
        y = torch.func.functional_call(module, weights, (p["item.embedding"][torch.tensor(items)].unsqueeze(0),))[0][0]
        return y @ p["projection.weight"].T + p["projection.bias"] if "projection.weight" in p else y


class Caser(Sequential):
    def __init__(self, D, L, filters, height, vertical, tied, **_):
        self.D, self.L, self.filters, self.height, self.vertical, self.tied = D, L, filters, height, vertical, tied

    def shapes(self):
        D = self.D
        shapes = {"item.embedding": (V, D)} | ({} if self.tied else {"output.embedding": (V, D)}) | {"output.bias": (V,)}
        for h in range(1, self.height + 1):
            shapes[f"horizontal.weight_h{h}"] = (h, self.filters, D)
        for h in range(1, self.height + 1):
            shapes[f"horizontal.bias_h{h}"] = (self.filters,)
        shapes["vertical.weight"] = (self.vertical, self.L)
        shapes["linear.weight"] = (D, self.vertical * D + self.filters * self.height)
        shapes["linear.bias"] = (D,)
        return shapes

    def states(self, p, items):
        """As the authors' code: the windows as images of one channel, L × D, preceded by zero vectors."""
        x = torch.cat([torch.zeros(self.L - 1, self.D), p["item.embedding"][torch.tensor(items)]])
        image = torch.stack([x[i : i + self.L] for i in range(len(items))]).unsqueeze(1)
        parts = [F.conv2d(image, p["vertical.weight"].reshape(self.vertical, 1, self.L, 1)).reshape(len(items), -1)]
        for h in range(1, self.height + 1):
            weights = p[f"horizontal.weight_h{h}"].permute(1, 0, 2).unsqueeze(1)
            convolved = F.conv2d(image, weights, p[f"horizontal.bias_h{h}"]).relu().squeeze(3)
            parts.append(F.max_pool1d(convolved, convolved.shape[2]).squeeze(2))
        return (torch.cat(parts, 1) @ p["linear.weight"].T + p["linear.bias"]).relu()


class BERT4Rec:
    def __init__(self, D, F, L, blocks, heads, **_):
        self.D, self.F, self.L, self.blocks, self.heads, self.tied = D, F, L, blocks, heads, True

    def shapes(self):
        D = self.D
        shapes = {"item.embedding": (V, D), "mask.embedding": (1, D), "output.bias": (V,), "position.embedding": (self.L, D)}
        for b in range(self.blocks):
            for name, shape in [
                ("attention_norm.weight", (D,)), ("attention_norm.bias", (D,)), ("attention_in.weight", (3 * D, D)),
                ("attention_in.bias", (3 * D,)), ("attention_out.weight", (D, D)), ("attention_out.bias", (D,)),
                ("feed_forward_norm.weight", (D,)), ("feed_forward_norm.bias", (D,)), ("feed_forward_in.weight", (self.F, D)),
                ("feed_forward_in.bias", (self.F,)), ("feed_forward_out.weight", (D, self.F)), ("feed_forward_out.bias", (D,)),
            ]:
                shapes[f"blocks.{b}.{name}"] = shape
        return shapes | {"last_norm.weight": (D,), "last_norm.bias": (D,), "transform.weight": (D, D), "transform.bias": (D,)}

    def states(self, p, items):
        """Item V is the mask token."""
        D, n = self.D, len(items)
        table = torch.cat([p["item.embedding"], p["mask.embedding"]])
        x = math.sqrt(D) * table[torch.tensor(items)] + p["position.embedding"][:n].flip(0)
        for b in range(self.blocks):
            q = {name[len(f"blocks.{b}."):]: t for name, t in p.items() if name.startswith(f"blocks.{b}.")}
            normed = F.layer_norm(x, (D,), q["attention_norm.weight"], q["attention_norm.bias"]).unsqueeze(1)
            x = x + F.multi_head_attention_forward(
                normed, normed, normed, D, self.heads, q["attention_in.weight"], q["attention_in.bias"], None, None, False, 0.0,
                q["attention_out.weight"], q["attention_out.bias"], need_weights=False)[0].squeeze(1)
            normed = F.layer_norm(x, (D,), q["feed_forward_norm.weight"], q["feed_forward_norm.bias"])
            inner = F.gelu(F.linear(normed, q["feed_forward_in.weight"], q["feed_forward_in.bias"]), approximate="tanh")
            x = x + F.linear(inner, q["feed_forward_out.weight"], q["feed_forward_out.bias"])
        x = F.layer_norm(x, (D,), p["last_norm.weight"], p["last_norm.bias"])
        return F.gelu(F.linear(x, p["transform.weight"], p["transform.bias"]), approximate="tanh")

    def parts(self, p, sequence):
        read = sequence[-self.L :]
        hidden = HIDDEN[SEQUENCES.index(sequence)]
        masked = [V if place in hidden else item for place, item in enumerate(read)]
        return self.states(p, masked)[hidden], [read[place] for place in hidden]

    def last(self, p, items):
        return self.states(p, items[-(self.L - 1) :] + [V])[-1]


# Places within the last five events.
HIDDEN = [[1, 4], [0], [1], [0, 2]]
CASES = {
    "lstm_tied": dict(model="lstm", D=4, H=4, layers=1, tied=True, loss="cross_entropy"),
    "lstm_projected": dict(model="lstm", D=3, H=5, layers=2, tied=True, loss="sampled_softmax", logq=True),
    "lstm_separate": dict(model="lstm", D=5, H=3, layers=4, tied=False, loss="bpr_max", regularization=0.7),
    "caser_separate": dict(model="caser", D=4, L=3, filters=2, height=3, vertical=2, tied=False, loss="cross_entropy"),
    "caser_tied": dict(model="caser", D=3, L=5, filters=3, height=2, vertical=1, tied=True, loss="sampled_softmax", logq=False),
    "caser_one_event": dict(model="caser", D=3, L=1, filters=2, height=1, vertical=1, tied=False, loss="bpr_max", regularization=0.2),
    "bert4rec": dict(model="bert4rec", D=4, F=8, L=5, blocks=1, heads=1, tied=True, loss="cross_entropy"),
    "bert4rec_heads": dict(model="bert4rec", D=6, F=5, L=5, blocks=2, heads=3, tied=True, loss="sampled_softmax", logq=True),
}
MODELS = {"lstm": LSTM, "caser": Caser, "bert4rec": BERT4Rec}


def main():
    for name, case in CASES.items():
        model = MODELS[case["model"]](**case)
        generator = torch.Generator().manual_seed(7)
        p = {n: (torch.randn(s, generator=generator) * 0.6).float().double().requires_grad_() for n, s in model.shapes().items()}
        vectors = p["item.embedding"] if case["tied"] else p["output.embedding"]
        score = lambda states: states @ vectors.T + p["output.bias"]
        loss = 0.0
        for sequence in SEQUENCES:
            states, targets = model.parts(p, sequence)
            loss = loss + summed(case, score(states), torch.tensor(targets))
        loss.backward()
        with torch.no_grad():
            scores = [score(model.last(p, s)).tolist() for s in SEQUENCES]
        rounded = lambda values: [float(f"{v:.10g}") for v in values]
        document = dict(
            configuration=dict(items=V, regularization=0.0, logq=False) | case,
            sequences=SEQUENCES,
            hidden=HIDDEN if case["model"] == "bert4rec" else [],
            negatives=[] if case["loss"] == "cross_entropy" else NEGATIVES,
            parameters=[dict(name=n, values=t.detach().flatten().tolist()) for n, t in p.items()],
            loss=loss.item(),
            gradients=[dict(name=n, values=rounded(t.grad.flatten().tolist())) for n, t in p.items()],
            scores=[rounded(row) for row in scores],
        )
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
