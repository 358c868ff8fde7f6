"""Writes what PyTorch makes of learning rates and of clipped gradients: OUT/golden_training.json, OUT/torch_clip.safetensors.
usage: training.py OUT SEED
Each schedule stands with the settings that it has in an experiment file, and the rate of every batch."""
import json, os, sys
import numpy as np, torch
from safetensors.numpy import save_file

out, seed = sys.argv[1], int(sys.argv[2])
os.makedirs(out, exist_ok=True)
torch.set_num_threads(1)
rng = np.random.default_rng(seed)
S = torch.optim.lr_scheduler
RATE, EPOCHS, BATCHES = 0.01, 10, 4


def rates(make, by):
    """The rate of every batch; `make` gives the scheduler, which steps after each epoch or batch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], RATE)
    scheduler, found = make(optimizer), []
    for epoch in range(EPOCHS):
        for batch in range(BATCHES):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            is_last = (epoch, batch) == (EPOCHS - 1, BATCHES - 1)
            if not is_last and (by == "batch" or batch == BATCHES - 1):
                scheduler.step()
    return found


def warmed_up(steps, after):
    """`after` once the rate has risen for so many steps."""
    rise = lambda o: S.LinearLR(o, 1 / (steps + 1), total_iters=steps)
    return lambda o: S.SequentialLR(o, [rise(o), after(o)], [steps])


halving = lambda after: lambda o: S.LambdaLR(o, lambda step: 0.5 ** max(0, step + 1 - after))
falling = lambda factor, after: lambda o: S.LambdaLR(o, lambda step: factor ** max(0, step + 1 - after))
# LTSF-Linear: `adjust_learning_rate(optimizer, epoch + 1, args)` at the end of each epoch, 0.5 ** ((epoch - 1) // 1); PatchTST's type3.
type1 = lambda o: S.LambdaLR(o, lambda done: 0.5 ** max(0, done - 1))
type3 = lambda o: S.LambdaLR(o, lambda done: 1 if done < 3 else 0.9 ** (done - 3))
ALL = EPOCHS * BATCHES
cases = [
    ({"kind": "halving"}, halving(1)),
    ({"kind": "halving", "after": 2}, type1),
    ({"kind": "halving", "after": 3, "warm_up": 2}, warmed_up(2, halving(3))),
    ({"kind": "exponential", "factor": 0.9}, lambda o: S.ExponentialLR(o, 0.9)),
    ({"kind": "exponential", "factor": 0.9, "after": 4}, type3),
    ({"kind": "exponential", "factor": 0.97, "by": "batch", "warm_up": 6}, warmed_up(6, lambda o: S.ExponentialLR(o, 0.97))),
    ({"kind": "cosine"}, lambda o: S.CosineAnnealingLR(o, EPOCHS)),
    ({"kind": "cosine", "min_learning_rate": 1e-3}, lambda o: S.CosineAnnealingLR(o, EPOCHS, 1e-3)),
    ({"kind": "cosine", "warm_up": 3}, warmed_up(3, lambda o: S.CosineAnnealingLR(o, EPOCHS - 3))),
    ({"kind": "cosine", "warm_up": 7, "by": "batch", "min_learning_rate": 1e-4}, warmed_up(7, lambda o: S.CosineAnnealingLR(o, ALL - 7, 1e-4))),
    ({"kind": "one_cycle"}, lambda o: S.OneCycleLR(o, RATE, total_steps=ALL, cycle_momentum=False)),
    (
        {"kind": "one_cycle", "rising": 0.11, "initial_divisor": 10, "final_divisor": 100},
        lambda o: S.OneCycleLR(o, RATE, total_steps=ALL, pct_start=0.11, div_factor=10, final_div_factor=100, cycle_momentum=False),
    ),
    ({"kind": "warm_up", "warm_up": 4}, lambda o: S.LinearLR(o, 1 / 5, total_iters=4)),
    ({"kind": "warm_up", "warm_up": 25, "by": "batch"}, lambda o: S.LinearLR(o, 1 / 26, total_iters=25)),
]
found = [{"schedule": s, "rates": rates(make, "batch" if s["kind"] == "one_cycle" else s.get("by", "epoch"))} for s, make in cases]
with open(f"{out}/golden_training.json", "w") as file:
    about = {"torch": torch.__version__.split("+")[0], "learning_rate": RATE, "epochs": EPOCHS, "batches": BATCHES}
    file.write(json.dumps(about)[:-1] + ', "cases": [\n' + ",\n".join(map(json.dumps, found)) + "\n]}\n")

# A linear layer with a bias on the mean square: AdamW that decays much, gradients of a common norm of at most 1, 12 steps.
f = lambda *shape: rng.normal(0, 1, shape).astype("f4")
x, y, weight, bias = f(9, 5), f(9, 3), f(3, 5), f(3)
kept = {"x": x, "y": y, "weight": weight, "bias": bias}
parameters = [torch.tensor(kept[name], requires_grad=True) for name in ("weight", "bias")]
optimizer = torch.optim.AdamW(parameters, lr=0.05, weight_decay=0.3)
after, norms = [[], []], []
for _ in range(12):
    optimizer.zero_grad()
    ((torch.tensor(x) @ parameters[0].T + parameters[1] - torch.tensor(y)) ** 2).mean().backward()
    norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
    optimizer.step()
    for steps, parameter in zip(after, parameters):
        steps.append(parameter.detach().numpy().copy())
kept |= {"after.weight": np.stack(after[0]), "after.bias": np.stack(after[1]), "norms": np.array(norms, "f4")}
save_file(kept, f"{out}/torch_clip.safetensors")
os.chmod(f"{out}/torch_clip.safetensors", 0o644)
