"""The byte formats of docs/protocol.md: token, plan, model file, payload, and the step from payloads to the next model."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field

import numpy as np


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# --- §2 -------------------------------------------------------------------------------------------------------------


@dataclass
class Token:
    fingerprint: bytes
    secret: bytes
    node: str

    @staticmethod
    def parse(text: str) -> "Token":
        prefix = "trib1_"
        if not text.startswith(prefix):
            raise ValueError("not a join token")
        body = text[len(prefix) :]
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        if raw[0] != 1 or len(raw) != 66 + raw[65]:
            raise ValueError("a join token of another version, or damaged")
        return Token(raw[1:33], raw[33:65], raw[66:].decode())


# --- §4 -------------------------------------------------------------------------------------------------------------


class Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("the plan is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def text(self) -> str:
        return self.take(self.number("I")).decode()

    def fields(self, **forms):
        return {name: self.number(form) for name, form in forms.items()}

    def choice(self, cases):
        tag = self.number("B")
        name, read = cases[tag]
        return name, read()


def read_plan(data: bytes) -> dict:
    r = Reader(data)
    if r.take(16) != b"tributary.plan\x01\x00":
        raise ValueError("not a plan of version 1")
    plan = {"name": r.text(), "seed": r.number("Q"), "catalog": r.take(32), "items": r.number("q")}

    def loss():
        return r.choice(
            {
                0: ("cross-entropy", lambda: {}),
                1: ("sampled-softmax", lambda: r.fields(negatives="q", logq="?")),
                2: ("bpr-max", lambda: r.fields(negatives="q", regularization="f")),
            }
        )

    def gru():
        fields = r.fields(D="q", H="q", layers="q", tied="?", embedding_dropout="f", hidden_dropout="f")
        fields["loss"] = loss()
        return fields

    def mechanism():
        return r.fields(clip="d", sigma="d", epsilon="d", delta="d", q="d")

    plan["model"] = r.choice({0: ("gru4rec", gru), 1: ("bpr-mf", lambda: r.fields(D="q", regularization="f", fold_in="q"))})
    plan["unit"] = r.choice({0: ("silo", dict), 1: ("per-user", dict)})[0]
    plan["local"] = r.choice(
        {
            0: ("sgd", lambda: r.fields(rate="f", momentum="f")),
            1: ("adagrad", lambda: r.fields(rate="f")),
            2: ("adam", lambda: r.fields(rate="f")),
        }
    )
    plan["training"] = r.fields(epochs="q", batch="q", length="q", windows="q", events="q")
    plan["privacy"] = r.choice({0: ("off", lambda: r.fields(range="d")), 1: ("local", mechanism), 2: ("central", mechanism)})
    plan["grid"] = r.fields(scale="d", bits="q")
    adaptive = lambda: r.fields(eta="f", beta1="f", beta2="f", tau="f")
    plan["server"] = r.choice(
        {
            0: ("fedavg", lambda: r.fields(eta="f")),
            1: ("fedavgm", lambda: r.fields(eta="f", beta="f")),
            2: ("fedadam", adaptive),
            3: ("fedyogi", adaptive),
            4: ("fedadagrad", lambda: r.fields(eta="f", tau="f")),
        }
    )
    plan["rule"] = r.choice({0: ("all", dict), 1: ("uniform", lambda: r.fields(count="q"))})
    plan["selection"] = r.fields(over="d", cohort="q", quorum="q", deadline="q", gather="q")
    plan["rounds"], plan["attempts"] = r.number("q"), r.number("q")
    if r.at != len(data):
        raise ValueError("bytes follow the plan")
    return plan


# --- §5 -------------------------------------------------------------------------------------------------------------


def layout(plan: dict) -> list[tuple[str, tuple[int, ...]]]:
    kind, m = plan["model"]
    V, D = plan["items"], m["D"]
    if kind == "bpr-mf":
        return [("item.vectors", (V, D)), ("item.bias", (V,))]
    H = m["H"]
    tensors = [("item.embedding", (V, D))]
    if not m["tied"]:
        tensors.append(("output.embedding", (V, H)))
    tensors.append(("output.bias", (V,)))
    for l in range(m["layers"]):
        tensors += [
            (f"gru.weight_ih_l{l}", (3 * H, D if l == 0 else H)),
            (f"gru.weight_hh_l{l}", (3 * H, H)),
            (f"gru.bias_ih_l{l}", (3 * H,)),
            (f"gru.bias_hh_l{l}", (3 * H,)),
        ]
    if m["tied"] and D != H:
        tensors += [("projection.weight", (D, H)), ("projection.bias", (D,))]
    return tensors


@dataclass
class Model:
    metadata: dict
    theta: np.ndarray
    momentum: np.ndarray | None = None
    variance: np.ndarray | None = None
    shapes: list = field(default_factory=list)


def read_model(data: bytes, shapes) -> Model:
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    body = data[8 + size :]

    def tensor(name):
        start, end = header[name]["data_offsets"]
        return np.frombuffer(body[start:end], dtype="<f4")

    theta = np.concatenate([tensor(name) for name, _ in shapes])
    optional = lambda name: tensor(name).copy() if name in header else None
    return Model(metadata, theta, optional("optimizer.momentum"), optional("optimizer.variance"), shapes)


def write_model(model: Model) -> bytes:
    tensors, at = {}, 0
    for name, shape in model.shapes:
        count = int(np.prod(shape))
        tensors[name] = (shape, model.theta[at : at + count])
        at += count
    for name, values in (("optimizer.momentum", model.momentum), ("optimizer.variance", model.variance)):
        if values is not None:
            tensors[name] = ((len(values),), values)
    header = {"__metadata__": dict(sorted(model.metadata.items(), key=lambda pair: pair[0].encode()))}
    body = b""
    for name in sorted(tensors, key=str.encode):
        shape, values = tensors[name]
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


# --- §6 and §7 ------------------------------------------------------------------------------------------------------


def encode_payload(values: np.ndarray, bits: int) -> bytes:
    words = values.astype("<i8").view("u1").reshape(-1, 8)
    return words[:, : bits // 8].tobytes()


def decode_payload(data: bytes, bits: int) -> np.ndarray:
    width = bits // 8
    words = np.zeros((len(data) // width, 8), dtype="u1")
    words[:, :width] = np.frombuffer(data, dtype="u1").reshape(-1, width)
    return centred(words.view("<i8").ravel(), bits)


def centred(values: np.ndarray, bits: int) -> np.ndarray:
    unused = np.int64(64 - bits)
    return np.right_shift(np.left_shift(values.astype("i8"), unused), unused)


def next_model(plan: dict, base: Model, base_digest: bytes, round_number: int, payloads: list[bytes], enrolled: list[int]) -> Model:
    bits, scale = plan["grid"]["bits"], plan["grid"]["scale"]
    total = np.zeros_like(decode_payload(payloads[0], bits))
    for payload in payloads:
        total = total + decode_payload(payload, bits)
    total = centred(total, bits)
    mode, privacy = plan["privacy"]
    if mode == "off":
        normaliser, total = float(total[-1]), total[:-1]
    elif mode == "local":
        normaliser = float(sum(enrolled)) * privacy["q"]
    else:
        raise ValueError("the noise of mode central is the coordinator's alone")
    delta = (total.astype("f8") / (scale * normaliser)).astype("f4")

    name, p = plan["server"]
    p = {key: np.float32(value) for key, value in p.items()}
    one = np.float32(1)
    theta, m, v = base.theta, base.momentum, base.variance
    if name == "fedavg":
        theta = theta + p["eta"] * delta
    elif name == "fedavgm":
        m = p["beta"] * m + delta
        theta = theta + p["eta"] * m
    elif name == "fedadagrad":
        v = v + delta * delta
        theta = theta + (p["eta"] * delta) / (np.sqrt(v) + p["tau"])
    else:
        m = p["beta1"] * m + (one - p["beta1"]) * delta
        square = delta * delta
        if name == "fedadam":
            v = p["beta2"] * v + (one - p["beta2"]) * square
        else:
            change = (one - p["beta2"]) * square
            v = np.where(v > square, v - change, np.where(v < square, v + change, v))
        theta = theta + (p["eta"] * m) / (np.sqrt(v) + p["tau"])
    metadata = {"format": "tributary.model.v1", "parent": base_digest.hex(), "plan": base.metadata["plan"], "round": str(round_number)}
    return Model(metadata, theta, m, v, base.shapes)
