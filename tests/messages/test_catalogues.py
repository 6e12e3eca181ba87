"""Both languages say the same things, and the code raises only what they can say."""

import ast
import re
import string
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from landplan.messages import LANGUAGES, choose_language, say

SOURCE = Path(str(files("landplan")))
CODE = re.compile(r"^[a-z_]+(\.[a-z_0-9]+)+$")


def entries(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((SOURCE / "messages" / language).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=language):
                code = message.id if isinstance(message.id, str) else message.id[0]
                if code:
                    assert code not in found, f"{code} stands twice ({path.name})"
                    texts = (
                        message.string
                        if isinstance(message.string, tuple | list)
                        else [message.string]
                    )
                    found[code] = [str(text) for text in texts]
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_catalogues_hold_the_same_codes():
    assert set(entries("en")) == set(entries("zh"))


def test_both_languages_name_the_same_values():
    english, chinese = entries("en"), entries("zh")
    for code, texts in english.items():
        # a singular may say "one" where the plural says the number
        assert placeholders(texts[-1]) - {"n"} == placeholders(chinese[code][-1]) - {"n"}, code


def test_no_sentence_is_empty():
    for language in LANGUAGES:
        for code, texts in entries(language).items():
            assert all(texts), (language, code)


def test_chinese_sentences_hold_chinese():
    for code, texts in entries("zh").items():
        bare = re.sub(r"\{[^}]*\}", "", texts[0])
        assert not re.search("[A-Za-z]{4,}", bare) or re.search("[\u4e00-\u9fff]", bare), code


def raised_codes() -> set[str]:
    """Codes given to errors and findings anywhere in the package."""
    makers = {
        "InputError",
        "LandplanError",
        "AuditFailed",
        "NothingFound",
        "LookupFault",
        "Finding",
    }
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in makers
                and node.args
            ):
                first = node.args[0]
                if (
                    isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                    and CODE.match(first.value)
                ):
                    found.add(first.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_is_raised_has_a_sentence(language):
    missing = {code for code in raised_codes() if code not in entries(language)}
    assert not missing


def test_a_plural_follows_the_number():
    assert say("many", {"n": 1}) == "One fault was found."
    assert say("many", {"n": 3}) == "3 faults were found."
    assert say("many", {"n": 3}, "zh") == "共发现3处问题。"


def test_an_unknown_code_is_shown_with_all_that_is_known():
    assert say("no.such.code", {"file": "a.gpkg"}) == "no.such.code (file: a.gpkg)"


def test_a_sentence_that_misses_a_value_does_not_break():
    assert say("file.is_folder", {}) == "file.is_folder"


def test_long_lists_are_cut_and_counted():
    text = say("id.duplicate", {"measured": 12, "ids": [str(i) for i in range(12)]})
    assert "9 … (+2)" in text


@pytest.mark.parametrize(
    ("wish", "language"), [("zh_CN.UTF-8", "zh"), ("en", "en"), (None, "en"), ("fr", "en")]
)
def test_the_language_wish_is_understood(wish, language):
    assert choose_language(wish) == language
