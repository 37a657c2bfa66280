"""A normal variable around `mean`, of the seed alone; and all that can go wrong, by what `fault` says."""

import json
import os
import random
import sys
import time

fault = sys.argv[1] if len(sys.argv) > 1 else "none"
for line in sys.stdin:
    request = json.loads(line)
    mean = request["parameters"]["mean"]
    bad = mean > 1.0
    if bad and fault == "throw":
        raise ValueError(f"the mean {mean:.3f} is too large")
    if bad and fault == "hang":
        time.sleep(1000)
    if bad and fault == "exit":
        os._exit(7)
    if bad and fault == "junk":
        print("Traceback: this is no answer")
    if bad and fault == "memory":
        held = bytearray(2**29)
        time.sleep(1000)
    if bad and fault == "error":
        print(json.dumps({"id": request["id"], "error": "no solution"}), flush=True)
        continue
    if bad and fault == "shape":
        print(json.dumps({"id": request["id"], "data": {"x": [1.0]}}), flush=True)
        continue
    rng = random.Random(request["seed"])
    x = [rng.gauss(mean, 1.0) for _ in range(3)]
    if bad and fault == "nan":
        x[1] = float("nan")
    print(json.dumps({"id": request["id"], "data": {"x": x}}), flush=fault != "held")
