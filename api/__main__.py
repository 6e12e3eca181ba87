"""`python -m api`: serve a workspace."""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.accounts import accounts
from api.settings import Settings
from landplan.errors import LandplanError
from landplan.messages import choose_language, say


class JsonLines(logging.Formatter):
    """One JSON object per line: what an intranet's log collector reads."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record with its facts."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


application = typer.Typer(pretty_exceptions_enable=False)
application.add_typer(accounts, name="people")


@application.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    workspace: Annotated[Path | None, typer.Option(help="Folder of the workspace.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the console, the OGC API and the embedded map of a workspace."""
    if context.invoked_subcommand is not None:
        return
    language = choose_language(os.environ.get("LANDPLAN_LANG"))
    given = {"workspace": workspace, "host": host, "port": port}
    try:
        settings = Settings(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]  # typed by its fields
        # imported only to serve: whatever is refused is refused at once
        import uvicorn

        from api.app import create_app

        app = create_app(settings)
    except ValidationError as error:
        for fault in error.errors():
            where = ".".join(str(part) for part in fault["loc"]) or "–"
            print(
                say("api.setting", {"name": where, "detail": fault["msg"]}, language),
                file=sys.stderr,
            )
        raise typer.Exit(2) from None
    except LandplanError as error:
        print(say(error.code, error.params, language), file=sys.stderr)
        raise typer.Exit(2) from None
    origin = settings.public_origin or f"http://{settings.host}:{settings.port}"
    address = f"{origin}{settings.path_prefix}/"
    print(say("api.serving", {"address": address}, language), file=sys.stderr, flush=True)
    if settings.mode == "open":
        print(say("api.open_mode", None, language), file=sys.stderr, flush=True)
    _log_as_json()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def _log_as_json() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


if __name__ == "__main__":
    application(prog_name="python -m api")
