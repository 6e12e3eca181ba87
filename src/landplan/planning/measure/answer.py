"""From files to files: read a town and a request, measure, write."""

from pathlib import Path

from landplan.cadastre.reading import read_town
from landplan.cadastre.validation import read_toml, validated
from landplan.planning.measure.request import MeasureRequest
from landplan.planning.measure.run import run
from landplan.proposal.files import require_writable
from landplan.proposal.measured import Measured
from landplan.proposal.measured_files import write_measured


def answer(town_file: Path, request_file: Path, out: Path) -> Measured:
    """Answer a request of `measure` and write the report to ``out``.

    Raises InputError or ManyErrors for whatever is wrong with the input; then nothing is written.
    """
    request = validated(MeasureRequest, read_toml(request_file), str(request_file))
    town = read_town(town_file).require()
    require_writable(out)
    return write_measured(run(request, town), out)
