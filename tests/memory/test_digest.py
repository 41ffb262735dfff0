import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memory.books import prose
from writer.chunks import LONGEST, cut
from writer.memory import digest, worth

TEXTS = {language: prose(7, 180, language) for language in ("en", "zh")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_digest_comes_back_from_its_bytes(language):
    made = digest.digest(TEXTS[language])
    assert digest.from_bytes(digest.to_bytes(made)) == made
    assert made.names
    assert made.lines


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_bytes_are_well_under_those_of_the_text(language):
    chunks = _chunks(prose(3, 6000, language))
    kept = sum(len(digest.to_bytes(digest.digest(text))) for text in chunks)
    assert kept < 0.7 * sum(len(text.encode()) for text in chunks)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\xff123", bytes([digest.VERSION]) + b"junk", digest.packed(digest.VERSION, {})]
)
def test_what_is_no_digest_is_none(data):
    assert digest.from_bytes(data) is None


def test_another_version_is_none():
    data = digest.to_bytes(digest.digest(TEXTS["en"]))
    assert digest.from_bytes(bytes([digest.VERSION + 1]) + data[1:]) is None


@given(st.text(alphabet='aB .\n“”"，。曰林远山\ud800', max_size=300))
def test_any_text_has_a_digest_whose_places_lie_in_it(text):
    made = digest.digest(text)
    for start, end in [*digest.places_of(made.names), *(line.place for line in made.lines)]:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
    assert all(name in made.names for line in made.lines for name in line.names)
    assert digest.from_bytes(digest.to_bytes(made)) == made


def test_names_know_their_first_and_last_sentence_and_who_they_are():
    text = (
        "The gulls rose over Saltmere. Elin Vass was the daughter of the harbour master. "
        "Nobody in Saltmere liked the winter. In the morning Elin Vass left without a word."
    )
    named = digest.digest(text).names["Elin Vass"]
    assert text[slice(*named.first)] == "Elin Vass was the daughter of the harbour master."
    assert text[slice(*named.last)] == "In the morning Elin Vass left without a word."
    assert [text[slice(*place)] for place, _weight in named.who] == [text[slice(*named.first)]]


@pytest.mark.parametrize(
    ("telling", "other"),
    [
        ("The mate was Hugo, a native of Dover.", "Hugo, who knew all the tides, went on."),
        ("Hugo, who was older than Mrs. Pell, was an amiable man.", "Now it fell to Hugo, now quite awake, to steer."),
        ("So Hugo, her late father’s friend, came.", "So Hugo, his eyes on the door, came."),
        ("Hugo was the mate of the Perdita.", "Hugo was the first to see the Perdita."),
    ],
)
def test_an_apposition_tells_who_somebody_is_and_an_aside_does_not(telling, other):
    assert worth.tells_who(telling, "Hugo", 0.0, "en") >= 20 + worth.tells_who(other, "Hugo", 0.0, "en")


def test_the_sentences_kept_tell_what_happens_not_what_is_chatted():
    text = (
        "“Well, I never,” said Mrs. Pell. “And what then?” “Nothing then.” It was late. The rain went on and on. "
        "Mara Quill married Tobias Finch in the chapel at Harrowgate that spring. “Oh!” He laughed at this. "
        "Perhaps it would be fine tomorrow, and perhaps it would not."
    )
    made = digest.digest(text)
    best = max(made.lines, key=lambda line: line.weight)
    assert text[slice(*best.place)].startswith("Mara Quill married Tobias Finch")
    assert not any("Nothing then" in text[slice(*line.place)] for line in made.lines)


def test_chinese_verse_and_formulas_are_not_what_happens():
    text = (
        "关公大怒，提刀上马，斩华雄于汜水关前。"
        "后人有诗赞曰：“威镇乾坤第一功，辕门画鼓响冬冬。”未知性命如何，且听下文分解。"
    )
    made = digest.digest(text)
    assert [text[slice(*line.place)] for line in made.lines][:1] == ["关公大怒，提刀上马，斩华雄于汜水关前。"]
    assert max(line.weight for line in made.lines) > 2 * min([line.weight for line in made.lines][1:] or [0])


def test_speech_is_told_from_its_quotation_marks():
    text = "“Go,” he said. Then “stay.\nHe went."
    assert [text[a:b] for a, b in worth.spoken(text)] == ["“Go,”", "“stay.\n"]
    text = "before,” he said.\n「去。」他说。"
    assert [text[a:b] for a, b in worth.spoken(text)] == ["before,”", "「去。」"]


def test_a_giant_sentence_and_thousands_of_names_stay_bounded():
    text = " ".join(f"and in Fenwick{'abcdefghijklmnopqrstuvwxyz'[i % 26]}{i} Mr. Reed{i} slept" for i in range(400))
    made = digest.digest(text[:LONGEST])
    assert len(made.names) <= digest.MOST_NAMES
    assert len(made.lines) <= digest.MOST_LINES


def _chunks(text):
    return [text[chunk.start : chunk.end] for chunk in cut(text)]
