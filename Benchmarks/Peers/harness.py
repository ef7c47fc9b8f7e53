"""What all peers share: arguments, workload files, turns, JSON lines. See README.md."""
import argparse
import json
import os
import resource
import signal
import sys
import time


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--task", default="")
    parser.add_argument("--length", type=int, default=50, help="positions of a window")
    parser.add_argument("--dropout", type=float, default=0.2, help="of tasks that have any")
    parser.add_argument("--repetitions", type=int, default=None, help="run so often and end, instead of waiting for lines")
    return parser.parse_args()


class Peer:
    """A name with a version, one repetition, and what is reported at the end."""

    def __init__(self, name, repeat, finish):
        self.name, self.repeat, self.finish = name, repeat, finish


class Workload:
    """Interactions: `items[offsets[u]:offsets[u + 1]]` are user u's training events, oldest first."""

    def __init__(self, path):
        import numpy as np

        with open(path, "rb") as file:
            if file.read(4) != b"TRBW":
                raise SystemExit(f"{path} is no workload of interactions")
            version, self.user_count, self.item_count, _ = (int(x) for x in np.fromfile(file, "<u4", 4))
            if version != 1:
                raise SystemExit(f"{path} has version {version}, not 1")
            self.event_count = int(np.fromfile(file, "<u8", 1)[0])
            self.offsets = np.fromfile(file, "<u8", self.user_count + 1).astype(np.int64)
            self.items = np.fromfile(file, "<i4", self.event_count)
            self.validation = np.fromfile(file, "<i4", self.user_count)
            self.test = np.fromfile(file, "<i4", self.user_count)

    def events(self, user):
        return self.items[self.offsets[user] : self.offsets[user + 1]]

    def history(self, user):
        """What is known before the test event."""
        import numpy as np

        if self.validation[user] < 0:
            return self.events(user)
        return np.append(self.events(user), self.validation[user])

    def matrix(self):
        """Users × items, 1 for every pair that occurs (scipy CSR, float32)."""
        import numpy as np
        from scipy.sparse import csr_matrix

        users = np.repeat(np.arange(self.user_count, dtype=np.int32), np.diff(self.offsets))
        ones = np.ones(self.event_count, dtype=np.float32)
        matrix = csr_matrix((ones, (users, self.items)), shape=(self.user_count, self.item_count))
        matrix.data[:] = 1
        return matrix


class Vectors:
    """Item vectors (rows × width) and queries (queries × width), float32."""

    def __init__(self, path):
        import numpy as np

        with open(path, "rb") as file:
            if file.read(4) != b"TRBV":
                raise SystemExit(f"{path} is no workload of vectors")
            version, rows, width, queries = (int(x) for x in np.fromfile(file, "<u4", 4))
            if version != 1:
                raise SystemExit(f"{path} has version {version}, not 1")
            self.items = np.fromfile(file, "<f4", rows * width).reshape(rows, width)
            self.queries = np.fromfile(file, "<f4", queries * width).reshape(queries, width)


def ndcg(workload, scores, cutoff=10, rows=256):
    """NDCG@cutoff of the test events among all items not seen before, ties at mid-rank; `scores(users)` is rows × V."""
    import numpy as np

    users = np.flatnonzero(workload.test >= 0)
    total = 0.0
    for start in range(0, len(users), rows):
        chunk = users[start : start + rows]
        table = np.array(scores(chunk), dtype=np.float32)
        for row, user in enumerate(chunk):
            target = int(workload.test[user])
            own = table[row, target]
            seen = np.unique(workload.history(user))
            values = table[row]
            values[seen] = -np.inf
            values[target] = own
            rank = 1 + np.count_nonzero(values > own) + (np.count_nonzero(values == own) - 1) / 2
            if rank < cutoff + 1:
                total += 1 / np.log2(1 + rank)
    return total / max(1, len(users))


def run(main):
    arguments = options()
    # Whoever started this may have blocked signals, and worker processes could not be ended then.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    # Libraries read these when they are loaded. Whoever waits for its turn must sleep, not spin.
    # OpenBLAS has one thread: implicit asks for that and gensim's workers call it side by side.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    # On a machine that is busy with other work, OpenMP threads that spin at barriers cost their library ten times its own time.
    if os.getloadavg()[0] > 1.5 * os.cpu_count():
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def send(record):
        lines.write(json.dumps(record) + "\n")
        lines.flush()

    def turn():
        before = resource.getrusage(resource.RUSAGE_SELF)
        start = time.perf_counter()
        result = dict(peer.repeat())
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"event": "repetition", "seconds": seconds, "cpu": cpu, **result}

    try:
        with open(arguments.workload, "rb") as file:
            kind = file.read(4)
        workload = (Vectors if kind == b"TRBV" else Workload)(arguments.workload)
        peer = main(arguments, workload)
    except ImportError as error:
        send({"event": "absent", "why": str(error)})
        sys.exit(0)
    turn()
    send({"event": "ready", "peer": peer.name, "threads": arguments.threads})
    if arguments.repetitions is not None:
        for _ in range(arguments.repetitions):
            send(turn())
    else:
        for line in sys.stdin:
            if line.strip() == "run":
                send(turn())
            elif line.strip() == "finish":
                break
    send({"event": "final", **peer.finish()})
