"""Cells of tables as text and numbers: read in one way everywhere, so that keys and ids match."""

import pandas as pd

from landplan.errors import InputError

_EXAMPLES = 5


def as_text(values: pd.Series) -> pd.Series:
    """Return cells [n] as text without blanks around it; blank is missing, 12.0 is "12"."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def require_read(column: str, values: pd.Series, unread: pd.Series) -> None:
    """Raise InputError naming examples of the cells [n] that are marked as unread."""
    if unread.any():
        examples = sorted({str(value) for value in values[unread]})[:_EXAMPLES]
        raise InputError("layer.value_unreadable", column=column, values=examples)
