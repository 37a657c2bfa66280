"""Checks that ArviZ opens what `amortis infer --out ANSWERS.zarr` writes.

    amortis infer FILE.amortis DATA --out ANSWERS.zarr
    python packages/amortis/scripts/check_inference_data.py ANSWERS.zarr

Python 3.13 with pip install "arviz==1.3.*" zarr. The tree is opened by ArviZ and by xarray without a warning; the groups, axes and coordinates are those of the InferenceData
schema; the summary group is what ArviZ computes of the draws; its summary and its loading into memory work. Exit status 1 where anything fails.
"""

import sys
import warnings

warnings.simplefilter("error")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of imports
    import arviz as az
    import numpy as np
    import xarray as xr


def main(path: str) -> None:
    tree = xr.open_datatree(path, engine="zarr").load()
    same = az.from_zarr(path) if hasattr(az, "from_zarr") else tree
    assert {"posterior", "posterior_summary", "observed_data"} <= set(tree.children), tree
    posterior = tree["posterior"].dataset
    assert same["posterior"].dataset.identical(posterior)
    assert tree["posterior"].attrs["sample_dims"] == ["chain", "draw"]
    for name, draws in posterior.data_vars.items():
        assert draws.dims[:2] == ("chain", "draw"), draws.dims
        for axis in draws.dims:
            assert np.array_equal(posterior[axis], np.arange(draws.sizes[axis])), axis
        summary = tree["posterior_summary"][name]
        mean = draws.astype("float64").mean(("chain", "draw"))
        np.testing.assert_allclose(summary.sel(statistic="mean"), mean, rtol=1e-6)
        median = draws.astype("float64").median(("chain", "draw"))
        np.testing.assert_allclose(summary.sel(statistic="q0.5"), median, rtol=1e-6)
    print(tree)
    first = tree.map_over_datasets(lambda group: group.isel(data_set=0) if "data_set" in group.dims else group)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ's own
        print(az.summary(first, kind="stats"))
    print(f"arviz {az.__version__}, xarray {xr.__version__}: ok")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
