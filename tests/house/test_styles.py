"""The style sheets of one page: a class that the sheet of one room styles does not occur in another room."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "frontend" / "src"
# Top-level sheets of one room; a sheet in a folder belongs to the folder's room, those of `views` to the laboratory.
ROOMS = {"charts": "laboratory", "views": "laboratory"}
SHARED = {
    "laboratory": "the root of each laboratory, in a lesson, too",
    "menu": "a list that opens",
    "quiet": "a button without a frame",
    "soft": "text of less weight",
    "story": "sentences about a run, which each room places",
    "strip": "a row of buttons and times",
    "theme": "the root of each page, with its colours",
    "tools": "a row of buttons",
}
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")


def selectors(sheet: str) -> list[str]:
    """Return the selectors of all rules in a style sheet, those inside `@media` and its like, too."""
    text = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    heads = (head.strip() for head in re.findall(r"([^{};]+)\{", text))
    return [
        selector
        for head in heads
        if not head.startswith("@")
        for selector in re.split(r",(?![^()]*\))", head)
    ]


def collisions(sheets: dict[str, str]) -> dict[str, list[str]]:
    """Return the classes that open a selector of one room and occur in another, with these rooms.

    A selector styles all elements of the class that opens it, wherever they are.
    """
    opening, occurring = defaultdict(set), defaultdict(set)
    for room, sheet in sheets.items():
        for selector in selectors(sheet):
            first, *_ = re.split(r"[\s>+~]+", selector.strip())
            if name := CLASS.search(first):
                opening[name[1]].add(room)
            for name in CLASS.findall(selector):
                occurring[name].add(room)
    return {name: sorted(occurring[name]) for name in opening if len(occurring[name]) > 1}


def rooms() -> dict[str, str]:
    """Return the style sheets of each room as one text."""
    found: dict[str, str] = {}
    for path in sorted(SOURCES.rglob("*.css")):
        place = path.relative_to(SOURCES).with_suffix("").parts[0]
        room = ROOMS.get(place, place)
        found[room] = found.get(room, "") + path.read_text(encoding="utf-8")
    return found


def test_rooms_share_only_the_classes_that_are_meant_to_be():
    assert {n: found for n, found in collisions(rooms()).items() if n not in SHARED} == {}


def test_the_list_of_shared_classes_names_no_other():
    assert SHARED.keys() <= collisions(rooms()).keys()


def test_a_rule_of_all_elements_collides_and_one_within_a_room_does_not():
    one = ".a { x: y } /* .b {} */ @media (width: 1px) { .c > .d, .e { x: y } }"
    assert collisions({"one": one, "two": ".z .a {}"}) == {"a": ["one", "two"]}
    assert collisions({"one": one, "two": ".z .b, .z :is(.d, .f) {}"}) == {}
    assert collisions({"one": one, "two": ".z .e {}"}) == {"e": ["one", "two"]}
