"""NVIDIA's ONNX parser, asked about many models at once: judge-many.py LIST OUTPUT

LIST names a model a line. OUTPUT gets a line a model: its number in LIST, then `A` (accepted), `R` and the node of the first error (-1: an
input or an initializer), the function that raised it and its text, or `X` and how the parser ended. A model that brings the parser down ends
its process only: the rest goes on in a new one. Needs the tensorrt-rtx wheel, whose parser runs without a GPU.
"""

import json
import os
import subprocess
import sys


def judge(paths, start, output):
    import tensorrt_rtx as tensorrt

    class Silent(tensorrt.ILogger):
        def __init__(self):
            tensorrt.ILogger.__init__(self)

        def log(self, severity, message):
            pass

    logger = Silent()
    builder = tensorrt.Builder(logger)
    for number in range(start, len(paths)):
        with open(paths[number], "rb") as file:
            data = file.read()
        network = builder.create_network(0)
        parser = tensorrt.OnnxParser(network, logger)
        accepted = parser.parse(data, paths[number])
        row = ["A"]
        if not accepted:
            row = ["R", -2, "", "no error"]
            if parser.num_errors > 0:
                error = parser.get_error(0)
                text = [line for line in error.desc().split("\n") if "catchCudaError" not in line and not line.startswith("Invalid Node - ")]
                row = ["R", error.node(), error.func(), "\n".join(text)]
        output.write(json.dumps([number, *row]) + "\n")
        output.flush()


def main():
    if sys.argv[1] == "--from":
        with open(sys.argv[3]) as file:
            paths = file.read().splitlines()
        with open(sys.argv[4], "a") as output:
            judge(paths, int(sys.argv[2]), output)
        return
    listing, result = sys.argv[1:3]
    with open(listing) as file:
        count = len(file.read().splitlines())
    open(result, "w").close()
    done = 0
    while done < count:
        ended = subprocess.run([sys.executable, os.path.abspath(__file__), "--from", str(done), listing, result], stderr=subprocess.DEVNULL)
        with open(result) as file:
            done = len(file.readlines())
        if done < count:
            with open(result, "a") as output:
                output.write(json.dumps([done, "X", ended.returncode]) + "\n")
            done += 1


main()
