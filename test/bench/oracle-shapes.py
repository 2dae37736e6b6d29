"""What other people's shape inference knows of the values of models, for `npm run bench -- known-shapes`.

  python test/bench/oracle-shapes.py OUT MODEL...      needs: pip install onnx onnxruntime sympy

One line of JSON a model goes to OUT; models that are there already are left out. Declared shapes of inner values and outputs are
taken away first, and initializers above 4 KiB become inputs (their shapes stay), so that every oracle has to infer, and weights
cost nothing. A dimension counts as known when it is a number or an expression over dims of the model's inputs; it is written as
its values under the bindings of `binding`, which test/bench/known-shapes.ts uses as well, so that answers can be compared.
Oracles: `onnx` is onnx.shape_inference with data_prop, `ort` is onnxruntime.tools.symbolic_shape_infer
(`merged` where it needed auto_merge, whose answers are guesses).
"""
import json, os, signal, sys, tempfile, time
import onnx
import onnx.inliner
import sympy
from onnx import TensorProto, helper, shape_inference
from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference

LARGE = 4096
LIMIT_SECONDS = 180
MERGED = "auto_merge"


def binding(names, run):
    """Multiples of 64, so that what exporters take for divisible is."""
    return {name: 64 * (3 + run + (2 + run) * index) for index, name in enumerate(sorted(names))}


def prepare(path):
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    del graph.value_info[:]
    inputs = {value.name for value in graph.input}
    kept = []
    for tensor in graph.initializer:
        if tensor.ByteSize() <= LARGE and tensor.data_location != TensorProto.EXTERNAL:
            kept.append(tensor)
        elif tensor.name not in inputs:
            graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for value in graph.output:
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    return model


def plain_constants(nodes):
    """`value_int` and its like as `value`: symbolic_shape_infer reads nothing else."""
    for node in nodes:
        for attribute in list(node.attribute):
            if node.op_type == "Constant" and attribute.name.startswith("value_") and "string" not in attribute.name:
                whole = helper.get_attribute_value(attribute)
                kind = TensorProto.INT64 if "int" in attribute.name else TensorProto.FLOAT
                many = attribute.name.endswith("s")
                tensor = helper.make_tensor("", kind, [len(whole)] if many else [], whole if many else [whole])
                del node.attribute[:]
                node.attribute.append(helper.make_attribute("value", tensor))


def symbols_of(model):
    found = set()
    for value in model.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if dim.HasField("dim_param"):
                found.add(dim.dim_param)
    return found


def describe(model, names):
    """{value: [dtype, [[value under binding 0, value under binding 1] or None ...] or None]} of the main graph."""
    table = {name: sympy.Symbol(name, integer=True, nonnegative=True) for name in names}
    bound = [{table[name]: number for name, number in binding(names, run).items()} for run in (0, 1)]
    cache = {}

    def known(dim):
        if dim.HasField("dim_value"):
            return [dim.dim_value, dim.dim_value]
        text = dim.dim_param
        if not text:
            return None
        if text not in cache:
            cache[text] = evaluate(text)
        return cache[text]

    def evaluate(text):
        if text in table:
            return [int(bound[run][table[text]]) for run in (0, 1)]
        try:
            expression = sympy.sympify(text, locals=dict(table))
            if not expression.free_symbols <= set(table.values()):
                return None
            numbers = [expression.subs(each) for each in bound]
            return [int(number) for number in numbers] if all(number.is_integer for number in numbers) else None
        except Exception:
            return None

    result = {}
    for value in list(model.graph.value_info) + list(model.graph.output):
        if not value.type.HasField("tensor_type"):
            continue
        tensor = value.type.tensor_type
        dims = [known(dim) for dim in tensor.shape.dim] if tensor.HasField("shape") else None
        result[value.name] = [tensor.elem_type, dims]
    return result


def alarm(*_):
    raise TimeoutError(f"more than {LIMIT_SECONDS} s")


def ask(oracle, model, names):
    started = time.time()
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(LIMIT_SECONDS)
    try:
        answer = oracle(model)
        values = describe(answer, names)
        return {"values": values, "merged": answer.producer_name == MERGED, "seconds": round(time.time() - started, 2)}
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": f"{type(error).__name__}: {str(error)[:200]}", "seconds": round(time.time() - started, 2)}
    finally:
        signal.alarm(0)


def by_onnx(model):
    return shape_inference.infer_shapes(model, strict_mode=False, data_prop=True)


def by_ort(model):
    """First without, then with auto_merge, which makes dims of different names one by force where it can go on no other way."""
    try:
        return symbolic(model, False)
    except TimeoutError:
        raise
    except Exception:
        merged = symbolic(model, True)
        merged.producer_name = MERGED
        return merged


def symbolic(model, merge):
    # It knows nothing of local functions.
    copy = onnx.inliner.inline_local_functions(model) if model.functions else onnx.ModelProto.FromString(model.SerializeToString())
    plain_constants(copy.graph.node)
    return SymbolicShapeInference.infer_shapes(copy, 2**31 - 1, merge, False, 0)


def main(out, paths):
    out, paths = os.path.abspath(out), [os.path.abspath(path) for path in paths]
    # onnx.inliner leaves files of external data in the current folder.
    os.chdir(tempfile.mkdtemp())
    done = set()
    if os.path.exists(out):
        with open(out) as lines:
            done = {json.loads(line)["model"] for line in lines}
    for path in paths:
        name = os.path.basename(path)
        if name in done:
            continue
        model = prepare(path)
        names = symbols_of(model)
        row = {"model": name, "symbols": sorted(names), "onnx": ask(by_onnx, model, names), "ort": ask(by_ort, model, names)}
        with open(out, "a") as lines:
            lines.write(json.dumps(row) + "\n")
        print(name, {key: row[key].get("error", len(row[key].get("values", {}))) for key in ("onnx", "ort")}, flush=True)


main(sys.argv[1], sys.argv[2:])
