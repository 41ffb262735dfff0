"""A story keeps to who tells it, whatever people say in it."""

import pytest

from writer.narrator import Narrator

TOLD = {"en": "She lit the lamp. The sea was calm.", "zh": "她点亮了灯。海面很平静。"}


def strays(language: str, new: str, before: str = "", wish: str = "", prose: str | None = None) -> list[str]:
    narrator = Narrator(wish, TOLD[language] if prose is None else prose, language)
    return [new[start:end].strip() for start, end in narrator.strays(before, new)]


@pytest.mark.parametrize(
    ("language", "new", "found"),
    [
        ("en", "He rowed on. You could see the light. ", ["You could see the light."]),
        ("en", "He rowed on. I held my breath. ", ["I held my breath."]),
        ("zh", "他继续划船。你看得见灯光。", ["你看得见灯光。"]),
        ("zh", "他继续划船。我屏住呼吸。", ["我屏住呼吸。"]),
    ],
)
def test_a_sentence_of_another_narrator_is_found(language: str, new: str, found: list[str]):
    assert strays(language, new) == found


@pytest.mark.parametrize(
    ("language", "new"),
    [
        ("en", "“I see you,” she said. “Give me your hand.”"),
        ("en", '"I see you," she said, and took the oar.'),
        ("en", "She thought: I must go to you."),
        ("en", "He was an honest sailor, and the mystery grew."),
        ("en", "The letter lay open. He read my"),
        ("en", "They went down into the mine."),
        ("zh", "“我看见你了。”她说。"),
        ("zh", "他说：我不去。"),
        ("zh", "她心想，我得走了。"),
        ("zh", "自我介绍之后，他坐下了。"),
    ],
)
def test_what_people_say_and_think_and_what_is_no_person_yet_may_stand(language: str, new: str):
    assert strays(language, new) == []


def test_what_is_said_may_have_begun_before():
    assert strays("en", "I will go,” he said. ", before="He rose. “Let me tell you. ") == []


@pytest.mark.parametrize("wish", ["I find a letter in my own hand.", "Write it in the first person."])
def test_an_author_may_wish_for_it(wish: str):
    assert strays("en", "I held my breath. ", wish=wish) == []
    assert strays("en", "You held your breath. ", wish=wish) == ["You held your breath."]


def test_a_book_that_is_told_so_goes_on_so():
    assert strays("en", "I held my breath. ", prose="I was young. The sea was calm.") == []
    assert strays("zh", "我屏住呼吸。", prose="我当时还年轻。海面很平静。") == []


def test_one_stray_sentence_among_many_makes_no_narrator():
    assert strays("en", "I held my breath. ", prose="The sea was calm. " * 40 + "I saw it. ") == ["I held my breath."]


def test_where_nothing_is_told_anybody_may_tell():
    assert strays("en", "I held my breath. You saw it. ", prose="") == []
