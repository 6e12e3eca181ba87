"""Draft a town file from files whose meaning nobody has written down yet."""

from landplan.cadastre.draft.drafting import Draft, draft_town
from landplan.cadastre.draft.notes import Note

__all__ = ["Draft", "Note", "draft_town"]
