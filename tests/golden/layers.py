"""Writes reference numbers of layers, small networks, optimizers (PyTorch), metrics (scikit-learn) and statistics (SciPy): OUT/*.safetensors (+ expected scalars in OUT/golden_layers.json).
usage: layers.py OUT SEED     (SEED picks the sizes too, so that a second set is a different problem)
Tensors are float32 (labels and counts int64) in PyTorch's layouts; scalars of metrics and statistics are computed in float64 from the stored float32."""
import sys, os, json, copy, math
os.environ["CUDA_VISIBLE_DEVICES"] = ""; os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np, scipy, scipy.stats as st, sklearn, sklearn.metrics as skm, torch
from sklearn.preprocessing import StandardScaler
from torch import nn
from safetensors.numpy import save_file
F = nn.functional; out, seed = sys.argv[1], int(sys.argv[2]); os.makedirs(out, exist_ok=True)
torch.set_num_threads(1); torch.use_deterministic_algorithms(True); torch.manual_seed(seed); rng = np.random.default_rng(seed); J = {"sizes": {}, "no_gradient": {}}
def save(name, d): save_file({k: np.ascontiguousarray(v.detach().numpy() if torch.is_tensor(v) else v) for k, v in d.items()}, p := f"{out}/{name}.safetensors"); os.chmod(p, 0o644)
n = lambda lo, hi: int(rng.integers(lo, hi))   # lo ..= hi - 1
f = lambda *s: rng.normal(0, 1, s).astype("f4")
def with_grad(fn, g, **tensors):
    """out = fn(tensors) and the gradients of sum(out * g)."""
    t = {k: torch.tensor(v, requires_grad=True) for k, v in tensors.items()}; o = fn(**t); (o * torch.tensor(g)).sum().backward()
    return {"out": o} | {f"grad.{k}": v.grad for k, v in t.items()}
def loss_and_grad(fn, x):
    t = torch.tensor(x, requires_grad=True); loss = fn(t); loss.backward(); return {"loss": loss.detach().reshape(1), "grad": t.grad}
def under(name, d): return {f"{name}.{k}": v for k, v in d.items()}

# 1. Conv1d, causal: (kernel - 1) * dilation zeros on the left
B, C, O, T, K = n(2, 5), n(2, 5), n(3, 7), n(11, 21), int(rng.choice([2, 3, 4])); t = dict(x=f(B, C, T), weight=f(O, C, K) * .4, bias=f(O)); g = f(B, O, T); d = t | {"g": g}
for dil in (1, 2, 4, 8): d |= under(f"dilation{dil}", with_grad(lambda x, weight, bias: F.conv1d(F.pad(x, ((K - 1) * dil, 0)), weight, bias, dilation=dil), g, **t))
save("torch_conv1d", d)

# 2. Conv2d 3x3 (same = one zero on every side, at stride 2 too), pools of 2 that drop an odd last column
B, C, O, H, W = n(2, 4), n(2, 5), n(3, 6), 2 * n(4, 7), 2 * n(3, 6) + 1; t = dict(x=f(B, C, H, W), weight=f(O, C, 3, 3) * .3, bias=f(O)); d = dict(t)
for pad, stride in ((1, 1), (1, 2), (0, 1), (0, 2)):
    g = f(B, O, (H + 2 * pad - 3) // stride + 1, (W + 2 * pad - 3) // stride + 1); name = ("same" if pad else "valid") + f"_stride{stride}"
    d |= under(name, {"g": g} | with_grad(lambda x, weight, bias: F.conv2d(x, weight, bias, stride, pad), g, **t))
for name, fn in (("max_pool", F.max_pool2d), ("avg_pool", F.avg_pool2d)): g = f(B, C, H // 2, W // 2); d |= under(name, {"g": g} | with_grad(lambda x: fn(x, 2), g, x=t["x"]))
save("torch_conv2d", d)

# 3. normalisation, activation, losses
B, T, D = n(2, 6), n(3, 9), n(5, 20); t = dict(x=f(B, T, D) * 2 + 1, weight=1 + .3 * f(D), bias=f(D)); g = f(B, T, D)
save("torch_layer_norm", t | {"g": g} | with_grad(lambda x, weight, bias: F.layer_norm(x, (D,), weight, bias, 1e-5), g, **t))
B, D, T, d = n(6, 16), n(4, 12), n(3, 8), {}
for name, shape in (("vector", (B, D)), ("sequence", (B, D, T))):   # the second: statistics over batch and time
    bn = nn.BatchNorm1d(D); w, b, g = 1 + .3 * f(D), f(D), f(*shape); xs = [f(*shape) * (i + 1) + i for i in range(3)]; bn.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)}, strict=False)
    e = {"weight": w, "bias": b, "g": g} | {k: v for k, v in with_grad(lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True), g, x=xs[0], weight=w, bias=b).items() if k != "out"}   # of sum(train0 * g)
    for i, x in enumerate(xs): e |= {f"x{i}": x, f"train{i}": bn(torch.tensor(x)), f"running_mean{i}": bn.running_mean.clone(), f"running_var{i}": bn.running_var.clone()}
    bn.eval(); d |= under(name, e | {"eval": bn(torch.tensor(xs[0]))})
