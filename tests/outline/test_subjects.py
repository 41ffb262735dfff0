import pytest

from writer.outline.subjects import subjects


@pytest.mark.parametrize(
    ("premise", "who"),
    [
        ("After the flood a surveyor maps a town that its people refuse to leave.", "the surveyor"),
        ("On the first colony on Mars, a mechanic hears knocking from inside a tunnel.", "the mechanic"),
        ("In a small town a baker finds a bone in the flour.", "the baker"),
        ("Two brothers inherit a bakery and a debt.", "the two brothers"),
    ],
)
def test_whom_a_premise_is_about_is_found_behind_when_and_where(premise, who):
    assert subjects(premise, "en")[0] == who
