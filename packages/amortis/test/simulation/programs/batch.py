"""The same simulator, asked for batches as NumPy arrays: with the standard library alone, so that the tests need no NumPy."""

import ast
import random
import struct
import sys


def read(pipe):
    head = pipe.read(10)
    if len(head) < 10:
        return None, None
    header = ast.literal_eval(pipe.read(struct.unpack("<H", head[8:])[0]).decode())
    assert header["descr"] == "<f8"
    size = 1
    for length in header["shape"]:
        size *= length
    return struct.unpack(f"<{size}d", pipe.read(8 * size)), header["shape"]


def write(pipe, values, shape):
    header = str({"descr": "<f8", "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    pipe.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    pipe.write(struct.pack(f"<{len(values)}d", *values))


while True:
    means, shape = read(sys.stdin.buffer)
    if means is None:
        break
    seeds, _ = read(sys.stdin.buffer)
    if "exit" in sys.argv and max(means) > 1.0:
        sys.exit(7)
    x = []
    for mean, seed in zip(means, seeds):
        rng = random.Random(int(seed))
        x += [rng.gauss(mean, 1.0) for _ in range(3)]
    write(sys.stdout.buffer, x, (shape[0], 3))
    sys.stdout.flush()
