"""The standard's backend node cases, made from the onnx package as shared data has them.

  python test/conformance/make-node-cases.py FOLDER      needs: pip install onnx

Writes FOLDER/onnx-VERSION-node-cases.tar.xz (NAME/model.onnx, NAME/test_data_set_0/input_0.pb ...) and
FOLDER/backend-node-cases.json, one record a case: what it is made of, its tolerance, and whether its result is defined.
"""
import io, json, os, sys, tarfile
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

KINDS = {"tensor_type": "tensor", "sequence_type": "sequence", "optional_type": "optional", "map_type": "map"}
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


def message(value, info):
    if isinstance(value, TensorProto):
        return value
    kind = info.type.WhichOneof("value")
    write = {
        "map_type": numpy_helper.from_dict,
        "sequence_type": numpy_helper.from_list,
        "optional_type": numpy_helper.from_optional,
        "tensor_type": numpy_helper.from_array,
    }[kind]
    return write(value, info.name)


def nodes_of(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from nodes_of(attribute.g)


def kinds(values):
    return [{"name": value.name, "kind": KINDS[value.type.WhichOneof("value")]} for value in values]


def undefined(nodes, names, inputs):
    """Why the outputs of a case are no function of its inputs; None where they are."""
    if any(node.domain == "ai.onnx.preview.training" for node in nodes):
        return "training domain"
    # What the body of Bernoulli is made of.
    if any(node.op_type in RANDOM for node in nodes):
        return "random op"
    given = dict(zip(names, inputs))
    for node in nodes:
        if node.op_type == "Dropout" and len(node.input) > 2 and bool(given.get(node.input[2], False)):
            return "Dropout training mode (random unless ratio 0)"
    return None


def record(case):
    graph = case.model.graph
    nodes = list(nodes_of(graph))
    reason = undefined(nodes, [value.name for value in graph.input], case.data_sets[0][0])
    return {
        "name": case.name,
        "distinct_ops": sorted({node.op_type for node in nodes}),
        "inputs": kinds(graph.input),
        "outputs": kinds(graph.output),
        "rtol": case.rtol,
        "atol": case.atol,
        "qualifies": reason is None,
        "reason": reason or "",
    }


def files_of(case):
    graph = case.model.graph
    yield "model.onnx", case.model.SerializeToString()
    for run, (inputs, outputs) in enumerate(case.data_sets):
        for word, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for index, value in enumerate(values):
                yield f"test_data_set_{run}/{word}_{index}.pb", message(value, infos[index]).SerializeToString()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    cases = collect_testcases(None)
    records = []
    with tarfile.open(os.path.join(folder, f"onnx-{onnx.__version__}-node-cases.tar.xz"), "w:xz", preset=1) as archive:
        for case in cases:
            for name, data in files_of(case):
                entry = tarfile.TarInfo(f"nodecases/{case.name}/{name}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
            records.append(record(case))
    with open(os.path.join(folder, "backend-node-cases.json"), "w") as out:
        json.dump({"cases": records}, out)
    print(f"{len(records)} cases")


main(sys.argv[1])