save("torch_batch_norm1d", d)
x = np.concatenate([f(n(30, 60)) * 2, np.array([-12, -6, -1e-3, 0, 1e-3, 6, 12], "f4")]); g = f(len(x)); d = {"x": x, "g": g}
for how, name in (("none", "exact"), ("tanh", "tanh")): d |= under(name, with_grad(lambda x: F.gelu(x, approximate=how), g, x=x))
save("torch_gelu", d)
N, C = n(8, 20), n(3, 8); logits, labels, w = f(N, C) * 2, rng.integers(0, C, N), np.abs(f(C)) + .2; logits[0] *= 30; d = {"logits": logits, "labels": labels, "class_weights": w}; y = torch.tensor(labels)
for name, weight, smooth in (("plain", None, 0.), ("weighted", torch.tensor(w), 0.), ("smoothed", None, .1), ("weighted_smoothed", torch.tensor(w), .1)):
    d |= under(name, loss_and_grad(lambda z: F.cross_entropy(z, y, weight, label_smoothing=smooth), logits))
save("torch_softmax_cross_entropy", d)
N, h = n(5, 12), n(2, 8); p, t = f(N, h) * 1.5, f(N, h); d = {"pred": p, "true": t}
for delta in (1., .3): d |= under(f"delta{delta}", loss_and_grad(lambda z: F.huber_loss(z, torch.tensor(t), delta=delta), p))
save("torch_huber", d)
def pinball(true, pred, q): e = true - pred; return torch.maximum(q * e, (q - 1) * e).mean()   # as sklearn's mean_pinball_loss: no factor 2
N, h, Q = n(5, 12), n(2, 8), (.1, .5, .9); p, t = f(N, h, 3), f(N, h); tt = torch.tensor(t); d = {"pred": p, "true": t, "quantiles": np.array(Q, "f4")}   # loss: the mean over samples, steps and quantiles
d |= loss_and_grad(lambda z: torch.stack([pinball(tt, z[..., i], q) for i, q in enumerate(Q)]).mean(), p); d["loss_by_quantile"] = np.array([pinball(tt, torch.tensor(p[..., i]), q).item() for i, q in enumerate(Q)], "f4")
save("torch_pinball", d)

# 4. self attention: in_proj rows are query, key, value
heads = int(rng.choice([2, 3, 4])); E, B, T = heads * n(2, 5), n(2, 5), n(4, 10); att = nn.MultiheadAttention(E, heads, batch_first=True)
with torch.no_grad(): [p.copy_(torch.tensor(f(*p.shape) * (.4 if p.ndim == 2 else .2))) for p in att.parameters()]
x, g = f(B, T, E), f(B, T, E); d = {"x": x, "g": g} | under("init", att.state_dict()); J["sizes"]["torch_attention"] = dict(heads=heads)
for name, mask in (("plain", None), ("causal", torch.ones(T, T, dtype=torch.bool).triu(1))):
    att.zero_grad(); xt = torch.tensor(x, requires_grad=True); o, a = att(xt, xt, xt, attn_mask=mask, need_weights=True, average_attn_weights=False); (o * torch.tensor(g)).sum().backward()
    d |= under(name, {"out": o, "weights": a, "grad.x": xt.grad} | {f"grad.{k}": p.grad.clone() for k, p in att.named_parameters()})
