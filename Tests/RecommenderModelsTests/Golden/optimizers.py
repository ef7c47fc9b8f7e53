# Makes optimizers.txt: parameters after each of five steps of PyTorch's AdamW and Adam along fixed gradients.
# One line per optimiser and step: name, step, values. Run: python optimizers.py > optimizers.txt
import torch

START = [0.5, -0.25, 0.125, 1.0, -1.5, 0.75, 2.0, -0.5, 0.0625]
GRADIENTS = [[((7 * i + 3 * t) % 11 - 5) / 8 for i in range(9)] for t in range(5)]

OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), weight_decay=0.1),
    "adamw-plain": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.0),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, eps=1e-10),
}
for name, make in OPTIMIZERS.items():
    parameters = torch.tensor(START, requires_grad=True)
    optimizer = make([parameters])
    for step, gradient in enumerate(GRADIENTS):
        parameters.grad = torch.tensor(gradient)
        optimizer.step()
        print(name, step, *(f"{value:.9g}" for value in parameters.tolist()))
