"""
Whether Python reads a folder that `amortis simulate` wrote: zarr, with its checksums, and xarray, with its dimensions.

    npx amortis simulate gaussian-field --n 1000 --out /tmp/field
    pip install zarr==3.1.6 xarray==2026.9.0
    python packages/amortis/scripts/check_data_set.py /tmp/field

Last run with zarr 3.1.6, numcodecs 0.16.6, xarray 2026.9.0, NumPy 2.4.6 on Python 3.11.
"""

import pathlib
import shutil
import sys
import tempfile
import warnings

import numpy
import xarray
import zarr

warnings.simplefilter("error")
folder = pathlib.Path(sys.argv[1])
print(f"zarr {zarr.__version__}, xarray {xarray.__version__}, numpy {numpy.__version__}")

group = zarr.open_group(folder, mode="r")
info = dict(group.attrs)
rows = info["rows"]
arrays = {path: array for path, array in group.members(max_depth=None) if isinstance(array, zarr.Array)}
expected = {"parameters", "indices", "valid"} | {f"data/{name}" for name in info["dataShapes"]}
assert set(arrays) == expected, (set(arrays), expected)
for path, array in arrays.items():
    assert array.shape[0] == rows and numpy.isfinite(array[:]).all(), path
    print(f"{path}: {array.dtype} {array.shape}, codecs {[codec.to_dict()['name'] for codec in array.metadata.codecs]}")
assert (arrays["indices"][:] == info["firstIndex"] + numpy.arange(rows)).all()
assert arrays["valid"][:].sum() == info["valid"]

dataset = xarray.open_zarr(folder)
assert dataset.parameters.dims == ("simulation", "parameter"), dataset.parameters.dims
assert (dataset.valid.values == arrays["valid"][:]).all()
data = xarray.open_zarr(folder, group="data")
for name, shape in info["dataShapes"].items():
    assert data[name].shape == (rows, *shape), data[name].shape
    assert (data[name].values == arrays[f"data/{name}"][:]).all()
print(data)
print(xarray.open_datatree(folder, engine="zarr"))

with tempfile.TemporaryDirectory() as temporary:
    copy = pathlib.Path(temporary) / "copy"
    for path in arrays:
        shutil.copytree(folder, copy)
        chunk = next(file for file in (copy / path / "c").rglob("*") if file.is_file())
        content = bytearray(chunk.read_bytes())
        content[3] ^= 16
        chunk.write_bytes(content)
        try:
            zarr.open_group(copy, mode="r")[path][:]
        except ValueError as error:
            print(f"{path}, one bit flipped: {str(error)[:80]}")
        else:
            raise SystemExit(f"{path}: a flipped bit goes unseen")
        shutil.rmtree(copy)

print("well")
