"""What stands around the map: legend of what is drawn, scale bar, north arrow, date, frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from landplan.messages import Language, say
from landplan.messages.numbers import decimal, length
from maps.svg_labels import Box, line, width_of
from maps.svg_sheet import PER_MM, PER_PX, Sheet, bar_length
from maps.svg_style import cased, drawn, ground, icon, number
from maps.symbols import LEGEND_ORDER, interface, symbols

SIZE: Final = 30
"""Height of the letters around the map, in user units: 3 mm, 8.5 pt."""
ROW: Final = 50
_SAMPLE: Final = (70, 36)
_GAP: Final = 20
_BAR: Final = 24


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the legend: a sample, what is written in it, and what it means."""

    key: str
    label: str
    letter: str = ""


def entries(
    drawn_keys: Iterable[str], language: Language, sites: Sequence[Entry] = ()
) -> list[Entry]:
    """Return the legend of what is drawn, in map order.

    ``sites`` are the sites with their letters; they stand in place of the general line.
    """
    keys = set(drawn_keys)
    found: list[Entry] = []
    for key in LEGEND_ORDER:
        if key == "site" and sites:
            found.extend(sites)
        elif key in keys:
            letter = symbols()[key].letter or ""
            found.append(Entry(key, say(f"map.legend.{key}", None, language), letter))
    return found


def legend_rows(items: Sequence[Entry], width: int) -> list[list[Entry]]:
    """Return the legend broken into rows that fit the width."""
    rows: list[list[Entry]] = [[]]
    used = 0.0
    for item in items:
        wide = _entry_width(item)
        if rows[-1] and used + wide > width:
            rows.append([])
            used = 0.0
        rows[-1].append(item)
        used += wide
    return [row for row in rows if row]


def legend(rows: Sequence[Sequence[Entry]], left: int, top: int, ident: str) -> str:
    """Return the drawn legend, its rows from ``top`` down."""
    parts = []
    for position, row in enumerate(rows):
        x = float(left)
        y = top + position * ROW + ROW // 2
        for item in row:
            parts.append(_sample(item, x, y, ident))
            text_x = x + _SAMPLE[0] + _GAP / 2
            ink = interface()["ink"]
            parts.append(line(item.label, text_x, y, SIZE, colour=ink, anchor="start", halo=False))
            x += _entry_width(item)
    return f"<g>{''.join(parts)}</g>"


def scale_line(sheet: Sheet, left: int, top: int, width: int, language: Language, note: str) -> str:
    """Return the line with scale bar and scale on the left, and a note (the date) on the right."""
    ink = interface()["ink"]
    metres = bar_length(sheet, min(500.0, width * 0.3))
    bar = sheet.units(metres)
    y = top + ROW // 2
    quarter = bar / 4
    parts = [f'<path fill="none" stroke="{ink}" stroke-width="2.5" d="{_bar(left, y, bar)}"/>']
    for start in (0, 2):
        x = left + start * quarter
        parts.append(
            f'<rect x="{number(x)}" y="{number(y - _BAR / 4)}" width="{number(quarter)}" '
            f'height="{number(_BAR / 2)}" fill="{ink}"/>'
        )
    scale = say("print.map.scale", {"scale": decimal(sheet.scale, 0)}, language)
    label = f"{length(metres, language)}  ·  {scale}"
    x = left + bar + _GAP
    parts.append(line(label, x, y, SIZE, colour=ink, anchor="start", halo=False))
    if note:
        parts.append(line(note, left + width, y, SIZE, colour=ink, anchor="end", halo=False))
    return f"<g>{''.join(parts)}</g>"


def north_box(sheet: Sheet) -> Box:
    """Return the room that the north arrow takes, which no label may have."""
    right = sheet.left + sheet.width
    return right - 100, sheet.top, right, sheet.top + 170


def north(sheet: Sheet, language: Language) -> str:
    """Return an arrow to grid north in the upper right corner of the map."""
    ink = interface()["ink"]
    x, y = sheet.left + sheet.width - 60, sheet.top + 40
    arrow = f"M{x} {y}l26 80l-26-18l-26 18z"
    half = f"M{x} {y}l26 80l-26-18z"
    word = say("print.map.north", None, language)
    return (
        f'<g><path fill="#FFFFFF" stroke="{ink}" stroke-width="3" d="{arrow}"/>'
        f'<path fill="{ink}" d="{half}"/>'
        f"{line(word, x, y + 104, SIZE, colour=ink, bold=True)}</g>"
    )


def frame(sheet: Sheet) -> str:
    """Return the line around the map."""
    return (
        f'<rect x="{sheet.left}" y="{sheet.top}" width="{sheet.width}" height="{sheet.height}" '
        f'fill="none" stroke="{interface()["ink"]}" stroke-width="3"/>'
    )


def _bar(left: float, y: float, bar: float) -> str:
    half = _BAR / 4
    return f"M{number(left)} {number(y - half)}h{number(bar)}v{number(2 * half)}h{number(-bar)}z"


def _entry_width(item: Entry) -> float:
    return _SAMPLE[0] + _GAP * 2 + width_of(item.label, SIZE)


def _sample(item: Entry, x: float, y: float, ident: str) -> str:
    """Return a small example of a symbol, as it looks on the map."""
    symbol = symbols()[item.key]
    wide, high = _SAMPLE
    inset = min(symbol.stroke_width * PER_PX / 2, 4)
    left, top = x + inset, y - high / 2 + inset
    box = f"M{number(left)} {number(top)}h{number(wide - 2 * inset)}v{number(high - 2 * inset)}"
    box += f"h{number(2 * inset - wide)}z"
    strip = f"M{number(x)} {number(y - 9)}h{wide}v18h{-wide}z"
    rule = f"M{number(x)} {number(y)}h{wide}"
    if item.key == "crossing":
        shown = cased(symbol, strip)
    elif item.key in ("street", "parcel"):
        inside = symbols()["ground" if item.key == "parcel" else "street"]
        shown = ground(inside, box) + drawn(symbols()["parcel"], box, ident)
    elif symbol.fill or symbol.pattern or symbol.icon:
        shown = drawn(symbol, box, ident)
    else:
        shown = drawn(symbol, rule if item.key == "zone" else box, ident)
    middle = x + wide / 2
    if symbol.icon:
        shown += icon(symbol.icon, middle, y, 2.6 * PER_MM, interface()["ink"])
    if item.letter:
        colour = interface()["ink"]
        shown += line(item.letter, middle, y, SIZE, colour=colour, bold=True)
    return shown
