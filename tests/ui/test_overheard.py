"""What a draft tells of a passage before it is decided."""

import pytest

from writer.draft import Drafted, Progress
from writer.engines import Piece, Sampling, Usage
from writer.story import Part, Prompt
from writer.ui.overheard import Overheard, streamed


class Model:
    name = "fake"

    def __init__(self):
        self.closed = 0

    def generate(self, prompt, sampling):
        try:
            for word in (" She", " came", " in."):
                yield Piece(word)
        except GeneratorExit:
            self.closed += 1
            return Usage(1, 1, 1, 0.0, 0.0)
        return Usage(1, 1, 3, 0.0, 0.0)


PROMPT = Prompt((Part("page", "Go on.\n", 2),), role="work")


def test_it_does_what_the_other_does():
    engine = Overheard(Model())
    assert engine.name == "fake"
    assert [piece.text for piece in engine.generate(PROMPT, Sampling())] == [" She", " came", " in."]
    assert engine.text == " She came in."


def test_stopping_it_stops_the_other_and_tells_what_it_cost():
    model = Model()
    pieces = Overheard(model).generate(PROMPT, Sampling())
    next(pieces)
    with pytest.raises(StopIteration) as end:
        pieces.throw(GeneratorExit())
    assert end.value.value.tokens == 1
    assert model.closed == 1


def test_a_draft_tells_what_is_being_written():
    engine = Overheard(Model())

    def draft():
        told = Progress(1, "A", 0, 9, 0, None, "the beat")
        for _piece in engine.generate(PROMPT, Sampling()):
            yield told
        yield Progress(1, "A", 0, 9, 0, None, "She came in.", "She came in.")
        yield Progress(1, "A", 3, 9, 3, None, "the beat")
        return Drafted(3, 1)

    seen = [(progress.passage, progress.sentence) for progress in streamed(draft(), engine)]
    assert seen == [
        ("", "the beat"),
        ("", "the beat"),
        ("She came in.", "She came in."),
        ("She came in.", "She came in."),
        ("", "the beat"),
    ]


def test_closing_it_closes_the_draft():
    closed = []

    def draft():
        try:
            while True:
                yield Progress(0, "", 0, 0, 0, None)
        finally:
            closed.append(True)

    work = streamed(draft(), Overheard(Model()))
    next(work)
    work.close()
    assert closed == [True]
