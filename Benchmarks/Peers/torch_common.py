"""What the PyTorch sequence peers share: each user's last window, batches of 128, Adam at 0.001, epochs, scores."""
import numpy as np
import torch

import harness

BATCH = 128


class Windows:
    """The last length + 1 training events of every user with at least 2, as one table padded on the right."""

    def __init__(self, workload, length):
        self.workload, self.length = workload, length
        users = [u for u in range(workload.user_count) if len(workload.events(u)) >= 2]
        self.table = np.zeros((len(users), length + 1), dtype=np.int64)
        self.counts = np.zeros(len(users), dtype=np.int64)
        for row, user in enumerate(users):
            events = workload.events(user)[-(length + 1) :]
            self.table[row, : len(events)] = events
            self.counts[row] = len(events) - 1

    def batches(self, rng):
        """Inputs and targets (B × longest) and which positions are real, windows in random order."""
        order = rng.permutation(len(self.table))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            counts = self.counts[rows]
            longest = int(counts.max())
            table = self.table[rows, : longest + 1]
            real = np.arange(longest) < counts[:, None]
            places = torch.from_numpy(np.flatnonzero(real))
            yield torch.from_numpy(table[:, :-1].copy()), torch.from_numpy(table[:, 1:][real]), places


def histories(workload, users, length):
    """The last `length` known events of the users, padded on the right, and where each ends."""
    rows = [workload.history(u)[-length:] for u in users]
    table = np.zeros((len(rows), max(len(r) for r in rows)), dtype=np.int64)
    for row, events in enumerate(rows):
        table[row, : len(events)] = events
    return torch.from_numpy(table), torch.tensor([len(r) - 1 for r in rows])


def peer(options, workload, model, loss_of):
    """`loss_of(inputs, targets, places)` is the batch's mean loss; `model.scores(inputs, ends)` is B × V."""
    torch.set_num_threads(options.threads)
    windows = Windows(workload, options.length)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    rng = np.random.default_rng(options.seed)
    state = {"loss": 0.0}

    def repeat():
        model.train()
        total, count = 0.0, 0
        for inputs, targets, places in windows.batches(rng):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(inputs, targets, places)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
            count += len(targets)
        state["loss"] = total / count
        return {"units": count, "loss": state["loss"]}

    def finish():
        model.eval()

        def scores(users):
            with torch.inference_mode():
                return model.scores(*histories(workload, users, options.length)).numpy()

        return {"loss": state["loss"], "ndcg@10": harness.ndcg(workload, scores)}

    return harness.Peer(f"torch {torch.__version__}", repeat, finish)
