"""Compile all kernels once, so that the first request does not wait: ``python -m landplan.planning.warm_up``."""

from landplan.cadastre import bridges
from landplan.optimize.assembly import engine


def main() -> None:
    """Compile into the cache folder of numba."""
    bridges.warm_up()
    engine.warm_up()


if __name__ == "__main__":
    main()