save("torch_attention", d)

# 5. networks, full batch, unshuffled, training mode: losses of 20 Adam steps, gradients of the first
class DLinear(nn.Module):
    def __init__(s, L, h): super().__init__(); s.Linear_Seasonal = nn.Linear(L, h); s.Linear_Trend = nn.Linear(L, h)
    def forward(s, x):   # [batch, time, channel]
        x = x.transpose(1, 2); trend = F.avg_pool1d(F.pad(x, (12, 12), mode="replicate"), 25, 1); return (s.Linear_Seasonal(x - trend) + s.Linear_Trend(trend)).transpose(1, 2)
class NLinear(nn.Module):
    def __init__(s, L, h): super().__init__(); s.Linear = nn.Linear(L, h)
    def forward(s, x): last = x[:, -1:]; return s.Linear((x - last).transpose(1, 2)).transpose(1, 2) + last
class Block(nn.Module):
    def __init__(s, i, o, k, dil):
        super().__init__(); s.left = (k - 1) * dil; s.conv1 = nn.Conv1d(i, o, k, dilation=dil); s.conv2 = nn.Conv1d(o, o, k, dilation=dil); s.shortcut = nn.Conv1d(i, o, 1) if i != o else nn.Identity()
    def forward(s, x): z = s.conv1(F.pad(x, (s.left, 0))).relu(); return (s.conv2(F.pad(z, (s.left, 0))).relu() + s.shortcut(x)).relu()
class Tcn(nn.Module):
    def __init__(s, c, w, k, dils, h): super().__init__(); s.blocks = nn.Sequential(*[Block(c if i == 0 else w, w, k, dil) for i, dil in enumerate(dils)]); s.head = nn.Linear(w, h)
    def forward(s, x): return s.head(s.blocks(x.transpose(1, 2))[:, :, -1])
class Gru(nn.Module):
    def __init__(s, c, w, h): super().__init__(); s.gru = nn.GRU(c, w, 2, batch_first=True); s.head = nn.Linear(w, h)
    def forward(s, x): return s.head(s.gru(x)[0][:, -1])
class Layer(nn.Module):   # PatchTST's encoder layer: scores = q k / sqrt(d_k) + the scores of the layer before; both norms are BatchNorm over features, after the sum
    def __init__(s, w, heads, ff):
        super().__init__(); s.heads = heads; s.W_Q, s.W_K, s.W_V, s.to_out = (nn.Linear(w, w) for _ in range(4)); s.norm_attn = nn.BatchNorm1d(w); s.ff1 = nn.Linear(w, ff); s.ff2 = nn.Linear(ff, w); s.norm_ffn = nn.BatchNorm1d(w)
        with torch.no_grad(): s.W_Q.weight.mul_(3); s.W_K.weight.mul_(3); s.ff1.weight.mul_(3)   # attention far from uniform and GELU bent, or their errors would not show
    def forward(s, x, before):
        q, k, v = (l(x).unflatten(-1, (s.heads, -1)).transpose(1, 2) for l in (s.W_Q, s.W_K, s.W_V)); scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -.5 + before
        x = s.norm_attn((x + s.to_out((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))).transpose(1, 2)).transpose(1, 2)
        return s.norm_ffn((x + s.ff2(F.gelu(s.ff1(x)))).transpose(1, 2)).transpose(1, 2), scores
