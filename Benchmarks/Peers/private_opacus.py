"""One clipped gradient per window of SASRec, batch by batch, with Opacus: the unit of example-level private training."""
import os

import harness


def main(options, workload):
    import numpy as np
    import opacus
    import torch
    import warnings

    from private_model import SASRec, loss_of_rows, windows

    warnings.filterwarnings("ignore")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    # Of hooks, ew, functorch and ghost, ghost took the least processor time a window (hooks a quarter more), and 128 no more than 16, 32 or 64.
    mode = os.environ.get("OPACUS_MODE", "ghost")
    batch = int(os.environ.get("OPACUS_BATCH", "128"))
    length, items = options.length, workload.item_count
    rows = [windows(workload.events(u), length, 1)[0] for u in range(workload.user_count) if len(workload.events(u)) >= 2]
    inputs = np.full((len(rows), length), items, dtype=np.int64)
    targets, mask = np.zeros_like(inputs), np.zeros((len(rows), length), dtype=np.float32)
    for row, window in enumerate(rows):
        count = len(window) - 1
        inputs[row, :count], targets[row, :count], mask[row, :count] = window[:-1], window[1:], 1
    inputs, targets, mask = torch.from_numpy(inputs), torch.from_numpy(targets), torch.from_numpy(mask)
    places = torch.arange(length).expand(batch, length).contiguous()

    class Criterion(torch.nn.Module):
        reduction = "mean"

        def forward(self, scores, mask):
            rows = loss_of_rows(scores, mask)
            return rows.mean() if self.reduction == "mean" else rows

    model = SASRec(items, length)
    engine = opacus.PrivacyEngine()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.arange(len(rows))), batch_size=batch)
    made = engine.make_private(
        module=model, optimizer=torch.optim.SGD(model.parameters(), lr=0.5), data_loader=loader, noise_multiplier=0.0,
        max_grad_norm=1.0, poisson_sampling=False, criterion=Criterion(), grad_sample_mode=mode)
    model, optimizer = made[0], made[1]
    criterion = made[2] if len(made) == 4 else Criterion()
    state = {"loss": 0.0}

    def repeat():
        order, total, count = torch.randperm(len(rows)), 0.0, 0
        limit = int(os.environ.get("OPACUS_LIMIT", "2048"))
        for start in range(0, min(limit, len(rows)) - batch + 1, batch):
            chosen = order[start : start + batch]
            negatives = torch.randint(items, (batch, length))
            optimizer.zero_grad()
            scores = model(inputs[chosen], targets[chosen], negatives, places)
            loss = criterion(scores, mask[chosen])
            loss.backward()
            optimizer.step()
            total += float(loss.item()) * batch
            count += batch
        state["loss"] = total / count
        return {"units": count, "loss": state["loss"]}

    return harness.Peer(f"opacus {opacus.__version__} ({mode}, batch {batch})", repeat, lambda: {"loss": state["loss"]})


harness.run(main)
