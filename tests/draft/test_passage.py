from contextlib import closing

import pytest

from tests.draft.teller import Teller
from writer import sources
from writer.draft.events import happened
from writer.draft.fresh import TRIES, finished
from writer.draft.passage import passage
from writer.engines import Piece, Usage
from writer.engines.echo import Echo
from writer.errors import EngineError
from writer.repetition import Said
from writer.settings import Settings
from writer.story import Cursor, Part, Prompt
from writer.text import count_words, ends_sentence

BEFORE = {
    "en": "The morning ferry was late, and Mara waited for it on the pier. ",
    "zh": "早班的渡船来晚了，林霞在码头上等着。\n",
}
BEAT = {"en": "Mara finds a boat under the reeds.", "zh": "林霞在芦苇下面找到一条船。"}
LONG = "The old man looked at the sea for a very long time and said nothing at all to her."


class Script(Echo):
    """Says one line for each call, the last one again and again."""

    def __init__(self, *lines):
        super().__init__()
        self.lines, self.asked = list(lines), []

    def generate(self, prompt, sampling):
        line = self.lines[min(len(self.asked), len(self.lines) - 1)]
        self.asked.append((prompt, sampling))
        for word in line.split("|"):
            yield Piece(word)
        return Usage(0, 0, 0, 0.0, 0.0)


class Taught(Script):
    """The same, taught to answer."""

    def chat(self, turns):
        return Prompt((Part("control", "<|", 0), *super().chat(turns).parts), role="work")


def written(engine, *, language="en", before=None, beat=None, words=40, said=(), **wishes):
    before = BEFORE[language] if before is None else before
    work = passage(
        Cursor(1, before, len(before)),
        BEAT[language] if beat is None else beat,
        None,
        engine,
        Settings(),
        words=words,
        said=Said(said),
        **wishes,
    )
    text = ""

    def read():
        nonlocal text
        done = yield from work
        assert done.text == text
        finals.append(done)

    finals = []
    for piece in read():
        text += piece.text
    return finals[0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [35, 120])
def test_a_passage_tells_its_beat_in_finished_sentences(language, words):
    done = written(Teller(), language=language, words=words)
    assert ends_sentence(done.text)
    assert happened(BEAT[language], done.text, language)
    assert words * 0.6 <= count_words(done.text) <= words * 1.5
    assert done.origin.model == "teller"
    assert done.text == written(Teller(), language=language, words=words).text
    assert done.text != written(Teller(), language=language, words=words, seed=9).text


def test_what_tells_the_beat_by_itself_is_left_as_it_is():
    line = "Under| the| reeds| she| found| a| boat|,| and| Mara| laughed|.| It| was| green| and| full| of| rain|."
    done = written(Taught(line), words=20)
    assert done.text == "Under the reeds she found a boat, and Mara laughed. It was green and full of rain."
    assert done.candidates == 1


def test_what_does_not_begins_with_the_words_of_the_beat():
    done = written(Taught("The| cow| ate| grass|.", " and| it| was| green|."), words=20)
    assert done.text == "Mara found a boat under the reeds and it was green."
    assert done.candidates > 1


@pytest.mark.parametrize(("engine", "leads"), [(Taught, True), (Script, False)])
def test_whom_nobody_can_ask_and_who_never_does_it_is_led_at_once(engine, leads):
    done = written(engine(" and| it| was| green|."), words=20, leads=leads)
    assert (done.text, done.candidates) == ("Mara found a boat under the reeds and it was green.", 1)


@pytest.mark.parametrize(
    "line", ["The story| ends| on| a| dark| note|.", "The| reader| knows| why|.", "How| can| I| rephrase| it|?"]
)
def test_a_model_that_speaks_of_its_story_is_taken_back(line):
    engine = Script(line, " Then a bell rang over the water, and she went down to look for the keys.")
    assert written(engine, beat="", words=24).text.startswith("Then a bell rang")
    told = "The story that the reader had to rephrase was long. "
    assert line.replace("|", "")[:10] in written(Script(line), beat="", before=told, words=24).text


def test_a_row_that_the_book_has_is_taken_back():
    engine = Script(f"She waited. {LONG}", " Then a bell rang over the water, and she went down to look for the keys.")
    done = written(engine, beat="", words=24, said=[f"Once. {LONG}"])
    assert "old man" not in done.text
    assert done.text.startswith("She waited. Then a bell rang")
    assert done.rewound == ("The old man looked",)
    assert engine.asked[1][1].seed != engine.asked[0][1].seed