class PatchTst(nn.Module):
    def __init__(s, L, h, w, heads, ff):
        super().__init__(); patches = (L - 16) // 8 + 2; s.W_P = nn.Linear(16, w); s.W_pos = nn.Parameter(torch.empty(patches, w).uniform_(-.02, .02)); s.layers = nn.ModuleList(Layer(w, heads, ff) for _ in range(2)); s.head = nn.Linear(w * patches, h)
    def forward(s, x):   # [batch, time, channel]
        mean = x.mean(1, keepdim=True).detach(); dev = (x.var(1, keepdim=True, unbiased=False) + 1e-5).sqrt().detach(); z = ((x - mean) / dev).transpose(1, 2)
        z = s.W_P(F.pad(z, (0, 8), mode="replicate").unfold(-1, 16, 8)).flatten(0, 1) + s.W_pos; scores = 0.   # [batch * channel, patch, width]
        for l in s.layers: z, scores = l(z, scores)
        z = s.head(z.transpose(1, 2).flatten(1)).unflatten(0, (x.shape[0], -1)); return z.transpose(1, 2) * dev + mean   # the head's columns: feature * patches + patch
class Cnn(nn.Module):
    def __init__(s, c, H, W, a, b, w): super().__init__(); s.conv1 = nn.Conv2d(c, a, 3); s.conv2 = nn.Conv2d(a, b, 3); s.dense1 = nn.Linear(b * (((H - 2) // 2 - 2) // 2) * (((W - 2) // 2 - 2) // 2), w); s.dense2 = nn.Linear(w, 5)
    def forward(s, x): x = F.max_pool2d(s.conv1(x).relu(), 2); return s.dense2(s.dense1(F.max_pool2d(s.conv2(x).relu(), 2).flatten(1)).relu())   # flattened as channel, height, width
class Mlp(nn.Module):
    def __init__(s, k, a, b): super().__init__(); s.dense1 = nn.Linear(k, a); s.norm = nn.BatchNorm1d(a); s.dense2 = nn.Linear(a, b); s.dense3 = nn.Linear(b, 4)
    def forward(s, x): return s.dense3(s.dense2(s.norm(s.dense1(x).relu())).relu())
def train(name, m, x, y, loss_fn):
    x, y = torch.tensor(x), torch.tensor(y); state = lambda: {k: v.detach().clone() for k, v in m.state_dict().items() if "num_batches" not in k}; d = {"x": x, "y": y} | under("init", state())
    exact = copy.deepcopy(m).double(); loss_fn(exact(x.double()), y.double() if y.is_floating_point() else y).backward(); size = {k: p.grad.abs().max().item() for k, p in exact.named_parameters()}
    still = sorted(k for k in size if size[k] < 1e-12 * max(size.values())); J["no_gradient"] |= {name: still} if still else {}   # gradient 0 but for rounding, which Adam would blow up to steps: held still, neither grad nor final given
    opt = torch.optim.Adam([p for k, p in m.named_parameters() if k not in still], 1e-3); L = []; g = {}
    for i in range(20):
        p = m(x); loss = loss_fn(p, y); opt.zero_grad(); loss.backward()
        if i == 0:
            d["pred0"] = p.detach().clone(); g = {k: v.grad.clone() for k, v in m.named_parameters() if k not in still}
            if normed := [k for k in m.state_dict() if "running" in k]: m.eval(); d["pred0_eval"] = m(x); m.train(); d |= under("running1", {k: m.state_dict()[k].clone() for k in normed})   # inference with the running statistics of one batch
        opt.step(); L.append(loss.item())
    if still: normed = []   # the running means would follow biases that only rounding moves
    d |= under("grad", g) | under("final", {k: v for k, v in state().items() if k not in still and (normed or "running" not in k)}) | {"losses": np.array(L, "f4")}
    if normed: m.eval(); d["pred_eval"] = m(x)
    save(name, d)
def series(B, L, h, c):   # [batch, time + horizon, channel]: waves, drift and noise
    s = np.arange(L + h)[None, :, None]; z = np.sin(2 * np.pi * s / rng.uniform(8, 30, (1, 1, c)) + rng.uniform(0, 6, (B, 1, c))) + .3 * rng.normal(0, 1, (B, L + h, c)) + rng.normal(0, .5, (B, 1, c)) + .01 * s
    return z[:, :L].astype("f4"), z[:, L:].astype("f4")
train("torch_dlinear", DLinear(L := n(30, 60), h := n(4, 13)), *series(n(4, 9), L, h, 7), F.mse_loss)
train("torch_nlinear", NLinear(L := n(30, 60), h := n(4, 13)), *series(n(4, 9), L, h, 7), F.mse_loss)
dils = [1, int(rng.choice([2, 3]))]; c = n(2, 5); J["sizes"]["torch_tcn"] = dict(dilations=dils)
train("torch_tcn", Tcn(c, n(6, 13), int(rng.choice([2, 3])), dils, h := n(1, 6)), (x := series(n(8, 17), n(10, 21), h, c))[0], x[1][:, :, 0], F.mse_loss)
c = n(1, 4); train("torch_gru", Gru(c, n(6, 15), h := n(1, 6)), (x := series(n(6, 15), n(8, 19), h, c))[0], x[1][:, :, 0], F.mse_loss)
heads = int(rng.choice([2, 4])); L = 8 * n(5, 9) + n(0, 8); h = n(4, 9); w = heads * int(rng.choice([3, 4])); J["sizes"]["torch_patch_tst"] = dict(heads=heads, patch=16, stride=8, patches=(L - 16) // 8 + 2)
small = np.array([.02, 1, 1, 1], "f4")[:n(3, 5)]   # one channel small, so that RevIN's epsilon shows
train("torch_patch_tst", PatchTst(L, h, w, heads, n(16, 33)), *(z * small for z in series(n(5, 9), L, h, len(small))), F.mse_loss)
c, H, W = n(1, 4), n(13, 19), n(13, 19); train("torch_cnn", Cnn(c, H, W, n(4, 8), n(5, 10), n(10, 20)), f(N := n(10, 18), c, H, W), rng.integers(0, 5, N), F.cross_entropy)
k = n(5, 15); train("torch_mlp", Mlp(k, n(10, 20), n(6, 12)), f(N := n(24, 40), k), rng.integers(0, 4, N), F.cross_entropy)

# 6. optimizers: 15 steps on sum(a v²) + sum(b w²); clipped: both gradients scaled so that their common norm is at most 1. Rates of ten epochs
D = n(5, 12); shape = (n(2, 4), n(2, 5)); v0, w0, a, b = .3 + .3 * np.abs(f(D)), .3 * f(*shape), rng.uniform(.3, 1.5, D).astype("f4"), rng.uniform(.3, 1.5, shape).astype("f4"); d = {"v": v0, "w": w0, "a": a, "b": b}; ta, tb = torch.tensor(a), torch.tensor(b)
kinds = {"adam": (torch.optim.Adam, dict(lr=.05)), "adamw": (torch.optim.AdamW, dict(lr=.05, weight_decay=.01)), "sgd_momentum": (torch.optim.SGD, dict(lr=.1, momentum=.9)),
    "sgd_nesterov": (torch.optim.SGD, dict(lr=.1, momentum=.9, nesterov=True)), "rmsprop": (torch.optim.RMSprop, dict(lr=.01))}
for name, (kind, options) in kinds.items():
    for clip in (False, True):
        v, w = (torch.tensor(z, requires_grad=True) for z in (v0, w0)); opt = kind([v, w], **options); V, W, G = [], [], []
        for i in range(15):
            opt.zero_grad(); ((ta * v * v).sum() + (tb * w * w).sum()).backward(); G.append(nn.utils.clip_grad_norm_([v, w], 1. if clip else math.inf).item()); opt.step(); V.append(v.detach().clone()); W.append(w.detach().clone())
        d |= under(name + "_clipped" * clip, {"v": torch.stack(V), "w": torch.stack(W), "norm": np.array(G, "f4")})
save("torch_optim", d); J["optim"] = {k: o for k, (_, o) in kinds.items()}
base = float(rng.choice([.001, .005, .01])); S = torch.optim.lr_scheduler; J["schedules"] = dict(base=base)
for name, make in {"halve_after_2": lambda o: S.LambdaLR(o, lambda e: .5 ** max(0, e - 1)), "exponential_0.9": lambda o: S.ExponentialLR(o, .9), "cosine": lambda o: S.CosineAnnealingLR(o, 10), "one_cycle": lambda o: S.OneCycleLR(o, base, total_steps=10, cycle_momentum=False),
    "warm_up_3_cosine": lambda o: S.SequentialLR(o, [S.LinearLR(o, 1 / 4, total_iters=3), S.CosineAnnealingLR(o, 7)], [3])}.items():
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], base); sched = make(opt); rates = []
    for e in range(10): rates.append(opt.param_groups[0]["lr"]); opt.step(); e < 9 and sched.step()
    J["schedules"][name] = rates

# 7. four classes; probabilities are multiples of 1/16, so that they tie; one class is never answered (argmax: the first of equals)
N, C, absent = n(60, 120), 4, n(0, 4); y = rng.permutation(np.concatenate([np.arange(4), np.arange(4), rng.choice(4, N - 8, p=[.4, .3, .2, .1])])); P = np.zeros((N, 4), int)
for i in range(N):
    z = np.exp(1.2 * (np.arange(4) == y[i]) + rng.normal(0, .8, 4)); P[i] = rng.multinomial(16, z / z.sum())
    while P[i].argmax() == absent: P[i, absent] -= 1; P[i, np.where(np.arange(4) == absent, -1, P[i]).argmax()] += 1
P[0] = np.where(np.arange(4) == y[0], 0, np.where(np.arange(4) == absent, 4, 6)); P[0, (y[0] + 1 + ((y[0] + 1) % 4 == absent)) % 4] += 16 - P[0].sum()   # a true class of probability 0: log loss clips it
P = (P / 16).astype("f4"); save("sklearn_classes", {"labels": y.astype("i8"), "probabilities": P}); P = P.astype("f8"); yp = P.argmax(1); hot = np.eye(4)[y]; top = P.max(1); assert absent not in yp
order = np.argsort(-P, 1, kind="stable")[:, :2]; bins = np.maximum(np.ceil(10 * top).astype(int) - 1, 0)   # bin b: b/10 < confidence <= (b + 1)/10
J["sklearn_classes"] = dict(absent=absent, accuracy=skm.accuracy_score(y, yp), balanced_accuracy=skm.balanced_accuracy_score(y, yp), report=skm.classification_report(y, yp, output_dict=True, zero_division=0), confusion=skm.confusion_matrix(y, yp).tolist(),
    top_2_accuracy=float((order == y[:, None]).any(1).mean()),   # equals: the lower class first, as argmax does (scikit-learn's top_k_accuracy_score takes the higher one)
    top_2_accuracy_scikit_learn=skm.top_k_accuracy_score(y, P, k=2), log_loss=float(-np.log(np.clip(P[np.arange(N), y], 1e-7, 1 - 1e-7)).mean()), roc_auc_ovr_macro=skm.roc_auc_score(y, P, multi_class="ovr", average="macro"),
    roc_auc_ovr_weighted=skm.roc_auc_score(y, P, multi_class="ovr", average="weighted"), average_precision_macro=skm.average_precision_score(hot, P, average="macro"), cohen_kappa=skm.cohen_kappa_score(y, yp), matthews=skm.matthews_corrcoef(y, yp),
    brier=float(((P - hot) ** 2).sum(1).mean()), expected_calibration_error=float(sum(abs((yp == y)[bins == b].sum() - top[bins == b].sum()) for b in range(10)) / N),   # sum of n_b / n * |accuracy_b - mean confidence_b|
    calibration_bins=dict(count=[int((bins == b).sum()) for b in range(10)], right=[int((yp == y)[bins == b].sum()) for b in range(10)], sum_of_confidence=[float(top[bins == b].sum()) for b in range(10)]))

# 8. forecasts: [origin, horizon, target]; e = pred - true
A, h, c, R, cal = n(9, 20), n(3, 9), n(2, 4), n(60, 120), n(20, 40); scale = np.array([1, 12, .3])[:c]
def level(*s): return (3 + rng.normal(0, .6, s)) * scale
ins = ((3 + np.sin(np.arange(R) * 2 * np.pi / 24)[:, None] + .2 * rng.normal(0, 1, (R, c))) * scale).astype("f4"); rows = level(n(30, 60), c).astype("f4"); t = level(A, h, c).astype("f4"); p = (t + .5 * rng.normal(.1, 1, t.shape) * scale).astype("f4"); last = level(A, c).astype("f4")
t[0, 0] = last[0]; p[1, 0] = last[1]; t[2, 0] = p[2, 0] = last[2]   # unchanged truth, unchanged forecast, both
lo = (p - np.abs(rng.normal(.8, .2, t.shape)) * scale).astype("f4"); hi = (p + np.abs(rng.normal(.8, .2, t.shape)) * scale).astype("f4"); lo[3, 0] = t[3, 0]; hi[4, 0] = t[4, 0]   # the ends belong to the interval
qp = np.sort(p[..., None] + .5 * rng.normal(0, 1, (*t.shape, 3)) * scale[:, None], -1).astype("f4"); errors = (rng.normal(0, .5, (cal, h, c)) * scale).astype("f4")
save("forecast_metrics", {"true": t, "pred": p, "insample": ins, "last": last, "train_rows": rows, "lo": lo, "hi": hi, "quantile_pred": qp, "calibration_errors": errors})
t, p, ins, last, rows, lo, hi, qp, errors = (z.astype("f8") for z in (t, p, ins, last, rows, lo, hi, qp, errors)); e = p - t; s = StandardScaler().fit(rows); col = lambda z: z.reshape(A, -1)
per = lambda z: z.mean((0, 1))   # of each target
naive = {m: np.abs(ins[m:] - ins[:-m]).mean(0) for m in (1, 24)}; naive2 = {m: ((ins[m:] - ins[:-m]) ** 2).mean(0) for m in (1, 24)}; winkler = hi - lo + 2 / .1 * (np.maximum(lo - t, 0) + np.maximum(t - hi, 0))
def half_width(alpha): k = math.ceil((cal + 1) * (1 - alpha) - 1e-9); return np.sort(np.abs(errors), 0)[k - 1]   # the k-th smallest; infinite if k > n (not so here)
J["forecast_metrics"] = dict(mse=(e ** 2).mean(), rmse=(e ** 2).mean() ** .5, mae=np.abs(e).mean(), mape_percent=100 * (np.abs(e) / np.abs(t)).mean(), smape_percent=(200 * np.abs(e) / (np.abs(t) + np.abs(p))).mean(),
    mase={m: (per(np.abs(e)) / naive[m]).mean() for m in (1, 24)}, rmsse={m: np.sqrt(per(e ** 2) / naive2[m]).mean() for m in (1, 24)}, directional_accuracy=(np.sign(p - last[:, None]) == np.sign(t - last[:, None])).mean(),
    median_absolute_error=np.median(np.abs(e)), max_error=np.abs(e).max(), mean_error=e.mean(), r2=skm.r2_score(col(t), col(p)), quantiles=[.1, .5, .9], pinball=[skm.mean_pinball_loss(col(t), col(qp[..., i]), alpha=q) for i, q in enumerate((.1, .5, .9))],
    interval=dict(level=.9, coverage=((lo <= t) & (t <= hi)).mean(), mean_width=(hi - lo).mean(), msis={m: (per(winkler) / naive[m]).mean() for m in (1, 24)}), conformal={a: half_width(a).tolist() for a in (.1, .2)},   # [horizon][target]
    scaled=dict(mean=s.mean_.tolist(), deviation=s.scale_.tolist(), mse=((e / s.scale_) ** 2).mean(), mae=np.abs(e / s.scale_).mean()))

# 9. statistics, all two-sided
def diebold_mariano(a, b, H):
    # d = a - b; c_k = sum (d_t - m)(d_{t-k} - m) / n; variance of the mean = (c_0 + 2 sum_{k<H} (1 - k/H) c_k) / n (Newey-West, lag H - 1); Harvey: statistic * sqrt((n + 1 - 2H + H(H - 1)/n) / n), Student's t of n - 1
    d = a - b; n = len(d); m = d.mean(); z = d - m; var = (z @ z + 2 * sum((1 - k / H) * (z[k:] @ z[:-k]) for k in range(1, H))) / n / n; error = math.sqrt(var / ((n + 1 - 2 * H + H * (H - 1) / n) / n)); half = st.t.ppf(.975, n - 1) * error
    return dict(horizon=H, mean_difference=m, statistic=m / error, p=2 * st.t.sf(abs(m / error), n - 1), interval=[m - half, m + half])
def holm(p):   # the i-th smallest of m times m - i + 1, never below the one before, at most 1
    order = np.argsort(p, kind="stable"); r = np.empty(len(p)); r[order] = np.minimum(1, np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1))); return r.tolist()
