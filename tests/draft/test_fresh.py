"""What a model writes is read as it comes, piece by piece, and judged as if it were read anew each time."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from writer import sources
from writer.draft.fresh import TRIES, Fresh
from writer.draft.namesakes import Names
from writer.engines.echo import Echo
from writer.repetition import Said
from writer.settings import Settings
from writer.story import Cursor

NOTES = {
    "en": "Mayor Lee opened the bridge on Monday. It cost 3 million. “It will hold,” she said.",
    "zh": "李市长周一为大桥剪彩。大桥花了三百万元。“它很牢固。”她说。",
}
_ENGLISH = (
    "Mayor Lee |opened the bridge| on Monday|. |It cost |3|0| million| “It will| fall|,” |she said|Dr|Hugo |?|\n|!”"
)
_CHINESE = "李市长|周一|为大桥剪彩|。|大桥花了|三百|五十|万元|“它很|危险|。”|她说|故事|？|\n|！”|一直到了很晚的时候"
PARTS = {
    "en": [*_ENGLISH.split("|"), "The reader", " and so on it went as it had before that day"],
    "zh": _CHINESE.split("|"),
}


def _fresh(language: str, before: str, has_notes: bool) -> Fresh:
    notes = sources.gather([(1, NOTES[language])]) if has_notes else ()
    place = Cursor(1, before, len(before))
    said = Said(["Then it went on and so on it went as it had before that day."])
    return Fresh(
        place, "", None, Echo(), Settings(), said=said, names=Names(), sources=notes, language=language, seed=1
    )


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["en", "zh"]), st.booleans())
def test_whoever_reads_on_finds_what_one_who_reads_anew_does(data: st.DataObject, language: str, has_notes: bool):
    words = st.lists(st.sampled_from(PARTS[language]), max_size=12)
    before, text = "".join(data.draw(words)), "".join(data.draw(words))
    reading = _fresh(language, before, has_notes)
    for new in (data.draw(words), data.draw(words)):
        for at in range(len(new) + 1):
            came = "".join(new[:at])
            assert reading.fault(text, came) == _fresh(language, before, has_notes).fault(text, came)
        text += "".join(new)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PARTS["en"]), max_size=10), st.lists(st.integers(0, 60), max_size=12))
@example(["Mayor Lee ", "opened the bridge", ". ", "It cost ", "3", "0", " million", ". "], [22, 44, 30, 22])
def test_so_it_does_with_what_is_taken_back_and_written_anew(parts: list[str], places: list[int]):
    text, reading = "".join(parts), _fresh("en", "", True)
    for at in places:
        assert reading.fault("", text[:at]) == _fresh("en", "", True).fault("", text[:at])


def test_what_no_note_has_is_a_fault_from_the_end_of_its_sentence_on():
    reading, text = _fresh("en", "", True), "It cost 3 million. Mr. Hugo laughed. It"
    ends = [at for at in range(len(text)) if reading.fault("", text[:at])]
    assert ends == list(range(text.index("laughed.") + len("laughed."), len(text)))
    found = reading.fault("", text)
    assert found is not None
    assert text[found.start :].startswith("Mr. Hugo")


@pytest.mark.parametrize(
    "stammer", ["她，她，我，她，我的。", "警察说：“你，你，我，我，你的。”", "我给你钱，你给我，我给你。"]
)
def test_a_sentence_of_pronouns_is_a_fault(stammer: str):
    found = _fresh("zh", "", False).fault("", "桥上下雨了。" + stammer)
    assert found is not None
    assert found.start == 6


@pytest.mark.parametrize(
    "told", ["她告诉他，他的母亲和她的母亲是姐妹。", "我爱你，你爱我。", "“我……我不知道。”", "他看着她，她也看着他。"]
)
def test_people_may_be_called_by_pronouns(told: str):
    assert _fresh("zh", "", False).fault("", "桥上下雨了。" + told) is None


def test_a_sentence_of_turns_that_the_book_has_is_a_fault_at_first():
    said = Said(["She could feel the weight of the lamp in her hand."])
    place = Cursor(1, "The rain fell.", 14)
    reading = Fresh(place, "", None, Echo(), Settings(), said=said, names=Names(), sources=(), language="en", seed=1)
    found = reading.fault("", " Tomas ran. He could feel the weight of it. ")
    assert found is not None
    assert found.words == "He could feel the"
    assert reading.fault("", " Tomas ran. He could feel the weight of it. ", TRIES - 2) is not None
    assert reading.fault("", " Tomas ran. He could feel the weight of it. ", TRIES - 1) is None


def test_another_narrator_and_a_name_nearly_known_are_faults_at_first():
    before = "Elara climbed the stairs. She told Elara of it. She lit the lamp."
    place = Cursor(1, before, len(before))
    names = Names(["And there was Elara."])
    reading = Fresh(place, "", None, Echo(), Settings(), said=Said(), names=names, sources=(), language="en", seed=1)
    for new, words in (
        (" You looked at the sea. ", "You looked at the"),
        (" The wind rose, and my hand was cold. ", "The wind rose, and"),
        (" She waited for Elena. ", "Elena"),
    ):
        found = reading.fault("", " The rain fell." + new)
        assert found is not None
        assert found.words == words
        assert reading.fault("", " The rain fell." + new, 2) is None
    assert reading.fault("", " “You and I,” said Elara, “are alone.” ") is None
