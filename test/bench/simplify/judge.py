"""judge.py ORIGINAL RESULT...: whether each result computes what the original does. One line of JSON each, the original's first.

`nodes`: of all graphs, subgraphs and functions, Constant not counted; `operators`: the same by operator. `verdict` of a result:
`correct`, `wrong`, `failed` (ONNX Runtime does not load or run it), or `unjudged` (it does not run the original either). `foreign`:
domains that the original does not import. Outputs are compared under two bindings of the dynamic dims with all optimizations of
ONNX Runtime off: equal in shape and type, integers and booleans to the bit, floats relative to the scale of the output.
"""
import json, os, sys
import numpy as np
import onnx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from verify import BINDINGS, compare, make_inputs, session

# Beside the largest number of an output. Some peers choose other kernels for the whole model, so it is wider than our own bound.
TOLERANCES = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-4, "bfloat16": 1e-1}


def count(path):
    model = onnx.load(path, load_external_data=False)
    counts = {}
    pending = [model.graph.node, *(function.node for function in model.functions)]
    while pending:
        for node in pending.pop():
            name = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}"
            counts[name] = counts.get(name, 0) + 1
            for attribute in node.attribute:
                pending.extend(graph.node for graph in [attribute.g, *attribute.graphs] if graph.node)
    counts.pop("Constant", None)
    domains = {opset.domain or "ai.onnx" for opset in model.opset_import}
    used = {name.split("::")[0] for name in counts if "::" in name}
    return counts, domains, used


def agree(expected, actual):
    """The largest relative difference. ValueError where results are not the same."""
    worst = 0.0
    for a, b in zip(expected, actual, strict=True):
        if not isinstance(a, np.ndarray) or a.dtype == object:
            if repr(a) != repr(b):
                raise ValueError("results that are no numbers differ")
            continue
        difference = compare([a], [b])
        if difference is None:
            continue
        worst = max(worst, difference)
        bound = TOLERANCES.get(a.dtype.name, 0.0)
        if not difference <= bound:
            raise ValueError(f"{a.dtype.name} off by {difference:.1e}")
    return worst


def expectations(original):
    """Inputs and outputs of up to two bindings, or what kept the original from running."""
    runs, failure = [], "no binding"
    fixed = all(isinstance(dim, int) for value in original.get_inputs() for dim in value.shape)
    for binding in [*BINDINGS, {"batch": 1, "length": 16, "spatial": 64}, {"batch": 1, "length": 9, "spatial": 96}]:
        try:
            feeds = make_inputs(original, binding, np.random.default_rng(7))
            runs.append((feeds, original.run(None, feeds)))
        except Exception as error:
            failure = str(error)[:200]
            continue
        if len(runs) == (1 if fixed else 2):
            break
    return runs, failure


def judge(path, runs, names):
    try:
        model = session(path)
    except Exception as error:
        return "failed", f"does not load: {str(error)[:160]}", None
    if [value.name for value in model.get_outputs()] != names:
        return "wrong", "outputs have other names", None
    inputs = {value.name for value in model.get_inputs()}
    worst = 0.0
    for feeds, expected in runs:
        try:
            actual = model.run(None, {name: value for name, value in feeds.items() if name in inputs})
        except Exception as error:
            return "failed", f"does not run: {str(error)[:160]}", None
        try:
            worst = max(worst, agree(expected, actual))
        except ValueError as error:
            return "wrong", str(error)[:160], None
    return "correct", "", worst


def main():
    source, *results = sys.argv[1:]
    counts, domains, used = count(source)
    failure, runs, names = "", [], []
    try:
        original = session(source)
        names = [value.name for value in original.get_outputs()]
        runs, failure = expectations(original)
        del original
    except Exception as error:
        failure = str(error)[:200]
    row = {"path": source, "nodes": sum(counts.values()), "operators": counts, "bindings": len(runs)}
    print(json.dumps(row if runs else {**row, "failure": failure}), flush=True)
    for path in results:
        try:
            counts, _, result_uses = count(path)
        except Exception as error:
            print(json.dumps({"path": path, "verdict": "failed", "reason": f"not ONNX: {str(error)[:120]}"}), flush=True)
            continue
        verdict, reason, worst = judge(path, runs, names) if runs else ("unjudged", "", None)
        row = {"path": path, "nodes": sum(counts.values()), "operators": counts, "verdict": verdict, "reason": reason}
        print(json.dumps({**row, "worst": worst, "foreign": sorted(result_uses - used - domains)}), flush=True)


main()
