"""GRU4Rec with nn.GRU: width 100, item vectors shared by input and output, full cross-entropy or 512 negatives shared by a batch.
Padded on the right: packed sequences were slower on two cores."""
import math

import harness


def main(options, workload):
    import torch
    from torch import nn
    from torch.nn import functional as F

    import torch_common

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    items, width, negatives = workload.item_count, 100, 512

    class GRU4Rec(nn.Module):
        def __init__(self):
            super().__init__()
            self.items = nn.Embedding(items, width)
            limit = 0.25 * math.sqrt(3 / width)
            nn.init.uniform_(self.items.weight, -limit, limit)
            self.gru = nn.GRU(width, width, batch_first=True)
            self.bias = nn.Parameter(torch.zeros(items))

        def states(self, inputs):
            return self.gru(self.items(inputs))[0]

        def scores(self, inputs, ends):
            states = self.states(inputs)[torch.arange(len(ends)), ends]
            return torch.addmm(self.bias, states, self.items.weight.T)

    model = GRU4Rec()

    def full(inputs, targets, places):
        states = model.states(inputs).reshape(-1, width).index_select(0, places)
        return F.cross_entropy(torch.addmm(model.bias, states, model.items.weight.T), targets)

    def sampled(inputs, targets, places):
        states = model.states(inputs).reshape(-1, width).index_select(0, places)
        drawn = torch.randint(items, (negatives,))
        own = (states * model.items(targets)).sum(-1) + model.bias[targets]
        others = torch.addmm(model.bias[drawn], states, model.items(drawn).T)
        others = others.masked_fill(targets[:, None] == drawn[None, :], -math.inf)
        return (torch.logsumexp(torch.cat((own[:, None], others), dim=1), dim=1) - own).mean()

    return torch_common.peer(options, workload, model, sampled if options.task == "gru4rec-sampled" else full)


harness.run(main)
