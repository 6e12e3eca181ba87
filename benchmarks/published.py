"""Compare the fabrics with other generators of these families: `python -m benchmarks.published F`.

The file F has functions ``vor``, ``gui`` and ``attributes``.
"""

import importlib.util
import sys

import numpy as np

from benchmarks.fabrics import guillotine_fabric, prices, voronoi_fabric


def compare_with_published(path: str) -> None:
    """Check that the fabrics equal those of the published generators."""
    spec = importlib.util.spec_from_file_location("published", path)
    assert spec is not None
    assert spec.loader is not None
    published = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(published)
    for own, theirs in ((voronoi_fabric, published.vor), (guillotine_fabric, published.gui)):
        for n, seed in ((300, 0), (2_000, 3)):
            fabric, other = own(n, seed), published.attributes(theirs(n, seed), seed)
            price, zoned_out = prices(fabric, seed)
            same = [
                np.array_equal(fabric.xy, other["xy"]),
                np.array_equal(fabric.area, other["area"]),
                np.array_equal(fabric.borders, other["e"]),
                np.array_equal(price, other["price"]),
                np.array_equal(zoned_out, other["bad"]),
            ]
            print(f"{own.__name__} {n} seed {seed}: {'equal' if all(same) else 'DIFFERENT'}")


if __name__ == "__main__":
    compare_with_published(sys.argv[1])
