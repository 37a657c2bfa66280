"""The Open Inference Protocol, asked by NVIDIA's own client: python check_triton.py HOST:PORT MODEL

Health, metadata, JSON and binary tensors, float32 and float64, options, errors. Prints one line where all is well.
"""

import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


def ask(client, model, data, datatype, binary, **options):
    """Draws, means and typicality of data sets [n, ...]."""
    tensor = triton.InferInput("y", list(data.shape), datatype)
    tensor.set_data_from_numpy(data, binary_data=binary)
    outputs = [
        triton.InferRequestedOutput(name, binary_data=binary)
        for name in ("draws", "mean", "typicality")
    ]
    result = client.infer(model, [tensor], outputs=outputs, **options)
    return result, [result.as_numpy(name) for name in ("draws", "mean", "typicality")]


def main(address, model):
    client = triton.InferenceServerClient(address)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert client.is_model_ready(model, "1")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata(model)
    (takes,) = metadata["inputs"]
    shape = [3, *takes["shape"][1:]]
    data = np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)
    options = {"parameters": {"samples": 50, "seed": 7}, "request_id": "one"}

    answers = [
        ask(client, model, data.astype(dtype), datatype, binary, **options)
        for dtype, datatype in ((np.float32, "FP32"), (np.float64, "FP64"))
        for binary in (True, False)
    ]
    for result, (draws, mean, typicality) in answers:
        assert draws.shape == (3, 50, mean.shape[1]) and draws.dtype == np.float32
        assert np.allclose(draws.mean(axis=1), mean, rtol=1e-5, atol=1e-6)
        assert typicality.shape == (3,)
        assert result.get_response()["id"] == "one"
        assert "warnings" in result.get_response()["parameters"]
    # Bytes and text are the same numbers.
    for one, other in ((0, 1), (2, 3)):
        for a, b in zip(answers[one][1], answers[other][1]):
            assert np.array_equal(a, b)

    for bad, status in ((np.full(shape, np.nan, np.float32), "422"), (np.zeros((1, 1), np.float32), "422")):
        try:
            ask(client, model, bad, "FP32", True)
        except InferenceServerException as error:
            assert error.status() == status, error.status()
            assert '"y"' in error.message(), error.message()
        else:
            raise AssertionError("bad data were answered")
    # Several requests at once, by the client's own pool.
    many = triton.InferenceServerClient(address, concurrency=16)
    waiting = []
    for i in range(64):
        tensor = triton.InferInput("y", shape, "FP32")
        tensor.set_data_from_numpy((data + i).astype(np.float32))
        waiting.append(many.async_infer(model, [tensor], parameters={"samples": 10, "seed": i}))
    assert all(one.get_result().as_numpy("draws").shape[:2] == (3, 10) for one in waiting)
    print(f"tritonclient {triton.__name__}: all is well")


if __name__ == "__main__":
    main(*sys.argv[1:])
