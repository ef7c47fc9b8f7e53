#!/usr/bin/env python3
"""Makes factors.json beside this file: loss and gradients of BPR-MF, skip-grams and iALS as PyTorch computes them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0+cpu numpy
    venv/bin/python make_golden_factors.py

Parameters are drawn with a fixed seed, in double precision, rounded to float32; everything else is computed in float64.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
V, D = 9, 5
generator = torch.Generator().manual_seed(11)


def table(*shape):
    return (torch.randn(shape, generator=generator) * 0.6).float().double().requires_grad_()


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().flatten().tolist()]


def bpr():
    vectors, bias, user = table(V, D), table(V), table(D).detach()
    pairs, regularization = [3, 7, 1, 0, 3, 8, 5, 7], 0.25
    loss = 0
    for i, j in zip(pairs[0::2], pairs[1::2]):
        margin = user @ (vectors[i] - vectors[j]) + bias[i] - bias[j]
        squares = user @ user + vectors[i] @ vectors[i] + vectors[j] @ vectors[j] + bias[i] ** 2 + bias[j] ** 2
        loss = loss - F.logsigmoid(margin) + regularization / 2 * squares
    loss.backward()
    return dict(
        pairs=pairs, user=numbers(user), regularization=regularization, parameters=numbers(vectors) + numbers(bias), loss=loss.item(),
        gradient=numbers(vectors.grad) + numbers(bias.grad))


def skip_gram():
    inputs, outputs = table(V, D), table(V, D)
    contexts, drawn = [2, 4, 4, 8], [6, 1, 7, 1, 0]  # the first output is the centre
    scores = inputs[torch.tensor(contexts)] @ outputs[torch.tensor(drawn)].T
    labels = torch.zeros_like(scores)
    labels[:, 0] = 1
    loss = F.binary_cross_entropy_with_logits(scores, labels, reduction="sum")
    loss.backward()
    return dict(
        contexts=contexts, outputs=drawn, parameters=numbers(inputs) + numbers(outputs), loss=loss.item(),
        gradient=numbers(inputs.grad) + numbers(outputs.grad))


def ials():
    vectors, own, regularization, unobserved = table(V, D), [1, 4, 5], 0.05, 0.3
    observed = torch.zeros(V)
    observed[own] = 1
    ridge = regularization * (len(own) + unobserved * V)
    with torch.no_grad():
        chosen = vectors[own]
        matrix = chosen.T @ chosen + unobserved * vectors.T @ vectors + ridge * torch.eye(D)
        user = torch.linalg.solve(matrix, chosen.sum(0))
    scores = vectors @ user
    squares = (vectors * vectors).sum(1)
    loss = (observed * (scores - 1) ** 2).sum() + unobserved * (scores**2).sum() + (regularization * (observed + unobserved) * squares).sum()
    loss.backward()
    return dict(
        own=own, regularization=regularization, unobserved=unobserved, parameters=numbers(vectors), user=numbers(user), scores=numbers(scores),
        loss=loss.item(), gradient=numbers(vectors.grad))


if __name__ == "__main__":
    document = dict(items=V, dimension=D, bpr=bpr(), skip_gram=skip_gram(), ials=ials())
    (pathlib.Path(__file__).parent / "factors.json").write_text(json.dumps(document) + "\n")
