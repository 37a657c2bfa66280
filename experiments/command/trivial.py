"""As little as a simulator can do: a line in, a line out."""

import json
import random
import sys

for line in sys.stdin:
    request = json.loads(line)
    x = request["parameters"]["mean"] + random.Random(request["seed"]).gauss(0.0, 1.0)
    print(json.dumps({"id": request["id"], "data": {"x": x}}), flush=True)
