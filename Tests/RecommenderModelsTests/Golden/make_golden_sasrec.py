#!/usr/bin/env python3
"""Makes the golden vectors sasrec_*.json beside this file: SASRec's loss, scores and gradients as PyTorch computes them with its own
attention, layer normalisation and losses.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0+cpu numpy
    venv/bin/python make_golden_sasrec.py

Parameters are drawn with a fixed seed, in double precision, rounded to float32; everything else is computed in float64.
"""
import json
import math
import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
V, L = 11, 5
SEQUENCES = [[3, 7, 1, 0, 10, 2], [5, 5, 9], [8, 4], [1, 2, 3, 4, 6, 7, 8]]
NEGATIVES = [0, 4, 10, 4, 7, 2]

CASES = {
    "sasrec_cross_entropy": dict(D=4, F=4, blocks=1, heads=1, gelu=False, tied=True, bias=False, oldest=False, loss="cross_entropy"),
    "sasrec_separate": dict(D=6, F=5, blocks=2, heads=2, gelu=True, tied=False, bias=True, oldest=True, loss="cross_entropy"),
    "sasrec_sampled_softmax": dict(D=4, F=8, blocks=2, heads=1, gelu=False, tied=True, bias=True, oldest=False, loss="sampled_softmax"),
    "sasrec_bce": dict(D=4, F=8, blocks=2, heads=4, gelu=True, tied=True, bias=True, oldest=False, loss="bce"),
    "sasrec_gbce": dict(D=4, F=4, blocks=2, heads=2, gelu=False, tied=True, bias=False, oldest=False, loss="gbce"),
    "sasrec_normalized": dict(
        D=4, F=6, blocks=2, heads=2, gelu=False, tied=True, bias=False, oldest=True, loss="cross_entropy", normalized=True),
    "sasrec_bpr": dict(D=4, F=4, blocks=1, heads=2, gelu=False, tied=False, bias=False, oldest=True, loss="bpr"),
}
CALIBRATION = 0.75


def parameters(case):
    D, H = case["D"], case["F"]
    shapes = {"item.embedding": (V, D)}
    if not case["tied"]:
        shapes["output.embedding"] = (V, D)
    if case["bias"]:
        shapes["output.bias"] = (V,)
    shapes["position.embedding"] = (L, D)
    for b in range(case["blocks"]):
        for name, shape in [
            ("attention_norm.weight", (D,)), ("attention_norm.bias", (D,)),
            ("attention_in.weight", (3 * D, D)), ("attention_in.bias", (3 * D,)),
            ("attention_out.weight", (D, D)), ("attention_out.bias", (D,)),
            ("feed_forward_norm.weight", (D,)), ("feed_forward_norm.bias", (D,)),
            ("feed_forward_in.weight", (H, D)), ("feed_forward_in.bias", (H,)),
            ("feed_forward_out.weight", (D, H)), ("feed_forward_out.bias", (D,)),
        ]:
            shapes[f"blocks.{b}.{name}"] = shape
    shapes["last_norm.weight"] = (D,)
    shapes["last_norm.bias"] = (D,)
    generator = torch.Generator().manual_seed(11)
    return {
        name: (torch.randn(shape, generator=generator) * 0.6).float().double().requires_grad_() for name, shape in shapes.items()
    }


def states(case, p, items):
    items = items[-L:]
    n, D = len(items), case["D"]
    place = torch.arange(n) if case["oldest"] else torch.arange(n - 1, -1, -1)
    x = p["item.embedding"][torch.tensor(items)] * math.sqrt(D) + p["position.embedding"][place]
    mask = torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
    for b in range(case["blocks"]):
        q = {k.removeprefix(f"blocks.{b}."): v for k, v in p.items() if k.startswith(f"blocks.{b}.")}
        normalized = case.get("normalized", False)
        y = F.layer_norm(x, (D,), q["attention_norm.weight"], q["attention_norm.bias"])
        read = (x if normalized else y).unsqueeze(1)
        base = y if normalized else x
        y, _ = F.multi_head_attention_forward(
            y.unsqueeze(1), read, read, D, case["heads"], q["attention_in.weight"], q["attention_in.bias"], None, None, False, 0.0,
            q["attention_out.weight"], q["attention_out.bias"], attn_mask=mask, need_weights=False)
        x = base + y.squeeze(1)
        y = F.layer_norm(x, (D,), q["feed_forward_norm.weight"], q["feed_forward_norm.bias"])
        base = y if normalized else x
        y = F.linear(y, q["feed_forward_in.weight"], q["feed_forward_in.bias"])
        y = F.gelu(y, approximate="tanh") if case["gelu"] else F.relu(y)
        x = base + F.linear(y, q["feed_forward_out.weight"], q["feed_forward_out.bias"])
    return F.layer_norm(x, (D,), p["last_norm.weight"], p["last_norm.bias"])


def scores(case, p, y):
    out = y @ (p["item.embedding"] if case["tied"] else p["output.embedding"]).T
    return out + p["output.bias"] if case["bias"] else out


def loss_of(case, p, sequence):
    target = torch.tensor(sequence[1:][-L:])
    all_scores = scores(case, p, states(case, p, sequence[:-1]))
    if case["loss"] == "cross_entropy":
        return F.cross_entropy(all_scores, target, reduction="sum")
    negatives = torch.tensor(NEGATIVES)
    own = all_scores.gather(1, target.unsqueeze(1))
    others = all_scores[:, negatives]
    counts = (negatives.unsqueeze(0) != target.unsqueeze(1)).double()
    if case["loss"] == "sampled_softmax":
        logits = torch.cat([own, (others + math.log(V / len(NEGATIVES))).masked_fill(counts == 0, -math.inf)], 1)
        return -torch.log_softmax(logits, 1)[:, 0].sum()
    if case["loss"] == "bpr":
        return -(counts * F.logsigmoid(own - others)).sum()
    positive, negative = -F.logsigmoid(own).sum(), -(counts * F.logsigmoid(-others)).sum()
    if case["loss"] == "bce":
        return positive + negative
    alpha = len(NEGATIVES) / (V - 1)
    beta = alpha * (CALIBRATION * (1 - 1 / alpha) + 1 / alpha)
    return (beta * positive + negative) / (len(NEGATIVES) + 1)


def main():
    for name, case in CASES.items():
        p = parameters(case)
        loss = sum(loss_of(case, p, s) for s in SEQUENCES)
        loss.backward()
        with torch.no_grad():
            rows = [scores(case, p, states(case, p, s)[-1]).tolist() for s in SEQUENCES]
        document = dict(
            configuration=case | dict(items=V, length=L, calibration=CALIBRATION),
            sequences=SEQUENCES,
            negatives=[] if case["loss"] == "cross_entropy" else NEGATIVES,
            parameters=[dict(name=n, values=t.detach().flatten().tolist()) for n, t in p.items()],
            loss=loss.item(),
            gradients=[dict(name=n, values=[float(f"{v:.10g}") for v in t.grad.flatten().tolist()]) for n, t in p.items()],
            scores=[[float(f"{v:.10g}") for v in row] for row in rows],
        )
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
