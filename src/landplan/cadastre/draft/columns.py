"""What a column holds, from its name and its values."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")

HINTS: Final[dict[str, tuple[str, ...]]] = {
    "id": (
        r"\b(zddm|zdbh|bdcdyh)\b|宗地代码|宗地号|宗地編號|不动产单元",
        r"\b(parcel|plot|lot|cadastral)s? ?(id|no|nr|num|number|code|ref)\b",
        r"\b(pin|apn|gpin|dkbm|upi)\b|地块编[号码]|地[号號]",
    ),
    "municipality": (r"\b(code ?com|dep ?com|insee|commune|municipality)\b|行政区",),
    "technical": (r"^(object ?id|fid|ogc ?fid|gid|global ?id|u?id|uuid|guid|shape)\b",),
    "owner": (
        r"\b(owner|holder) ?(id|code|key|no)\b|权利人(编号|代码)",
        r"\b(owner|holder|proprietor|qlr|titulaire|proprietaire)\b|权利人|所有权人|使用权人|土地使用者",
        r"\b(book ?page|deed)\b",
    ),
    "land_use": (
        r"\bdlbm\b|地类编码|用地代码|地类代码",
        r"\b(land ?use|use ?desc\w*)\b|用地性质|土地用途|地类|使用分",
        r"\b(use ?code|use|usage)\b|用途",
        r"\bzon(e|ing)\b",
    ),
    "zone": (
        r"\b(zone|zoning) ?(code|type|id|name)?\b|\btype ?zone\b|分区代|用地代码|使用分|规划用途",
        r"\b(district|distr|base distr)\b|用地性质|分区",
        r"\b(libelle|code|class|type|kind)\b|代码|类型|类别",
    ),
    "kind": (r"\b(kind|type|category|class)\b|类型|类别|种类",),
    "cost": (r"\b(cost|acquisition|purchase|compensation)\b|成本|收购|征收|补偿",),
    "value": (
        r"\b(total|full|parcel|property)\b.*\bval(ue)?\b|总价|总值",
        r"\b(val(ue)?|price|worth|valeur|jg)\b|地价|估价|评估|[单总]价|价[值格]|價",
    ),
    "land_part": (r"\bland\b.*\bval(ue)?\b|\bval(ue)?\b.*\bland\b|地价",),
    "improvement_part": (r"\b(improve\w*|building|bldg|structure)\b|建筑|房屋",),
    "per_m2": (r"\bper ?(m2|sqm)\b|unit ?price|单价|/㎡|/m2|每平方",),
    "area": (
        r"\b(area|acres?|acreage|hectares?|contenance|superficie|zdmj|mj)\b|面积|面積|參考面|参考面",
    ),
    "other_area": (
        r"\b(living|gross|floor|building|bldg|footprint|shape|perimeter)\b|建筑|房屋|容积",
    ),
    "year_built": (r"\b(yr|year) ?(built|of construction)\b|建成年|建造年|竣工",),
    "floors": (r"\b(floors?|stor(e?y|ies)|levels?)\b|层数",),
    "height_m": (r"\b(height|hauteur)\b|高度|建筑高",),
    "class": (r"\b(road ?class|class|highway|importance|nature|category)\b|等级|类[型别]",),
    "width_m": (r"\b(width|largeur|breite)\b|宽",),
    "capacity": (r"\bcapacity\b|容量|规模",),
    "parcel": (r"\b(parcel|plot|lot)s?\b|宗地|地块|zddm",),
    "share": (r"\bshare\b|份额|比例",),
    "hard": (r"\bhard\b|强制|刚性",),
    "buffer_m": (r"\bbuffer\b|退[让距]|缓冲",),
    "consent": (r"\bconsent\b|意愿|同意",),
    "refusal_probability": (r"\brefusal\b|拒绝",),
    "homestead_x": (r"\bhomestead x\b",),
    "homestead_y": (r"\bhomestead y\b",),
    "type": (r"\btype\b|权利类型",),
    "ownership": (r"\bownership\b|所有权性质|权属性质",),
    "end": (r"\bend\b|终止|到期|期限",),
    "encumbrance": (r"\bencumbrance\b|抵押|限制",),
    "right_end": (r"\bright end\b|使用期限|终止日期",),
}


def words(name: str) -> str:
    """Split a column or file name into lower-case words: ``TotalValue`` gives "total value"."""
    spaced = _CAMEL.sub(" ", re.sub(r"[\W_]+", " ", name))
    return re.sub(r"\s+", " ", spaced).strip().lower()


def hinted(name: str, hint: str) -> int:
    """Rank how well a name fits a hint: 1 = best pattern, 0 = none."""
    text = words(name)
    for rank, pattern in enumerate(HINTS[hint], start=1):
        if re.search(pattern, text):
            return rank
    return 0


@dataclass(frozen=True)
class Profile:
    """A column with what its values show; ``text`` has no blanks around it and no empty strings."""

    name: str
    values: pd.Series

    @cached_property
    def text(self) -> pd.Series:
        """The values as the reader of town files compares them: 12.0 is "12"."""
        values = self.values
        if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
            values = values.astype("Int64")
        text = values.astype("string").str.strip()
        return text.mask(text == "")

    @cached_property
    def filled(self) -> float:
        """Share of rows with a value."""
        return float(self.text.notna().mean()) if len(self.text) else 0.0

    @cached_property
    def distinct(self) -> int:
        """Number of different values."""
        return int(self.text.nunique())

    @cached_property
    def repeated(self) -> float:
        """Share of the rows that are empty or share their value with another row."""
        if not len(self.text):
            return 1.0
        return float((self.text.isna() | self.text.duplicated(keep=False)).mean())

    @cached_property
    def numbers(self) -> pd.Series:
        """The values as numbers, NaN where they are none."""
        return pd.to_numeric(self.text, errors="coerce").astype("float64")

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nearly all values are numbers."""
        known = self.text.notna()
        return bool(known.any() and self.numbers[known].notna().mean() > 0.98)

    @cached_property
    def is_measure(self) -> bool:
        """Whether the values are dates or numbers with fractions: no codes, no names."""
        if pd.api.types.is_datetime64_any_dtype(self.values):
            return True
        if pd.api.types.is_bool_dtype(self.values):
            return True
        return bool(self.is_numeric and (self.numbers.dropna() % 1 != 0).any())

    @cached_property
    def is_technical(self) -> bool:
        """Whether it is a running number or key of a program, not of the register."""
        sample = self.text.dropna().head(20)
        uuids = bool(len(sample)) and all(_UUID.fullmatch(value) for value in sample)
        return uuids or hinted(self.name, "technical") > 0

    @property
    def is_code(self) -> bool:
        """Whether the values may name things: filled, short, no measures."""
        lengths = self.text.dropna().str.len()
        return (
            not self.is_measure and self.distinct > 1 and bool(np.median(lengths.to_numpy()) <= 40)
        )


def profiles(frame: pd.DataFrame) -> list[Profile]:
    """Return the profiles of all columns that hold anything."""
    found = [Profile(str(name), frame[name]) for name in frame.columns if name != "geometry"]
    return [profile for profile in found if profile.filled > 0]


def best(found: list[Profile], hint: str, least_filled: float = 0.3) -> Profile | None:
    """Return the profile whose name fits a hint best; the earlier column wins a tie."""
    ranked = [
        (rank, position, profile)
        for position, profile in enumerate(found)
        if profile.filled >= least_filled and (rank := hinted(profile.name, hint))
    ]
    return min(ranked, key=lambda entry: entry[:2])[2] if ranked else None
