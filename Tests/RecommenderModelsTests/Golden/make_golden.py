#!/usr/bin/env python3
"""Makes the golden vectors beside this file: GRU4Rec's loss, scores and gradients as PyTorch computes them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0+cpu numpy safetensors
    venv/bin/python make_golden.py

Parameters are drawn with a fixed seed, in double precision, rounded to float32; everything else is computed in float64.
"""
import json
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
V = 11
SEQUENCES = [[3, 7, 1, 0, 10, 2], [5, 5, 9], [8, 4], [1, 2, 3, 4, 6]]
NEGATIVES = [0, 4, 10, 4, 7, 2]

CASES = {
    "cross_entropy_tied": dict(D=4, H=4, layers=1, tied=True, loss="cross_entropy"),
    "cross_entropy_projected": dict(D=3, H=5, layers=1, tied=True, loss="cross_entropy"),
    "cross_entropy_separate": dict(D=3, H=5, layers=2, tied=False, loss="cross_entropy"),
    "sampled_softmax_logq": dict(D=4, H=4, layers=1, tied=True, loss="sampled_softmax", logq=True),
    "sampled_softmax_plain": dict(D=3, H=5, layers=3, tied=False, loss="sampled_softmax", logq=False),
    "bpr_max": dict(D=4, H=4, layers=1, tied=True, loss="bpr_max", regularization=0.7),
    "bpr_max_four_layers": dict(D=5, H=3, layers=4, tied=True, loss="bpr_max", regularization=0.0),
}


def parameters(case):
    D, H = case["D"], case["H"]
    shapes = {"item.embedding": (V, D)}
    if not case["tied"]:
        shapes["output.embedding"] = (V, H)
    shapes["output.bias"] = (V,)
    for layer in range(case["layers"]):
        shapes[f"gru.weight_ih_l{layer}"] = (3 * H, D if layer == 0 else H)
        shapes[f"gru.weight_hh_l{layer}"] = (3 * H, H)
        shapes[f"gru.bias_ih_l{layer}"] = (3 * H,)
        shapes[f"gru.bias_hh_l{layer}"] = (3 * H,)
    if case["tied"] and D != H:
        shapes["projection.weight"] = (D, H)
        shapes["projection.bias"] = (D,)
    generator = torch.Generator().manual_seed(7)
    values = {}
    for name, shape in shapes.items():
        draw = torch.randn(shape, generator=generator) * 0.6
        values[name] = draw.float().double().requires_grad_()
    return values


def gru(case, p):
    D, H = case["D"], case["H"]
    module = torch.nn.GRU(D, H, num_layers=case["layers"], batch_first=True)
    names = [n for n in p if n.startswith("gru.")]
    return lambda x: torch.func.functional_call(module, {n[4:]: p[n] for n in names}, (x,))[0]


def states(case, p, items):
    x = p["item.embedding"][torch.tensor(items)].unsqueeze(0)
    y = gru(case, p)(x)[0]
    if "projection.weight" in p:
        y = y @ p["projection.weight"].T + p["projection.bias"]
    return y


def losses(case, p, sequence):
    y = states(case, p, sequence[:-1])
    vectors = p["item.embedding"] if case["tied"] else p["output.embedding"]
    return summed(case, y @ vectors.T + p["output.bias"], torch.tensor(sequence[1:]))


def summed(case, scores, target):
    """The summed loss of rows of scores against their targets."""
    if case["loss"] == "cross_entropy":
        return torch.nn.functional.cross_entropy(scores, target, reduction="sum")
    negatives = torch.tensor(NEGATIVES)
    own = scores.gather(1, target.unsqueeze(1))
    others = scores[:, negatives]
    hit = negatives.unsqueeze(0) == target.unsqueeze(1)
    if case["loss"] == "sampled_softmax":
        shift = math.log(V / len(NEGATIVES)) if case.get("logq") else 0.0
        logits = torch.cat([own, (others + shift).masked_fill(hit, -math.inf)], 1)
        return -torch.log_softmax(logits, 1)[:, 0].sum()
    share = torch.softmax(others.masked_fill(hit, -math.inf), 1)
    ranking = -torch.log((share * torch.sigmoid(own - others)).sum(1))
    return (ranking + case["regularization"] * (share * others * others).sum(1)).sum()


def main():
    for name, case in CASES.items():
        p = parameters(case)
        loss = sum(losses(case, p, s) for s in SEQUENCES)
        loss.backward()
        vectors = p["item.embedding"] if case["tied"] else p["output.embedding"]
        with torch.no_grad():
            scores = [(states(case, p, s)[-1] @ vectors.T + p["output.bias"]).tolist() for s in SEQUENCES]
        document = dict(
            configuration=dict(items=V, regularization=0.0, logq=False) | case,
            sequences=SEQUENCES,
            negatives=[] if case["loss"] == "cross_entropy" else NEGATIVES,
            parameters=[dict(name=n, shape=list(t.shape), values=t.detach().flatten().tolist()) for n, t in p.items()],
            loss=loss.item(),
            gradients=[dict(name=n, values=[float(f"{v:.10g}") for v in t.grad.flatten().tolist()]) for n, t in p.items()],
            scores=[[float(f"{v:.10g}") for v in row] for row in scores],
        )
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