N = n(40, 80); noise = np.convolve(rng.normal(0, 1, N + 4), np.ones(5) / 5, "valid"); noise -= noise.mean(); la = (1 + np.abs(f(N))).astype("f4"); lb = (la + .1 + .5 * noise).astype("f4"); d = {"dm.a": la, "dm.b": lb}; up = lambda z: z.astype("f8"); stats = J["statistics"] = {}
stats["diebold_mariano"] = [diebold_mariano(up(la), up(lb), H) for H in (1, 3, n(5, 12))]
ra, rb = (rng.random(N) < .8).astype("i8"), (rng.random(N) < .6).astype("i8"); d |= {"mcnemar.right_a": ra, "mcnemar.right_b": rb}; one, two = int((ra > rb).sum()), int((rb > ra).sum())
stats["mcnemar_exact"] = [dict(only_a=i, only_b=j, p=st.binomtest(min(i, j), i + j).pvalue) for i, j in ((one, two), (n(0, 4), n(6, 12)), (5, 5), (1, 0))]   # the first is that of the stored answers
stats["friedman"] = {}
for name, N, k in (("plain", 6, 4), ("ties", n(5, 9), n(3, 6))):
    err = (1 + .3 * rng.random((N, k)) + .08 * np.arange(k)).astype("f4"); err = np.round(err * 4).astype("f4") / 4 if name == "ties" else err; d[f"friedman.{name}"] = err; r = st.friedmanchisquare(*up(err).T); ranks = st.rankdata(up(err), axis=1).mean(0)
    q = st.studentized_range.ppf(.95, k, np.inf) / math.sqrt(2); stats["friedman"][name] = dict(datasets=N, models=k, statistic=r.statistic, p=r.pvalue, average_ranks=ranks.tolist(), nemenyi_q=q, nemenyi_critical_difference=q * math.sqrt(k * (k + 1) / (6 * N)))
