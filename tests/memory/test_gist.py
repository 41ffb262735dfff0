import pytest

from tests.memory.books import prose
from writer.memory import digest, gist


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_gist_stays_small_whatever_lies_below(language):
    many = [
        gist.Gist(
            1000,
            1,
            0,
            200,
            {f"Name{i}.{j}": gist.Named(1, 0, 1, 0, (j, j + 9), (j, j + 9), (((j, j + 9), 10),)) for j in range(60)},
            tuple(gist.Stated(f"Name{i}.{j}", "eyes", "grey", (0, 20), prose(f"{i}", 15, language)) for j in range(40)),
            tuple(gist.Line((j, j + 9), j, (f"Name{i}.{j}",), frozenset({i, j})) for j in range(4)),
        )
        for i in range(200)
    ]
    whole = gist.merged(many)
    assert (whole.chunks, whole.words) == (200, 40_000)
    assert len(whole.names) == gist.MOST_NAMES
    assert len(whole.statements) == gist.MOST_STATEMENTS
    assert len(whole.lines) == gist.MOST_LINES
    assert len(gist.to_bytes(whole)) < 60_000
    assert gist.from_bytes(gist.to_bytes(whole)) == whole


def test_the_story_is_of_people_before_places():
    def piece(number, people, places):
        name = f"Name{people}{places}"
        named = gist.Named(9, 0, people, places, (0, 9), (0, 9))
        line = gist.Line((0, 9), 100, (name,), frozenset({number}))
        return gist.Gist(1000, 1, 0, 200, {name: named}, (), (line,))

    scenes = [piece(number, number % 2 * 3, (number + 1) % 2 * 3) for number in range(2 * gist.MOST_LINES)]
    assert {name for line in gist.merged(scenes).lines for name in line.names} == {"Name30"}


@pytest.mark.parametrize("data", [b"", b"\x01junk", b"\xff"])
def test_what_is_no_gist_is_none(data):
    assert gist.from_bytes(data) is None


def test_what_is_stated_is_told_without_marks_of_emphasis():
    text = "Mara had grey eyes, and she was *very* proud of _them_."
    (stated,) = gist.of_chunk(digest.digest(text), text).statements
    assert stated.text == "Mara had grey eyes, and she was very proud of them."
    assert stated.place == (0, len(text))