def test_what_comes_again_in_spite_of_that_is_banned():
    engine = Script(f"She waited. {LONG}", f" He went. {LONG}", " Then a bell rang over the water and she ran.")
    written(engine, beat="", words=24, said=[f"Once. {LONG}"])
    assert [sampling.banned for _prompt, sampling in engine.asked][:3] == [(), (), ("The old man looked",)]


def test_a_loop_is_cut_before_it_comes_round():
    done = written(Script(f"{LONG} {LONG} {LONG} {LONG}"), beat="", words=80)
    assert done.text.count("old man") == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_with_a_model_that_only_says_the_same_there_is_the_beat_at_least(language):
    done = written(Echo(), language=language)
    assert happened(BEAT[language], done.text, language)
    assert ends_sentence(done.text)


def test_a_model_that_says_nothing_with_nothing_to_tell_is_one_sentence():
    with pytest.raises(EngineError, match="another model"):
        written(Script(""), beat="")


@pytest.mark.parametrize("said", ["", "\n\n\n", " \u200b", "......", "🙂"])
def test_of_a_model_that_says_no_word_nothing_is_taken(said):
    engine = Script(said)
    with pytest.raises(EngineError, match="another model"):
        written(engine)
    assert len(engine.asked) < TRIES  # it is not asked as often as one that says the same again


def test_nobody_is_quoted_whom_no_source_quotes():
    notes = sources.gather([(1, "Mayor Lee opened the bridge on Monday. It cost three million.")])
    engine = Script(
        "Mayor Lee opened the bridge on Monday. “It is the best bridge in the world,” he said.",
        " The bridge cost three million.",
    )
    done = written(engine, beat="", before="The town has a new bridge. ", words=24, sources=notes)
    assert "best bridge" not in done.text
    assert done.text.startswith("Mayor Lee opened the bridge on Monday.")


def test_what_must_happen_and_does_not_is_told():
    done = written(Teller(), events=["Mara burns the letter."])
    assert done.missed == ("Mara burns the letter.",)


def test_who_closes_it_stops_the_model():
    engine = Teller()
    before = BEFORE["en"]
    work = passage(Cursor(1, before, len(before)), BEAT["en"], None, engine, Settings(), words=90, said=Said())
    with closing(work):
        next(work)
    assert engine.calls == 0


def test_a_model_that_was_taught_to_talk_is_asked_and_goes_on_from_the_page():
    class Talker(Script):
        def chat(self, turns):
            from writer.story import Part

            return Prompt((Part("control", "<user>", 1), *(Part("turn", turn.text, 1) for turn in turns)))

    engine = Talker("Under the reeds Mara found a boat. It was green.")
    written(engine, words=12)
    (prompt, _sampling), *_others = engine.asked
    assert BEAT["en"] in prompt.text
    assert prompt.parts[-1].kind == "page"
    assert prompt.parts[-1].text == BEFORE["en"].rstrip()
    assert prompt.role == "work"


def test_only_finished_sentences_count():
    assert finished("It rained. She ran and") == "It rained."
    assert finished("她跑了。然后") == "她跑了。"
    assert finished("nothing") == ""


@pytest.mark.parametrize(
    ("before", "line", "fresh"),
    [
        ("“我爱你。”他说。“我爱你。”她说。", "“我爱你。”", "他们一起走到了很远的海边去看船，看了一整天。"),
        (
            "“I love you.” He wept. “I love you.” ",
            " “I love you.” ",
            " She took the keys and went down to the old pier.",
        ),
    ],
)
def test_a_short_sentence_is_not_said_for_the_third_time(before, line, fresh):
    language = "zh" if "爱" in before else "en"
    done = written(Script(line + fresh, fresh), language=language, beat="", before=before, words=16)
    assert done.text.strip() == fresh.strip()


@pytest.mark.parametrize(
    "talk",
    [
        " Please edit the following text: You are a novelist.",
        " I made some changes that I am sure will make it better.",
        " Transcribed from the original by permission of the publishers.",
        " I have been tasked with helping the user.",
        " Your story will be about the two brothers.",
    ],
)
def test_talk_about_the_writing_is_taken_back(talk):
    fresh = " She took the keys and went down to the old pier."
    assert written(Script(talk + fresh, fresh), beat="", words=16).text.strip() == fresh.strip()
