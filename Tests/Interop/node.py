"""A node written from docs/protocol.md: enrols, joins, sends known vectors, and recomputes every published model's bits.

Prints one JSON line per round and a last one with "ok". Any difference is an error and exit code 1.
"""

import argparse
import json
import pathlib
import socket
import ssl
import sys
import time

import grpc
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

sys.path.insert(0, str(pathlib.Path(__file__).parent / "stubs"))
from tributary.federation.v1 import enrolment_pb2, enrolment_pb2_grpc, federation_pb2, federation_pb2_grpc  # noqa: E402

import protocol  # noqa: E402

CHUNK = 1 << 20


def pinned_root(host: str, port: int, fingerprint: bytes) -> bytes:
    """The root the enrolment port presents, if it has the token's fingerprint; as PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    # Judged below by the fingerprint, and by gRPC against the root found here.
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection((host, port), timeout=10) as raw, context.wrap_socket(raw, server_hostname=host) as tls:
        assert tls.version() == "TLSv1.3"
        chain = presented_chain(tls)
    for der in chain:
        if protocol.sha256(der) == fingerprint:
            return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
    raise SystemExit("the server is not of the token's certificate authority")


def presented_chain(tls: ssl.SSLSocket) -> list[bytes]:
    if hasattr(tls, "get_unverified_chain"):
        return [c if isinstance(c, bytes) else c.public_bytes(1) for c in tls.get_unverified_chain()]
    # Before Python 3.13 the chain is reachable through the object underneath only.
    encoding_der = 2
    return [certificate.public_bytes(encoding_der) for certificate in tls._sslobj.get_unverified_chain()]


def enrol(endpoint: str, token: protocol.Token):
    host, port = endpoint.rsplit(":", 1)
    root = pinned_root(host, int(port), token.fingerprint)
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, token.node)]))
        .sign(key, hashes.SHA256())
    )
    with grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(root)) as channel:
        answer = enrolment_pb2_grpc.EnrolmentStub(channel).Enrol(
            enrolment_pb2.EnrolRequest(
                node=token.node,
                token_secret=token.secret,
                certificate_signing_request=request.public_bytes(serialization.Encoding.DER),
            ),
            timeout=30,
        )
    assert protocol.sha256(answer.certificate_chain[-1]) == token.fingerprint
    leaf = x509.load_der_x509_certificate(answer.certificate_chain[0])
    assert leaf.public_key().public_numbers() == key.public_key().public_numbers()
    uris = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.UniformResourceIdentifier)
    assert len(uris) == 1 and uris[0].startswith("spiffe://") and uris[0].endswith("/node/" + token.node), uris
    key_pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return root, key_pem, leaf.public_bytes(serialization.Encoding.PEM), f"{host}:{answer.federation_port}"


def retrying(call, attempts=8):
    delay = 0.5
    for attempt in range(attempts):
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED) or attempt == attempts - 1:
                raise
            time.sleep(delay)
            delay = min(2 * delay, 15)


def download(stub, digest: bytes) -> bytes:
    content = bytearray()

    def attempt():
        for chunk in stub.Download(federation_pb2.DownloadRequest(digest=digest, offset=len(content)), timeout=600):
            content.extend(chunk.data)

    retrying(attempt)
    if protocol.sha256(bytes(content)) != digest:
        raise SystemExit("a download does not have its digest")
    return bytes(content)


def upload(stub, header, payload: bytes, break_off_at=None) -> str:
    state = retrying(lambda: stub.UploadStatus(federation_pb2.UploadStatusRequest(header=header), timeout=30)).state
    while state.WhichOneof("state") == "incomplete_offset":
        start = state.incomplete_offset
        end = break_off_at or len(payload)
        break_off_at = None

        def messages():
            yield federation_pb2.UploadRequest(begin=federation_pb2.UploadRequest.Begin(header=header, offset=start))
            for at in range(start, end, CHUNK):
                yield federation_pb2.UploadRequest(chunk=payload[at : min(at + CHUNK, end)])

        state = retrying(lambda: stub.Upload(messages(), timeout=600)).state
        if end < len(payload):
            assert state.incomplete_offset == end, state
    return state.WhichOneof("state")


def vector(plan: dict, node: str, round_number: int, d: int) -> np.ndarray:
    """Non-zero integers that depend on node and round, both signs, on the scale of real updates."""
    generator = np.random.default_rng([int.from_bytes(protocol.sha256(node.encode())[:4], "big"), round_number])
    values = generator.integers(1, 1000, size=d) * generator.choice([-1, 1], size=d)
    if plan["privacy"][0] == "off":
        return np.append(values, 10 + round_number)
    return values


class Node:
    """One enrolled node with its connection."""

    def __init__(self, enrolment: str, token: protocol.Token):
        self.name = token.node
        root, key, certificate, endpoint = enrol(enrolment, token)
        print(json.dumps({"enrolled": self.name, "federation": endpoint}), flush=True)
        refuse_without_certificate(root, endpoint)
        options = [("grpc.max_receive_message_length", 2 << 20)]
        self.channel = grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(root, key, certificate), options)
        self.stub = federation_pb2_grpc.FederationStub(self.channel)
        self.known = None

    def poll(self, plan: bytes):
        request = federation_pb2.NextAssignmentRequest(plan=plan, patience_milliseconds=300)
        if self.known is not None:
            request.known_model = self.known
        return retrying(lambda: self.stub.NextAssignment(request, timeout=30))


def refuse_without_certificate(root: bytes, endpoint: str):
    """Without a client certificate the handshake must fail."""
    with grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(root)) as bare:
        try:
            federation_pb2_grpc.FederationStub(bare).GetCurrentPlan(federation_pb2.GetCurrentPlanRequest(), timeout=10)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
        else:
            raise SystemExit("the federation port let a client in without a certificate")


def train(node: Node, plan: dict, digest: bytes, lease, shapes, is_first: bool) -> bytes:
    """Sends the node's vector for the round and returns the payload."""
    base = download(node.stub, lease.model.digest)
    if len(base) != lease.model.byte_count:
        raise SystemExit("the model has another size than announced")
    if protocol.write_model(protocol.read_model(base, shapes)) != base:
        raise SystemExit("the model file is not written as documented")
    d = sum(int(np.prod(shape)) for _, shape in shapes)
    payload = protocol.encode_payload(vector(plan, node.name, lease.round, d), plan["grid"]["bits"])
    header = federation_pb2.UpdateHeader(
        plan=digest, round=lease.round, base_model=lease.model.digest, payload=protocol.sha256(payload), payload_byte_count=len(payload)
    )
    # The first upload stops halfway and goes on where the coordinator says.
    state = upload(node.stub, header, payload, break_off_at=len(payload) // 2 if is_first else None)
    if state != "accepted" or upload(node.stub, header, payload) != "accepted":
        raise SystemExit(f"the update of {node.name} for round {lease.round} is {state}")
    return payload


def check(node: Node, plan: dict, published, base_digest: bytes, payloads: list[bytes], enrolled: list[int], shapes):
    """Recomputes the published model from the payloads and compares every byte."""
    content = download(node.stub, published.digest)
    base = protocol.read_model(download(node.stub, base_digest), shapes)
    expected = protocol.next_model(plan, base, base_digest, published.round, payloads, enrolled)
    if protocol.write_model(expected) != content:
        raise SystemExit(f"the model of round {published.round} is not what follows from the payloads")
    if np.array_equal(expected.theta, base.theta):
        raise SystemExit("the vectors changed nothing: the test would prove nothing")
    print(
        json.dumps({"round": published.round, "updates": len(payloads), "model": published.digest.hex(), "recomputed": True}), flush=True
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--enrolment", required=True, help="host:port")
    parser.add_argument("--token", required=True, action="append", help="once per node; all of them must be the federation's only nodes")
    parser.add_argument("--rounds", type=int, default=2, help="published models to recompute")
    parser.add_argument("--users", type=int, default=100, help="declared by the first node; each further one declares one hundred more")
    parser.add_argument("--timeout", type=float, default=120, help="seconds")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.timeout

    nodes = [Node(arguments.enrolment, protocol.Token.parse(token)) for token in arguments.token]
    enrolled = [arguments.users + 100 * index for index in range(len(nodes))]
    first = nodes[0].stub
    while True:
        offer = retrying(lambda: first.GetCurrentPlan(federation_pb2.GetCurrentPlanRequest(), timeout=30))
        if offer.HasField("plan"):
            break
        if time.monotonic() > deadline:
            raise SystemExit("no plan was started")
        time.sleep(0.3)
    encoded = offer.plan.encoded_plan
    digest, plan = protocol.sha256(encoded), protocol.read_plan(encoded)
    catalog = download(first, plan["catalog"])
    assert len(catalog) == offer.plan.catalog_byte_count and catalog.startswith(b"item_id,title,categories\n")
    shapes = protocol.layout(plan)
    for node, users in zip(nodes, enrolled):
        retrying(lambda: node.stub.Join(federation_pb2.JoinRequest(plan=digest, enrolled_users=users), timeout=30))

    bases: dict[int, bytes] = {}  # round -> digest of the model trained from
    sent: dict[int, dict[str, bytes]] = {}  # round -> node -> payload
    checked: set[int] = set()
    while len(checked) < arguments.rounds:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {len(checked)} of {arguments.rounds} models came in time")
        for node in nodes:
            answer = node.poll(digest)
            newest = answer.newest_model if answer.HasField("newest_model") else None
            if newest is not None and newest.round in sent and newest.round not in checked:
                check(node, plan, newest, bases[newest.round], list(sent[newest.round].values()), enrolled, shapes)
                checked.add(newest.round)
            if newest is not None:
                node.known = newest.digest
            work = answer.WhichOneof("work")
            if work == "train" and node.name not in sent.get(answer.train.round, {}):
                lease = answer.train
                payload = train(node, plan, digest, lease, shapes, is_first=not sent)
                bases[lease.round] = lease.model.digest
                sent.setdefault(lease.round, {})[node.name] = payload
            elif work in ("other_plan", None):
                raise SystemExit(f"unexpected work: {work}")
            elif work == "plan_ended" and len(checked) < arguments.rounds:
                raise SystemExit("the plan ended early")
    print(json.dumps({"ok": True, "rounds": sorted(checked)}), flush=True)


if __name__ == "__main__":
    main()
