"""``python -m maps DIR -o map.html``: the map of a proposal as files that open without a server."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.messages import LANGUAGES, choose_language, say
from maps.basemap import basemap

_BAD_INPUT = 2
_INTERNAL = 70


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, like every other fault."""

    def error(self, message: str) -> NoReturn:
        raise InputError("map.usage", detail=message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 or 2 and never shows a traceback."""
    language = choose_language(os.environ.get("LANDPLAN_LANG"))
    try:
        options = _parser().parse_args(arguments)
        language = options.language or language
        background = basemap(
            options.basemap, options.basemap_url, options.attribution, options.max_zoom
        )
        # heavy imports after the arguments: --help stays quick
        from landplan.proposal.files import read_proposal
        from maps.export import write_map
        from maps.view import proposal_view

        view = proposal_view(
            read_proposal(options.proposal),
            language=language,
            role=options.role,
            data_date=options.data_date,
            basemap=background,
        )
        write_map(view, options.output)
    except LandplanError as error:
        faults = error.errors if isinstance(error, ManyErrors) else (error,)
        for fault in faults:
            print(say(fault.code, fault.params, language), file=sys.stderr)
        return error.exit_code
    except Exception as fault:
        if os.environ.get("LANDPLAN_TRACEBACK"):
            raise
        params = {"kind": type(fault).__name__, "detail": str(fault)}
        print(say("cli.internal", params, language), file=sys.stderr)
        return _INTERNAL
    print(say("map.written", {"file": str(options.output)}, language), file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m maps",
        description="Write the map of a proposal as a page and a folder beside it.",
        epilog="The page opens from the file system and from any server; it calls no other host.",
    )
    parser.add_argument("proposal", type=Path, metavar="DIR", help="folder of the proposal")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("map.html"), help="page to write (map.html)"
    )
    parser.add_argument("--language", choices=LANGUAGES, help="default: LANDPLAN_LANG, else en")
    parser.add_argument(
        "--role",
        choices=("viewer", "planner"),
        default="viewer",
        help="viewer (default): neither owners nor money in the files",
    )
    parser.add_argument("--data-date", default="", help="date of the register, as it shall be read")
    parser.add_argument("--basemap", choices=("none", "xyz", "wmts"), default="none")
    parser.add_argument("--basemap-url", default="", help="template on the intranet")
    parser.add_argument("--attribution", default="", help="source of the background")
    parser.add_argument("--max-zoom", type=int, default=19, help="deepest level of the background")
    return parser


if __name__ == "__main__":
    sys.exit(main())
