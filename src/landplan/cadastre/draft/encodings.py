"""Which encoding the text of a shapefile or CSV is in, judged from its bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

_SAMPLE_BYTES: Final = 4_000_000
_LEAST_SHARE: Final = 0.6
_LANGUAGE_BYTE: Final = 29  # of a dBASE header: 0 = no code page stated


def _frequent_in(codec: str, first: int, last: int) -> Callable[[str], bool]:
    """Whether a character lies in the block of frequent characters of a two-byte code."""

    def frequent(character: str) -> bool:
        try:
            coded = character.encode(codec)
        except UnicodeEncodeError:
            return False
        return len(coded) == 2 and first <= coded[0] <= last

    return frequent


def _is_accented_letter(character: str) -> bool:
    return "À" <= character <= "ÿ" and character not in "×÷"


# Text read in the wrong two-byte code falls on rare characters: the right one has most in its
# block of frequent ones (level 1 of GB 2312: lead bytes B0–D7; level 1 of Big5: A4–C6).
_CANDIDATES: Final[tuple[tuple[str, str, Callable[[str], bool]], ...]] = (
    ("GBK", "gbk", _frequent_in("gb2312", 0xB0, 0xD7)),
    ("Big5", "big5", _frequent_in("big5", 0xA4, 0xC6)),
    ("windows-1252", "cp1252", _is_accented_letter),
)


def guess_encoding(content: bytes) -> str | None:
    """Return ``utf-8`` where the bytes prove it, else the likeliest of GBK, Big5 and windows-1252.

    None means that nothing fits well. Bytes above 7F that are valid UTF-8 are UTF-8: GBK or Big5
    text is practically never valid UTF-8.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    fits = {name: _fit(content, codec, frequent) for name, codec, frequent in _CANDIDATES}
    best = max(fits, key=lambda name: fits[name])
    return best if fits[best] >= _LEAST_SHARE else None


def _fit(content: bytes, codec: str, frequent: Callable[[str], bool]) -> float:
    """Return the share of frequent ones among the characters beyond ASCII; 0 if undecodable."""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    foreign = [character for character in text if ord(character) > 0x7F]
    return sum(map(frequent, foreign)) / len(foreign) if foreign else 0.0


def table_encoding(path: Path) -> str | None:
    """Return the encoding of a CSV file; None where nothing fits."""
    return guess_encoding(_whole_lines(path.read_bytes()[:_SAMPLE_BYTES]))


def shapefile_encoding(path: Path) -> tuple[str | None, bool]:
    """Return the encoding to read a shapefile with, and whether the file itself settles it.

    A code page file, a language byte or text that proves itself settle it; otherwise the encoding
    is a guess that a person must confirm, or None.
    """
    if any(path.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG")):
        return None, True
    table = next(path.with_suffix(s) for s in (".dbf", ".DBF") if path.with_suffix(s).is_file())
    raw = table.read_bytes()[:_SAMPLE_BYTES]
    if raw[_LANGUAGE_BYTE]:
        return None, True
    names = b"".join(raw[start : start + 11] for start in range(32, _header(raw) - 1, 32))
    guess = guess_encoding(names.replace(b"\x00", b" ") + raw[_header(raw) :])
    return guess, guess == "utf-8"


def _header(raw: bytes) -> int:
    return int.from_bytes(raw[8:10], "little")


def _whole_lines(content: bytes) -> bytes:
    """Drop a last line that the sample cut in the middle of a character."""
    return content if len(content) < _SAMPLE_BYTES else content[: content.rfind(b"\n") + 1]
