import pytest

from writer.outline.subjects import is_mistaken, subjects


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


@pytest.mark.parametrize(
    ("text", "premise", "language", "mistaken"),
    [
        ("The keeper opens his log.", "A keeper finds a message in her own hand.", "en", True),
        ("The keeper opens her log.", "A keeper finds a message in her own hand.", "en", False),
        ("The keeper tells him what she read.", "A keeper finds a message in her own hand.", "en", False),
        ("The keeper opens his log.", "A keeper finds a message.", "en", False),
        ("The keeper opens his log.", "He left, and she stayed.", "en", False),
        ("The other theme is here.", "He left.", "en", False),
        ("守塔人打开他的日志。", "守塔人发现一段她自己写的话。", "zh", True),
        ("守塔人听着吉他，其他人走了。", "守塔人发现一段她自己写的话。", "zh", False),
        ("守塔人看见他们走了。", "守塔人发现一段她自己写的话。", "zh", False),
    ],
)
def test_who_has_become_another_is_noticed(text, premise, language, mistaken):
    assert is_mistaken(text, premise, language) == mistaken
