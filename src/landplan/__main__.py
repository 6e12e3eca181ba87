"""``python -m landplan`` is the command ``landplan``."""

from landplan.cli import main

main()