stats["nemenyi_q_0.05"] = {k: st.studentized_range.ppf(.95, k, np.inf) / math.sqrt(2) for k in range(2, 11)}
lists = [[float(np.round(z, 6)) for z in p] for p in (.2 * rng.random(n(5, 9)) ** 3, .2 + .5 * rng.random(n(3, 6)))]; lists[0][2] = lists[0][0]; stats["holm"] = [dict(p=p, adjusted=holm(p)) for p in lists]; stats["wilcoxon_exact"], stats["paired_t"] = [], []
for N in range(8, 13):
    a, b = f(N), f(N) * .7 + .6; d |= {f"pairs{N}.a": a, f"pairs{N}.b": b}; a, b = up(a), up(b); assert len(set(np.abs(a - b))) == N; r = st.wilcoxon(a, b, method="exact"); stats["wilcoxon_exact"].append(dict(n=N, smaller_rank_sum=r.statistic, p=r.pvalue))
    r = st.ttest_rel(a, b); ci = r.confidence_interval(.95); stats["paired_t"].append(dict(n=N, mean_difference=(a - b).mean(), statistic=r.statistic, p=r.pvalue, interval=[ci.low, ci.high]))
save("statistics", d)
J["versions"] = dict(torch=torch.__version__, scikit_learn=sklearn.__version__, scipy=scipy.__version__, numpy=np.__version__)
json.dump(J, open(f"{out}/golden_layers.json", "w"), indent=1, default=float, allow_nan=False)
