"""A workspace: datasets, proposals, scenarios, people and what they did.

W/datasets/<id>/     an immutable copy of a town's files, and a cache of them as read
W/proposals/<id>/    proposals as written and audited
W/uploads/<token>/   what people have sent and not yet imported
W/landplan.db        everything else
"""

import shutil
import time
from pathlib import Path
from typing import Final

from landplan.workspace.database import open_database
from landplan.workspace.datasets import Datasets
from landplan.workspace.events import Events
from landplan.workspace.people import People
from landplan.workspace.proposals import Proposals
from landplan.workspace.records import Staleness
from landplan.workspace.scenarios import Scenarios
from landplan.workspace.staleness import compare_data
from landplan.workspace.upload_limits import UploadLimits
from landplan.workspace.uploads import Uploads

LEFTOVER_AGE_S: Final = 3600.0


class Workspace:
    """Opens what is kept in a folder; several processes may have it open.

    Parameters
    ----------
    folder
        Made if missing.
    url
        SQLAlchemy URL of the database; by default SQLite inside the folder.
    limits
        What an upload may be.
    """

    def __init__(
        self, folder: Path, url: str | None = None, limits: UploadLimits | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.engine = open_database(self.folder, url)
        self.datasets = Datasets(self.folder / "datasets", self.engine)
        self.proposals = Proposals(self.folder / "proposals")
        self.scenarios = Scenarios(self.engine)
        self.events = Events(self.engine)
        self.people = People(self.engine)
        self.uploads = Uploads(self.folder / "uploads", self.engine, self.datasets, limits)
        self._remove_leftovers()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def staleness(self, proposal_id: str) -> Staleness:
        """Compare the data of a proposal with the newest of the same town.

        Raises InputError where the workspace lacks the proposal or its data.
        """
        document = self.proposals.document(proposal_id)
        used = self.datasets.by_hash(document["provenance"]["data_hash"])
        newest = self.datasets.latest(used.series)
        assert newest is not None
        if newest.id == used.id:
            return Staleness(True, used.id)
        before, after = self.datasets.cadastre(used.id), self.datasets.cadastre(newest.id)
        changes = compare_data(used.id, before, newest.id, after)
        parcels = self.proposals.get(proposal_id).parcels
        inside = set(parcels.loc[parcels["site_id"].notna(), "parcel_id"])
        affected = tuple(sorted(inside & {*changes.changed, *changes.removed}))
        return Staleness(
            False, used.id, newest, changes.changed, changes.added, changes.removed, affected
        )

    def _remove_leftovers(self) -> None:
        """Remove what a killed import or run left half done, once it is surely dead."""
        for home in (self.datasets.home, self.proposals.home):
            for left in home.glob(".*") if home.is_dir() else ():
                if left.is_dir() and time.time() - left.stat().st_mtime > LEFTOVER_AGE_S:
                    shutil.rmtree(left, ignore_errors=True)
        self.uploads.clean()
