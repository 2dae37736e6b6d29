"""layers.py MODEL: layers of the network that TensorRT's parser makes of the model, as a line of JSON; null where it refuses.

Needs a virtual environment with tensorrt-rtx, whose parser works without a GPU.
"""
import json, os, sys
import tensorrt_rtx as trt


class Silent(trt.ILogger):
    def __init__(self):
        trt.ILogger.__init__(self)

    def log(self, severity, message):
        pass


logger = Silent()
builder = trt.Builder(logger)
network = builder.create_network(0)
parser = trt.OnnxParser(network, logger)
path = os.path.abspath(sys.argv[1])
with open(path, "rb") as file:
    accepted = parser.parse(file.read(), path)
error = parser.get_error(0).desc()[:160] if parser.num_errors > 0 else ""
print(json.dumps({"layers": network.num_layers if accepted else None, "error": error}), flush=True)
# Tearing the builder down without a driver may crash.
os._exit(0)
