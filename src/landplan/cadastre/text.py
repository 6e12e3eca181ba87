"""Text that was read with the wrong encoding, recognised by what it would be in the right one."""

import re

import pandas as pd

_REPLACED = re.compile("[\ufffd\x80-\x9f]")
_HIGH_RUNS = re.compile("[\u00a1-\u00ff]+")
_CJK = re.compile("[\u3400-\u9fff]")


def unreadable(values: pd.Series) -> pd.Series:
    """Mark texts [n] that are mojibake.

    Replacement or control characters, UTF-8 or GBK read as Latin-1.
    """
    text = values.astype("string")
    marked = pd.Series(False, index=values.index)
    suspects = text[text.notna() & text.str.contains("[^\x00-\x7f]", regex=True).fillna(False)]
    if len(suspects):
        distinct = {value: _is_mojibake(value) for value in suspects.unique()}
        marked.loc[suspects.index] = suspects.map(distinct).astype(bool).to_numpy()
    return marked


def _is_mojibake(text: str) -> bool:
    if _REPLACED.search(text):
        return True
    return _was(text, "cp1252", "utf-8") or _was(text, "latin-1", "utf-8") or _was_gbk(text)


def _was(text: str, wrong: str, right: str) -> bool:
    """Whether the bytes behind the text are proper text in another encoding.

    Ordinary accents never are valid UTF-8.
    """
    try:
        return text.encode(wrong).decode(right) != text
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False


def _was_gbk(text: str) -> bool:
    """Two or more Chinese characters read as Latin-1 are runs of four or more high characters.

    Of even length.
    """
    runs = _HIGH_RUNS.findall(text)
    if not runs or any(len(run) % 2 or len(run) < 4 for run in runs):
        return False
    try:
        return all(
            _CJK.fullmatch(character)
            for run in runs
            for character in run.encode("latin-1").decode("gbk")
        )
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False
