"""Per user from the same global parameters: one step of SGD per window, then the change clipped and added up. A PyTorch loop in as
many processes as threads, one thread each (faster than one process with two threads), all parameters and all gradients in one
flat buffer so that the step, the clip and the return to the global parameters are one call each."""
import os
import time

import harness


def work(connection, flat_global, total, users, items, length, rate, clip, seed):
    import torch

    from private_model import SASRec, loss_of_rows

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    model = SASRec(items, length)
    parameters = list(model.parameters())
    local, slopes = torch.empty_like(flat_global), torch.zeros_like(flat_global)
    start = 0
    for parameter in parameters:
        end = start + parameter.numel()
        parameter.data = local[start:end].view_as(parameter)
        parameter.grad = slopes[start:end].view_as(parameter)
        start = end
    places = torch.arange(length).unsqueeze(0)
    users = [[torch.from_numpy(window).unsqueeze(0) for window in windows] for windows in users]
    while connection.recv():
        losses, count, cpu = 0.0, 0, time.process_time()
        total.zero_()
        for windows in users:
            local.copy_(flat_global)
            for window in windows:
                positions = window.shape[1] - 1
                negatives = torch.randint(items, (1, positions), generator=generator)
                positive, negative = model(window[:, :-1], window[:, 1:], negatives, places[:, :positions])
                loss = (torch.nn.functional.softplus(-positive) + torch.nn.functional.softplus(negative)).mean()
                loss.backward()
                with torch.no_grad():
                    local.add_(slopes, alpha=-rate)
                slopes.zero_()
                losses += loss.item()
                count += 1
            with torch.no_grad():
                local.sub_(flat_global)
                factor = min(1.0, clip / max(float(local.norm()), 1e-12))
                total.add_(local, alpha=factor)
        connection.send((losses, count, time.process_time() - cpu))


def main(options, workload):
    import torch
    import torch.multiprocessing as multiprocessing

    from private_model import SASRec, windows

    torch.manual_seed(options.seed)
    limit = int(os.environ.get("LOOP_USERS", "600"))
    users = [windows(workload.events(u), options.length) for u in range(min(limit, workload.user_count))]
    users = [user for user in users if user]
    model = SASRec(workload.item_count, options.length)
    flat = torch.cat([p.detach().reshape(-1) for p in model.parameters()]).share_memory_()
    context = multiprocessing.get_context("fork")
    workers = []
    for index in range(options.threads):
        near, far = context.Pipe()
        total = torch.zeros_like(flat).share_memory_()
        part = users[index :: options.threads]
        process = context.Process(
            target=work, daemon=True,
            args=(far, flat, total, part, workload.item_count, options.length, 0.5, 1.0, options.seed * 1000 + index))
        process.start()
        workers.append((near, total))
    state = {"loss": 0.0}

    def repeat():
        for near, _ in workers:
            near.send(True)
        results = [near.recv() for near, _ in workers]
        for _, total in workers:
            flat.add_(total, alpha=1 / len(users))
        count = sum(result[1] for result in results)
        state["loss"] = sum(result[0] for result in results) / count
        return {"units": count, "loss": state["loss"], "cpu": sum(result[2] for result in results)}

    return harness.Peer(f"torch {torch.__version__} loop", repeat, lambda: {"loss": state["loss"]})


harness.run(main)
