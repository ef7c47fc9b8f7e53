"""Reference scores of the models of summed statistics, in double precision: python make_statistic_golden.py

Needs numpy and scipy. Writes statistics.json beside itself.
"""
import json
import pathlib

import numpy as np
from scipy.optimize import nnls

rng = np.random.default_rng(20)
USERS, ITEMS, FACTORS = 40, 12, 4
histories = []
for user in range(USERS):
    group = user % 3
    liked = rng.permutation(np.arange(group * 4, group * 4 + 4))[: 2 + user % 3]
    others = rng.integers(0, ITEMS, size=user % 4)
    histories.append([int(item) for item in np.concatenate([liked, others])])

X = np.zeros((USERS, ITEMS))
for user, items in enumerate(histories):
    X[user, items] = 1
queries = [[0, 1], [5], [9, 2, 9], []]
Q = np.zeros((len(queries), ITEMS))
for row, items in enumerate(queries):
    Q[row, items] = 1
out = {"items": ITEMS, "histories": histories, "queries": queries}

# EASE (Steck 2019, eq. 8); λ in units of the mean count.
G = X.T @ X
for name, weights in [("ease", np.ones(USERS)), ("ease_inverse_count", 1 / X.sum(1))]:
    W = X.T @ (weights[:, None] * X)
    P = np.linalg.inv(W + 0.5 * np.trace(W) / ITEMS * np.eye(ITEMS))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0)
    out[name] = (Q @ B).ravel().tolist()

# Neighbours: 3 per item, only among items met together.
counts = np.diag(G)
root = np.sqrt(np.outer(counts, counts))
cosine = G / (root + 0.2 * counts.mean())
distance = np.sqrt(np.maximum(counts[:, None] + counts[None, :] - 2 * G, 0) / root)
euclidean = 1 / (1 + 0.2 + distance)
for name, S in [("knn_cosine", cosine), ("knn_euclidean", euclidean)]:
    S = np.where(G > 0, S, 0)
    np.fill_diagonal(S, 0)
    for item in range(ITEMS):
        ranked = sorted(range(ITEMS), key=lambda other: (-S[other, item], other))
        S[[other for other in ranked[3:]], item] = 0
    out[name] = (Q @ S).ravel().tolist()

# PureSVD: the leading right singular vectors.
_, _, right = np.linalg.svd(X)
out["pure_svd"] = (Q @ right[:FACTORS].T @ right[:FACTORS]).ravel().tolist()

# NMF: two sweeps of alternating non-negative least squares from given item factors, λ = 0.1 of the mean diagonal.
start = rng.uniform(size=(ITEMS, FACTORS)).astype(np.float32).astype(np.float64)


def fit(gram, targets):
    """Rows minimise ½ x (gram + λI) xᵀ − target · x over x ≥ 0."""
    A = gram + 0.1 * np.trace(gram) / FACTORS * np.eye(FACTORS)
    L = np.linalg.cholesky(A)
    return np.array([nnls(L.T, np.linalg.solve(L, target))[0] for target in targets])


gram, products = np.eye(FACTORS), start
for _ in range(2):
    H = fit(gram, products)
    users = fit(H.T @ H, X @ H)
    gram, products = users.T @ users / USERS, X.T @ users / USERS
H = fit(gram, products)
out["nmf_start"] = start.ravel().tolist()
out["nmf"] = (fit(H.T @ H, Q @ H) @ H.T).ravel().tolist()

pathlib.Path(__file__).with_name("statistics.json").write_text(json.dumps(out))
