"""run-peer.py NAME SOURCE TARGET: simplifies one model with a library that has no command line, by its defaults."""
import os, sys


def onnxruntime(source, target):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = target
    options.log_severity_level = 4
    if os.path.exists(f"{source}.data"):
        # Otherwise the result would refer to data beside the original.
        options.add_session_config_entry("session.optimized_model_external_initializers_file_name", os.path.basename(f"{target}.data"))
    ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def onnxscript(source, target):
    import onnx
    from onnxscript import optimizer

    onnx.save(optimizer.optimize(onnx.load(source)), target)


name, source, target = sys.argv[1:]
{"onnxruntime": onnxruntime, "onnxscript": onnxscript}[name](source, target)
