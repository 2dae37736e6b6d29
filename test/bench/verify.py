"""Judges what `simplify` writes by other people's tools: the ONNX checker (full check) and ONNX Runtime (all optimizations off).

  python test/bench/verify.py FOLDER_FOR_OUTPUT MODEL...      needs: node, a built dist/, pip install onnx onnxruntime numpy

For each model: simplifies it, checks the result, runs original and result on random inputs for two bindings of every dynamic
dim, compares the outputs (bit-equal, or else the largest difference relative to the
output's scale), and simplifies the result again, which must change nothing. One line a model; exit 1 when one fails.
"""
import hashlib, json, os, subprocess, sys
import numpy as np
import onnx
import onnxruntime as ort

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "..", "..", "dist", "cli.cjs")
TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(bool)": np.bool_, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8,
         "tensor(int16)": np.int16, "tensor(uint16)": np.uint16, "tensor(uint32)": np.uint32, "tensor(uint64)": np.uint64}
# Sizes of dynamic dims: the batch, further axes, and the height and width of pictures. Some exports have the traced size of an
# axis baked in and fail on others: the bindings are tried in turn until two run.
BINDINGS = [
    {"batch": 2, "length": 16, "spatial": 32},
    {"batch": 3, "length": 24, "spatial": 64},
    {"batch": 2, "length": 10, "spatial": 65},
    {"batch": 3, "length": 10, "spatial": 160},
]


def session(path):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 2
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def make_inputs(run, binding, rng):
    named = {}
    feeds = {}
    for value in run.get_inputs():
        dims = []
        for axis, dim in enumerate(value.shape):
            if isinstance(dim, int):
                dims.append(dim)
                continue
            kind = "batch" if axis == 0 else "spatial" if axis >= 2 and len(value.shape) == 4 else "length"
            size = binding[kind]
            dims.append(named.setdefault(dim or object(), size))
        kind = TYPES[value.type]
        if kind == np.bool_:
            feeds[value.name] = rng.random(dims) < 0.5
        elif np.issubdtype(kind, np.integer):
            feeds[value.name] = rng.integers(0, 8, dims).astype(kind)
        else:
            feeds[value.name] = rng.standard_normal(dims).astype(kind)
    return feeds


def compare(expected, actual):
    """None when bit-equal, else the largest difference relative to the scale of the output."""
    worst = None
    for a, b in zip(expected, actual, strict=True):
        if a.dtype != b.dtype or a.shape != b.shape:
            raise ValueError(f"{a.dtype}{a.shape} became {b.dtype}{b.shape}")
        if a.tobytes() == b.tobytes():
            continue
        scale = np.nanmax(np.abs(a.astype(np.float64))) or 1.0
        difference = np.nanmax(np.abs(a.astype(np.float64) - b.astype(np.float64))) / scale
        worst = max(worst or 0.0, float(difference))
        if not np.array_equal(np.isnan(a.astype(np.float64)), np.isnan(b.astype(np.float64))):
            raise ValueError("NaN where the original has none")
    return worst


def simplify(source, target):
    done = subprocess.run(["node", CLI, "simplify", source, "-o", target, "--force", "--json"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.strip() or f"exit {done.returncode}")
    return json.loads(done.stdout)["models"][0]


def judge(path, folder):
    target = os.path.join(folder, os.path.basename(path))
    report = simplify(path, target)
    onnx.checker.check_model(target, full_check=True)
    before, after = session(path), session(target)
    worst, bindings = None, 0
    for binding in BINDINGS:
        feeds = make_inputs(before, binding, np.random.default_rng(7))
        try:
            expected = before.run(None, feeds)
        except Exception as error:  # the original does not take this size
            failure = error
            continue
        bindings += 1
        if bindings > 2:
            break
        difference = compare(expected, after.run(None, feeds))
        if difference is not None:
            worst = max(worst or 0.0, difference)
    if bindings == 0:
        raise RuntimeError(f"no binding runs: {failure}")
    again = os.path.join(folder, "again." + os.path.basename(path))
    simplify(target, again)
    same = hashlib.sha256(open(target, "rb").read()).digest() == hashlib.sha256(open(again, "rb").read()).digest()
    os.remove(again)
    verdict = "ok" if (worst or 0.0) <= 1e-5 and same else "FAIL"
    nodes = report["nodes"]
    text = "bit-equal" if worst is None else f"off by {worst:.1e}"
    return verdict, f"{nodes['before']:5} -> {nodes['after']:4} nodes, {text}, {bindings} bindings, {'stable' if same else 'NOT STABLE'}"


def main():
    folder, *paths = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    failed = 0
    for path in paths:
        try:
            verdict, text = judge(path, folder)
        except Exception as error:
            verdict, text = "FAIL", f"{type(error).__name__}: {str(error)[:300]}"
        failed += verdict != "ok"
        print(f"{verdict:4} {os.path.basename(path):50} {text}", flush=True)
    print(f"{len(paths) - failed} of {len(paths)} passed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
