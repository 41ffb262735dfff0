import pytest

from writer import rerank
from writer.engines.echo import Echo
from writer.errors import EngineError
from writer.repetition import Said

FERRY = "Nora stepped off the ferry, and nobody would carry her trunk."
COW = "The cow stood in the meadow and ate grass all day long."
BEAT = "Nora arrives by ferry."


class Reader(Echo):
    """Finds a text likelier the more of its words stand in front of it."""

    def score(self, prompt, text):
        known = set(prompt.text.lower().replace(".", " ").replace(",", " ").split())
        return [-1.0 if word.strip(".,") in known else -5.0 for word in text.lower().split()]


class Mute(Echo):
    """Can't score."""

    def score(self, prompt, text):
        raise EngineError("The engine can't score.")


def judged(text, told=0.0, said=(), words=11, **place):
    return rerank.judge(text, told, Reader(), "en", said=Said(said), words=words, **place)


def test_a_passage_that_tells_its_beat_makes_it_likelier():
    assert rerank.fit(BEAT, FERRY, Reader(), "en") > rerank.fit(BEAT, COW, Reader(), "en") == 0


def test_nothing_to_tell_and_nobody_to_judge_are_no_fault():
    assert rerank.fit("", FERRY, Reader(), "en") == 0
    assert rerank.fit(BEAT, "", Reader(), "en") == 0
    assert rerank.fit(BEAT, FERRY, Mute(), "zh") == 0
    assert rerank.judge(FERRY, 0, Mute(), "en", said=Said(), words=11, before="A.", after="B.").after == 0


def test_the_one_that_tells_more_is_best_and_the_first_of_equal_ones():
    one, other = judged(COW, 0.2), judged(FERRY, 1.2)
    assert rerank.best([one, other]) is other
    assert rerank.best([one, judged(COW, 0.2)]) is one


def test_what_tells_enough_wins_nothing_by_telling_more():
    assert judged(FERRY, rerank.TOLD).score == judged(FERRY, 9.0).score


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (FERRY, [FERRY]),
        ("A shiver ran down her spine, and her blood ran cold there.", []),
        ("Nora stepped off the ferry, and nobody would carry her trunk, so", []),
        ("Nora stepped off.", []),
    ],
)
def test_repetition_worn_phrases_a_wrong_length_and_an_open_end_cost(worse, said):
    assert judged(worse, said=said).score < judged(FERRY).score


def test_it_fits_what_follows():
    after = " The trunk stayed on the ferry."
    assert judged(FERRY, before="It rained.", after=after).score > judged(COW, before="It rained.", after=after).score
