"""Which note a sentence leans on, and what of it no note has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer import sources
from writer.sources.figures import figures
from writer.sources.quotations import quotations

NOTES = """# Interviews
- Karl Jensen, director of the Port of Halden, 12 May 2024: the bridge carries 1,204,311 vehicles a year.
- Inspection report (Norwegian Public Roads Administration): 30 % of the bolts are rusted; they cost 1.2 million euros.
- Jensen: "We have asked for money three times and nobody has answered. It will fall one day."
- The WHO knows nothing of the island's water.
- Mayor Ada Holm says the council will vote on Tuesday. She fears that closing the bridge would cut off the school.
- About 300 people live on the island. The rent went from 1,600 to 2,400 euros.
> The bridge is to be closed without delay.
"""
NOTIZEN = """1. 采访刘桂兰（居民，5月12日）：“水费从每吨两元涨到三元五角，我们都没有接到通知。”
2. 市水务局文件：全市水价上调三成，涉及约一百二十万户，2024年7月1日起执行
3. 专家王建国教授（武汉大学）认为，上调是因为管网老化，漏损率达到百分之十八
4. 水务局局长陈志远：听证会开过两次
"""
ENGLISH, CHINESE = sources.gather([(0, NOTES)]), sources.gather([(7, NOTIZEN)])


def flagged(text: str) -> list[tuple[str, str]]:
    ground = CHINESE if any("\u4e00" <= letter <= "\u9fff" for letter in text) else ENGLISH
    flags = sources.refused(text, ground)
    assert all(text[flag.start : flag.end] == flag.text for flag in flags)
    assert all(flag.why for flag in flags)
    return [(flag.kind, flag.text) for flag in flags]


def test_notes_are_cut_into_items_without_the_marks_of_a_list():
    notes = "# Head\n\n- one thing\n  * another  \n3) third\n1.5 million is no mark\n---\n（二）第四"
    items = sources.cut(notes, 5)
    assert [item.text for item in items] == ["Head", "one thing", "another", "third", "1.5 million is no mark", "第四"]
    assert all(notes[item.start : item.end] == item.text and item.node == 5 for item in items)
    assert sources.cut("") == ()
    assert [item.node for item in sources.gather([(3, "a"), (0, "b")])] == [3, 0]


@pytest.mark.parametrize(
    ("sentence", "start"),
    [
        ("Almost a third of its bolts are rusted, according to the inspection report.", "Inspection report"),
        ("Repairing it would cost €1.2 million.", "Inspection report"),
        ("Some 300 people live there.", "About 300"),
        ("Mayor Ada Holm said the council would vote on Tuesday.", "Mayor Ada Holm"),
        ("今年七月起，全市水价上调30%。", "市水务局文件"),
        ("武汉大学教授王建国认为，漏损率达到18%，原因是管网老化。", "专家王建国"),
        ("陈志远说，听证会开过两次。", "水务局局长"),
    ],
)
def test_a_sentence_leans_on_the_note_that_says_it(sentence: str, start: str):
    found = sources.leaning(sentence, ENGLISH if sentence.isascii() or "€" in sentence else CHINESE)
    assert found.source
    assert found.source.text.startswith(start)
    assert found.strength >= sources.ENOUGH
    assert found.flags == ()


@pytest.mark.parametrize(
    "sentence", ["They sang songs until the morning.", "Holm said so.", "大家都觉得天气很好。", "", "…", "But why?"]
)
def test_a_sentence_that_no_note_says_leans_on_none(sentence: str):
    for ground in (ENGLISH, CHINESE, ()):
        assert sources.leaning(sentence, ground).source is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Thirty per cent of the bolts are rusted.",
        "Some 30 percent of the bolts are bad.",
        "The bridge carries more than 1.2 million vehicles a year.",
        "Nearly a third of the bolts are rusted.",
        "The rent rose to €2,400 from €1,600.",
        "Jensen spoke on 12 May.",
        "Three hundred people live on the island.",
        "The island, with its one school, has one bridge.",
        "水价上调30%，约120万户受影响。",
        "水价上调百分之三十。",
        "新水价7月1日起执行。",
        "听证会开了两次，大家十分不满，四处打听。",
    ],
)
def test_numbers_that_a_source_has_in_other_words(sentence: str):
    assert flagged(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("Forty per cent of the bolts are rusted.", "Forty per cent"),
        ("The bolts rust, up 30 points.", "30 points"),
        ("Repairs of the bridge cost 1.2 billion euros.", "1.2 billion euros"),
        ("Repairs cost $1.2 million.", "$1.2 million"),
        ("The council votes on Wednesday.", "Wednesday"),
        ("Hundreds of vehicles wait for the school.", "Hundreds"),
        ("Half of the bolts are rusted.", "Half"),
        ("The island had 300,000 people.", "300,000"),
        ("Millions of people live on the island.", "Millions"),
        ("Twenty-eight bolts are rusted.", "Twenty-eight"),
        ("More than 2,000 people live on the island.", "2,000"),
        ("听证会开过三次。", "三次"),
        ("全市水价上调四成。", "四成"),
        ("新水价9月执行。", "9月"),
        ("管网已经用了四十年。", "四十年"),
    ],
)
def test_numbers_that_no_source_has(sentence: str, text: str):
    assert flagged(sentence) == [("number", text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr. Jensen runs the port of Halden.",
        "Holm's council is slow.",
        "The NPRA wrote the report for Norway.",
        "Residents were angry. Police said nothing. Bridges rust.",
        "The World Health Organization knows the island.",
        "王教授说，管网老化了。",
        "桂兰没有接到通知。",
        "陈先生开过听证会。",
    ],
)
def test_names_that_a_source_has_in_another_form(sentence: str):
    assert flagged(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Then Ole Berg disagreed.", "Ole Berg"),
        ("Karl Holm is the mayor.", "Karl Holm"),
        ("Gudrun was angry.", "Gudrun"),
        ("The port belongs to NATO.", "NATO"),
        ("Then came Kurt Jonas.", "Kurt Jonas"),
        ("北京大学的专家反对。", "北京大学"),
        ("记者李明参观了水厂。", "李明"),
    ],
)
def test_names_that_no_source_has(sentence: str, name: str):
    assert flagged(sentence) == [("name", name)]


@pytest.mark.parametrize(
    "sentence",
    [
        "“We have asked for money three times and nobody has answered,” said Karl Jensen.",
        "“We have asked for money … It will fall one day,” he said.",
        "“[They] have asked for money three times,” he said.",
        "‘It will fall one day,’ he said.",
        '"We have asked for mon',
        "The bridge “is to be closed without delay”.",
        "The “Inspection report” is out.",
        "刘桂兰说：「我们都没有接到通知！」",
        "所谓的“管网老化”是什么意思？",
    ],
)
def test_quotations_that_a_source_has(sentence: str):
    assert flagged(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "kind", "text"),
    [
        ("“It is a disgrace,” he added.", "quotation", "It is a disgrace,"),
        ("“We have asked for money twice,” he said.", "quotation", "We have asked for money twice,"),
        ("He spoke of a ‘war on islands’ there.", "quotation", "war on islands"),
        (
            "“nobody has answered … We have asked for money,” he said.",
            "quotation",
            "nobody has answered … We have asked for money,",
        ),
        ("“The council will vote on Tuesday,” said Holm.", "words", "The council will vote on Tuesday,"),
        ("她说：“我们很生气。”", "quotation", "我们很生气。"),
        ("王建国说：“上调是因为管网老化。”", "words", "上调是因为管网老化。"),
        ('He said: "I am done', "quotation", "I am done"),
    ],
)
def test_quotations_are_never_invented(sentence: str, kind: str, text: str):
    assert flagged(sentence) == [(kind, text)]


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("The mayor said that he had taken bribes.", "The mayor said"),
        ("The mayor said he had taken bribes.", "The mayor said"),
        ("At last, Ada Holm told reporters that the school had burned down.", "Ada Holm told"),
        ("Critics claim the money has vanished.", "Critics claim"),
        ("Ada Holm denied the charges.", "Ada Holm denied"),
        ("The money has vanished, the mayor said.", "the mayor said"),
        ("The ferry, said Karl Jensen, sank at night.", "said Karl Jensen"),
        ("According to Karl Jensen, the ferry sank.", "According to Karl Jensen"),
        ("About 300 people live on the island, and the mayor said that they drink too much.", "the mayor said"),
        ("市长说他收了贿赂。", "市长说"),
        ("王建国表示，自己已经辞职。", "王建国表示"),
        ("一位司机告诉记者，船都烂了。", "一位司机告诉"),
        ("有人认为管子会爆。", "有人认为"),
        ("据说，局长逃走了。", "据说"),
        ("船都烂了，刘桂兰说。", "刘桂兰说"),
    ],
)
def test_what_nobody_said_is_flagged_without_quotation_marks_too(sentence: str, who: str):
    assert flagged(sentence) == [("report", who)]
    (found,) = sources.read(sentence, CHINESE if "。" in sentence else ENGLISH)
    assert sentence[found[2].flags[0].start : found[2].flags[0].end] == who


@pytest.mark.parametrize(
    "sentence",
    [
        "Ada Holm said that the council would vote on Tuesday.",
        "The council will vote on Tuesday, Ada Holm said.",
        "Karl Jensen told the island that the bridge would fall one day.",
        "She fears that closing the bridge would cut off the school.",
        "According to the inspection report, 30 % of the bolts are rusted.",
        "The mayor did not say why the ferry sank.",
        "That said, the ferry is new.",
        "I think that the ferry is new.",
        "He told a story, and a gate admitted them into the yard.",
        "刘桂兰说，他们都没有接到通知。",
        "据陈志远介绍，听证会开过两次。",
        "王建国教授认为，漏损率达到百分之十八。",
        "局长没有说船去了哪里。",
        "他把这本小说说了一遍。",
    ],
)
def test_what_a_source_has_may_be_told_in_other_words(sentence: str):
    assert flagged(sentence) == []


def test_whatever_a_note_says_somebody_said_is_no_flag():
    for text, ground in ((NOTES, ENGLISH), (NOTIZEN, CHINESE)):
        for line in text.splitlines():
            assert not [flag for flag in sources.refused(line, ground) if flag.kind == "report"]


def test_a_quotation_stays_with_who_said_it():
    assert flagged("“It will fall one day,” said Ada Holm.") == [("speaker", "Ada Holm")]
    assert flagged("“It will fall one day,” Jensen told Ada Holm.") == []


def test_a_speech_of_several_sentences_is_one_quotation():
    text = "“We have asked for money three times and nobody has answered. It is a crime. I weep.” Jensen left."
    start = text.index("It is")
    assert [flag.text for flag in sources.refused(text, ENGLISH, start)] == ["It is a crime. I weep."]
    assert [flag.text for flag in sources.refused(text[start:], ENGLISH)] == ["It is a crime. I weep."]
    assert [bool(leaning.flags) for _start, _end, leaning in sources.read(text, ENGLISH)] == [True, False]
    assert sources.refused('It will fall one day," said Jensen.', ENGLISH) == ()
    assert flagged('It is a crime," said Jensen.') == [("quotation", "It is a crime,")]
    assert flagged("我们都没有接到通知。」她说。") == []
    assert flagged("我们很生气。”她说。") == [("quotation", "我们很生气。")]


def test_without_sources_nothing_is_refused_but_a_reader_sees_what_hangs_in_the_air():
    assert sources.refused("Ole Berg paid $5.", ()) == ()
    assert [flag.kind for flag in sources.leaning("Ole Berg paid $5.", ()).flags] == ["name", "number"]


def test_a_text_is_read_sentence_by_sentence_with_its_places():
    text = "  Some 300 people live there.  \n\nGudrun sang. “It is over.” 漏损率达到18%。"
    found = sources.read(text, (*ENGLISH, *CHINESE))
    assert [text[start:end] for start, end, _leaning in found] == [
        "Some 300 people live there.",
        "Gudrun sang.",
        "“It is over.”",
        "漏损率达到18%。",
    ]
    assert [bool(leaning.flags) for _start, _end, leaning in found] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two hundred and fifty; half a million; a dozen; twenty-one thousand three hundred", [250, 5e5, 12, 21300]),
        ("3bn, $5m, 12,500 and 1.5 trillion", [3e9, 5e6, 12500, 1.5e12]),
        ("two-thirds of it, 3/4, half of them", [200 / 3, 75, 50]),
        ("COVID-19, the B-52, one man, first of all", []),
        ("8:30 p.m. on 2024-05-12", [20, 2024, 5, 12]),
        ("He may march on.", []),
        ("一万五、两千三百、30多万、3万5千、1.2亿", [15000, 2300, 3e5, 35000, 1.2e8]),
        ("百分之三十、三分之二、两成半、一半", [30, 200 / 3, 25, 50]),
        ("二〇二四年五月十二日下午3点，第12届，星期天", [2024, 5, 12, 15, 12, 7]),
        ("千万别去，十分好，万一呢，一个人，四处看", []),
        ("３０％，１，２０４人", [30, 1204]),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(text: str, values: list[float]):
    assert [figure.amount.value for figure in figures(text)] == pytest.approx(values)


@settings(max_examples=150, deadline=None)
@given(st.text("aA Б1,.%$€“”\"'‘’「」…\n零一两十百万亿成第月半分之点年人多约0９ of and half hundred", max_size=60))
def test_any_text_can_be_read(text: str):
    for figure in figures(text):
        assert 0 <= figure.start < figure.end <= len(text)
    for quotation in quotations(text):
        assert text[quotation.start : quotation.end] == quotation.text
    for flag in sources.refused(text, ENGLISH):
        assert text[flag.start : flag.end] == flag.text
    ground = sources.cut(text)
    for start, end, leaning in sources.read(text, ground):
        assert text[start:end].strip() == text[start:end]
        assert not leaning.source or leaning.source in ground


def test_what_the_sources_say_word_for_word_is_never_flagged():
    for ground in (ENGLISH, CHINESE):
        for source in ground:
            assert sources.refused(source.text, ground) == ()
            assert sources.leaning(source.text, ground).strength == 1


@pytest.mark.timeout(60)
def test_many_sources_are_bounded():
    ground = sources.gather([(n, NOTES) for n in range(40)])
    text = NOTES.replace("\n", " ") * 3
    sources.refused(text, ground)


@pytest.mark.parametrize("sentence", ["村里少了四株树。", "山上落了三颗石头。", "他装了六袋米。", "卷宗有两册。"])
def test_a_number_before_any_measure_is_a_number(sentence: str):
    assert [
        flag.kind for flag in sources.read(sentence, sources.gather([(0, "古树普查的结果公布了。")]))[0][2].flags
    ] == ["number"]
