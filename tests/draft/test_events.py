"""Whether what must happen does, and how another try makes it come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.happened import labels
from writer.draft import verbs
from writer.draft.events import happened, steer, wanting
from writer.sources.quotations import quotations

PAST = "The rain fell on the yard. Old Tom walked to the gate and looked at the road."
NOW = "The wind is strong. She walks to the window and looks out. Nobody is there."
MINE = "I sat there and waited. It was late, and my hands were cold."


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("Mara finds the letter under the floorboards.", "At last Mara found it: a letter, under the old floorboards."),
        ("Mara finds the letter.", "She lifted the board. There Mara discovered a letter."),
        ("The old dog dies.", "The dog was dead by morning. It had been old."),
        ("Ada is arrested at the station.", "At the station two men waited. They arrested Ada without a word."),
        ("The sisters quarrel about the ring.", "The sisters began to argue. The ring was hers, said Ruth."),
        ("A stranger arrives and asks for water.", "A stranger came at noon. He begged for some water."),
        ("The bridge collapses.", "With a groan the bridge fell into the river."),
        ("小雨在阁楼里找到父亲的日记。", "阁楼很暗。小雨翻开箱子，找到了父亲的那本日记。"),
        ("老陈向妻子承认自己输光了钱。", "老陈终于对妻子说出了实话，承认钱都输光了。"),
        ("奶奶去世了。", "天亮以前，奶奶断了气，安静地离开了人世。"),
        ("将军下令撤退。", "将军沉默了很久，终于命令全军后退。"),
    ],
)
def test_what_is_told_is_found(event: str, text: str):
    found = happened(event, f"{NOW} {text}" if event.isascii() else text)
    assert found
    assert found.end > found.start
    assert wanting([event], text) == []


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("Mara finds the letter.", "Mara did not find the letter. She went to bed."),
        ("Mara finds the letter.", "Mara wanted to find the letter before her aunt came."),
        ("Mara finds the letter.", "Mara swept the kitchen, and the rain went on."),
        (
            "Mara finds the letter.",
            "Tom found a coin. " + "The rain fell. " * 12 + "Mara slept. A letter lay elsewhere.",
        ),
        ("The bridge collapses.", "If the bridge collapsed, they would be alone."),
        ("The bridge collapses.", "The bridge was old."),
        ("小雨找到父亲的日记。", "小雨没有找到父亲的日记。"),
        ("小雨找到父亲的日记。", "小雨想要找到父亲的日记。"),
        ("小雨找到父亲的日记。", "小雨坐在窗前，看着外面的雨。"),
        ("奶奶去世了。", "大家都怕奶奶去世。"),
        ("Mara finds the letter.", ""),
        ("", "Mara found the letter."),
        ("…", "…"),
        (
            "Ruth writes a line in her diary.",
            "They both told their mother what they wrote about her. And finally I was left with my brothers.",
        ),
    ],
)
def test_what_is_not_told_is_not(event: str, text: str):
    assert not happened(event, text)


def test_those_that_are_wanting_keep_their_order():
    events = ["Mara leaves.", "Tom burns the map.", " ", "The bell rings."]
    assert wanting(events, "Tom burned the map in the stove.") == ["Mara leaves.", "The bell rings."]
    assert wanting(events, "") == ["Mara leaves.", "Tom burns the map.", "The bell rings."]


@pytest.mark.parametrize(
    ("event", "before", "opening"),
    [
        ("Mara finds the letter.", PAST, " Mara found the letter"),
        ("Mara finds the letter.", PAST + "\n\n", "Mara found the letter"),
        ("Mara finds the letter.", "", "Mara found the letter"),
        ("Mara finds the letter.", NOW, " Mara finds the letter"),
        ("Mara finds the letter.", "He was wa", "\n\nMara found the letter"),
        ("The narrator finds the narrator's ring.", MINE, " I found my ring"),
        ("Find the letter", PAST, " Tom found the letter"),
        ("Burn the house.", MINE, " I burned the house"),
        ("Mara must find the key", PAST, " Mara found the key"),
        ("Mara's death", PAST, " Then it came: Mara's death"),
        ("The death of the king", NOW, " Then it comes: the death of the king"),
        ("小雨离开村子。", "天亮了。", "小雨离开村子"),
        ("主人公找到钥匙。", "我走进屋子，我什么也没说。", "我找到钥匙"),
        ("The mayor says: “We will go”", PAST, " The mayor said: “We will go”"),
        ("The mayor says: “We will go”", NOW, " The mayor says: “We will go”"),
        ("The narrator says: “The narrator lies”", MINE, " I said: “The narrator lies”"),
        ("Read the note: “Tom finds it”", PAST, " Tom read the note: “Tom finds it”"),
        ("“Run”", PAST, " Then it came: “Run”"),
        ("主人公说：“主人公走了”", "我走进屋子，我什么也没说。", "我说：“主人公走了”"),
    ],
)
def test_another_try_begins_with_the_event(event: str, before: str, opening: str):
    gentle, begun, told = steer(event, before)
    assert (gentle.beat, gentle.opening) == (event, "")
    assert (begun.beat, begun.opening) == (event, opening)
    assert told.opening in (opening + ".", opening + "。")


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("Tom confesses to Lena that he sold the boat", "Tom confessed to Lena that he sold the boat"),
        ("The lamp goes out during the storm", "The lamp went out during the storm"),
        ("Ada is arrested at the station", "Ada was arrested at the station"),
        ("The sisters quarrel about their mother's ring", "The sisters quarreled about their mother's ring"),
        ("A stranger arrives at the farm and asks for water", "A stranger arrived at the farm and asked for water"),
        ("The soldiers leave the village", "The soldiers left the village"),
        ("Sofia learns that her brother is alive", "Sofia learned that her brother was alive"),
        ("They stop at the inn and eat", "They stopped at the inn and ate"),
        ("The leaves fall", "The leaves fell"),
        ("He carries her across and tries the door", "He carried her across and tried the door"),
        ("The king will be crowned", "The king was crowned"),
        ("Someone has stolen the boat", "Someone had stolen the boat"),
        ("The keepers of the light go on strike", "The keepers of the light went on strike"),
        ("Mara found the key", "Mara found the key"),
        ("He says “She finds it”", "He said “She finds it”"),
        ("Mara shouts “Stop!” and runs to the door", "Mara shouted “Stop!” and ran to the door"),
        ("“Leave,” whispers Tom, who hides the sword", "“Leave,” whispered Tom, who hid the sword"),
        ("“Never,” he says. “I must stay,” he says", "“Never,” he said. “I must stay,” he said"),
        ("Mara replies 'I will not go' and leaves the room", "Mara replied 'I will not go' and left the room"),
        ("Tom finds a note that says ‘Come home’", "Tom found a note that said ‘Come home’"),
        ('Tom opens the "Golden Hind" and finds the body', 'Tom opened the "Golden Hind" and found the body'),
        ("Mara says, “He knows. He knows", "Mara said, “He knows. He knows"),
        ("Everyone cries: “Fire”", "Everyone cried: “Fire”"),
    ],
)
def test_an_event_is_told_in_the_past(now: str, then: str):
    assert verbs.past(now) == then


EVENTS = [
    "Mara finds the letter under the floorboards.",
    "The sisters quarrel about their mother's ring.",
    "The old dog dies.",
    "Mara's death",
    "Find the map",
    "小雨在阁楼里找到父亲的日记。",
    "奶奶去世了。",
    "村里的井干了。",
]


@pytest.mark.parametrize("before", ["", PAST, NOW, MINE, "天亮了。他走了。"])
@pytest.mark.parametrize("event", EVENTS)
def test_what_the_last_try_says_has_happened(event: str, before: str):
    last = steer(event, before)[-1].opening
    assert happened(event, before + last)
    assert wanting([event], before + last + "\n\n" + before) == []


@settings(max_examples=100, deadline=None)
@given(
    st.text("aMé 1,.’'“”找到信了不。\nfinds the dog dies not", max_size=40), st.text("Mara dog. 找到信\n", max_size=40)
)
def test_any_event_and_any_text(event: str, text: str):
    found = happened(event, text)
    assert 0 <= found.strength <= 1
    assert 0 <= found.start <= found.end <= len(text)
    assert len(steer(event, text)) == (3 if any(letter.isalnum() for letter in event) else 1)


@pytest.mark.parametrize(("language", "least"), [("en", 0.78), ("zh", 0.85)])
def test_it_mostly_agrees_with_a_person_who_read_what_models_wrote(language: str, least: float):
    known = [label for label in labels() if label.language == language]
    alike = [bool(happened(label.event, label.text)) == label.happened for label in known]
    assert sum(alike) / len(alike) >= least


@pytest.mark.timeout(60)
def test_a_long_scene_is_looked_through_in_bounded_time():
    text = " ".join(f"{PAST} {MINE} Line {n}." for n in range(400))
    wanting(EVENTS, text)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (
            "Ines covers the well with broken pots before he comes.",
            "Ines covered the well with broken pots before he came.",
        ),
        (
            "Mr. Penrose knocks and demands forty pounds for coal.",
            "Mr. Penrose knocked and demanded forty pounds for coal.",
        ),
        ("Ines lies that she bought it.", "Ines lied that she bought it."),
        ("Tom lies on the floor.", "Tom lay on the floor."),
        ("She waits and watches.", "She waited and watched."),
        ("The keeper turns himself into a baby.", "The keeper turned himself into a baby."),
        ("The old man turns pale.", "The old man turned pale."),
        (
            "At night the brothers come home, where they saw their mother.",
            "At night the brothers came home, where they saw their mother.",
        ),
        ("In the end the brothers found her.", "In the end the brothers found her."),
        ("He finds two parts of the logbook.", "He found two parts of the logbook."),
        ("They are alone for several hours on a bench.", "They were alone for several hours on a bench."),
        ("One says yes, while the man leaves.", "One said yes, while the man left."),
        ("The two come home and find a box.", "The two came home and found a box."),
        ("The brothers start talking when she leaves.", "The brothers started talking when she left."),
        ("The keeper enters and looks around.", "The keeper entered and looked around."),
        ("The twins hide, listen and wait.", "The twins hid, listened and waited."),
        ("They buy bread and water.", "They bought bread and water."),
        ("The old woman offers help.", "The old woman offered help."),
        ("She was angry that the ball closed so early.", "She was angry that the ball closed so early."),
        ("He had a fortune of forty pounds in quiet times.", "He had a fortune of forty pounds in quiet times."),
        ("He must not go.", "He must not go."),
        ("They sell a cake which they didn't have.", "They sold a cake which they didn't have."),
    ],
)
def test_each_clause_has_one_verb_that_tells_the_time(now, then):
    assert verbs.past(now) == then


@pytest.mark.parametrize(
    ("event", "before", "opening"),
    [
        ("局长说：“我们查到底。”", "", "局长说：“我们查到底。”"),
        ("The mayor says: “We will find them.”", PAST, " The mayor said: “We will find them.”"),
        ("The mayor says: “We will find them.”", NOW, " The mayor says: “We will find them.”"),
        ("局长来了", "", "局长来了。"),
    ],
)
def test_what_ends_with_a_quotation_gets_no_second_full_stop(event: str, before: str, opening: str) -> None:
    assert steer(event, before)[2].opening == opening


@settings(max_examples=200, deadline=None)
@given(st.text("aQ\"“”‘’'「」 says Tom finds it, goes.\n主人公说", max_size=40))
def test_what_is_quoted_is_left_as_it_is(event: str):
    assert verbs.around_quotations(event, str) == event
    told, at = verbs.around_quotations(event, str.upper), 0
    for quotation in quotations(event):
        at = told.index(quotation.text, at) + len(quotation.text)
