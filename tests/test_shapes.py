"""Shapes that an outline can start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import shapes
from writer.errors import FileError, UsageError
from writer.text import language_of

NAMES = {
    "three-acts", "seven-points", "heros-journey", "qi-cheng-zhuan-he", "inverted-pyramid", "feature", "interview",
    "report", "blank",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_writers_shapes_are_complete(language: str) -> None:
    found = shapes.shapes(language)
    assert {shape.name for shape in found} == NAMES
    for shape in found:
        assert language_of(shape.title + shape.about) == language
        assert len({stage.title for stage in shape.stages}) == len(shape.stages)
        assert not shape.stages or sum(stage.share for stage in shape.stages) == pytest.approx(1)
        for stage in shape.stages:
            assert language_of(stage.purpose) == language
            assert stage.purpose.endswith("." if language == "en" else "。")
    assert {shape.name for shape in found if not shape.stages} == {"blank"}


def test_a_shape_is_found_by_name_and_by_title_in_either_language() -> None:
    assert shapes.find("Three Acts", "en").name == "three-acts"
    assert shapes.find("三幕", "zh").title == "三幕"
    assert shapes.find("起承转合", "en").title.startswith("Begin")
    with pytest.raises(UsageError, match="“four-acts”; choose one of three-acts"):
        shapes.find("four-acts", "en")


@given(st.sampled_from(sorted(NAMES)), st.integers(1, 30))
def test_stages_are_spread_over_any_number(name: str, count: int) -> None:
    shape = shapes.find(name, "en")
    spread = shape.spread(count)
    assert len(spread) == count
    assert sum(stage.share for stage in spread) == pytest.approx(1)
    if shape.stages:
        places = [[one.title for one in shape.stages].index(stage.title) for stage in spread]
        assert places == sorted(places)
        assert count == 1 or (places[0], places[-1]) == (0, len(shape.stages) - 1)


def test_the_authors_own_shape(home: Path) -> None:
    own(home, "mine", 'title = "Mine"\n[[stages]]\ntitle = "Rain"\npurpose = "It rains."\nshare = 3\n[[stages]]\n')
    found = shapes.find("mine", "zh")
    assert (found.title, found.kind, [stage.share for stage in found.stages]) == ("Mine", "story", [0.75, 0.25])
    assert shapes.find("Mine", "en") == shapes.shapes("en")[-1]


def test_the_authors_shape_takes_the_place_of_writers(home: Path) -> None:
    own(home, "three-acts", 'kind = "article"\n[zh]\ntitle = "我的三幕"\nstages = [{title = "一"}]\n')
    assert shapes.find("three-acts", "en").title == "我的三幕"
    assert len(shapes.shapes("en")) == len(NAMES)


@pytest.mark.parametrize(
    "content",
    [
        "not toml at all [",
        'kind = "poem"',
        "stages = 3",
        "stages = [1]",
        '[[stages]]\nshare = "much"',
        "[[stages]]\nshare = 0",
        "[[stages]]\nshare = nan",
        "[[stages]]\ntitle = 3",
        "title = 3",
        "[[stages]]\n" * 41,
        "#" * 70_000,
        b"\xff\xfe\x00",
    ],
)
def test_a_file_that_is_no_shape_is_told_of_and_left_out(home: Path, content: str | bytes) -> None:
    own(home, "broken", content)
    told: list[str] = []
    assert len(shapes.shapes("en", told.append)) == len(NAMES)
    assert len(told) == 1
    assert "broken.toml" in told[0]
    with pytest.raises(FileError, match=r"broken\.toml can't be used"):
        shapes.find("broken", "en")


def own(home: Path, name: str, content: str | bytes) -> None:
    folder = shapes.folder()
    folder.mkdir(parents=True, exist_ok=True)
    assert folder.is_relative_to(home)
    (folder / f"{name}.toml").write_bytes(content.encode() if isinstance(content, str) else content)
