"""What sentences state of people, and which of it can't be true together."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.chunks import cut
from writer.facts import conflicts, stated
from writer.facts.contradictions import MOST, MOST_OF_ONE
from writer.story import Fact, Passage, Span


def said(text, language="en"):
    return {(one.subject, one.attribute, one.value) for one in stated(text, language)}


def facts_of(text, language):
    found = []
    for chunk in cut(text):
        for one in stated(text[chunk.start : chunk.end], language):
            start, end = chunk.start + one.start, chunk.start + one.end
            found.append(Fact(one.subject, one.attribute, one.value, Passage(text[start:end], Span(1, start, end))))
    return found


def fact(subject, attribute, value, scene=1, start=0):
    source = Passage(f"{subject} {attribute} {value}", Span(scene, start, start + 10))
    return Fact(subject, attribute, value, source)


def contradicted(*rows):
    """Pairs of values that conflict among facts that stand in scenes of their own."""
    facts = [fact(*row, scene=scene) for scene, row in enumerate(rows)]
    return [(conflict.earlier.value, conflict.later.value) for conflict in conflicts(facts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anne had gray eyes.", ("Anne", "eyes", "grey")),
        ("Anne's eyes were a pale blue.", ("Anne", "eyes", "pale blue")),
        ("Tom's blue eyes never left the door.", ("Tom", "eyes", "blue")),
        ("Elena smiled, and her green eyes lit up.", ("Elena", "eyes", "green")),
        ("Green-eyed Lucy waited.", ("Lucy", "eyes", "green")),
        ("Clara was a tall, thin woman with red hair.", ("Clara", "hair", "red")),
        ("Clara was a tall, thin woman with red hair.", ("Clara", "height", "tall")),
        ("Hugo was six feet two inches tall.", ("Hugo", "height", "6 ft 2 in")),
        ("Tom Harker was twenty-seven, and he hated it.", ("Tom Harker", "age", "27")),
        ("Captain Reed, forty-one, had lost his right arm.", ("Captain Reed", "age", "41")),
        ("Captain Reed, forty-one, had lost his right arm.", ("Captain Reed", "lost", "right arm")),
        ("A shot rang out. Twelve-year-old Sam ran.", ("Sam", "age", "12")),
        ("Tom had a scar across his left cheek.", ("Tom", "scar", "left cheek")),
        ("Tom was left-handed.", ("Tom", "hand", "left")),
        ("Hugo was a carpenter.", ("Hugo", "occupation", "carpenter")),
        ("The second mate of the Perdita was Hugo, and Hugo slept.", ("Hugo", "occupation", "second mate")),
        ("Hugo, the grim, grey old blacksmith, slept.", ("Hugo", "occupation", "blacksmith")),
        ("The cook was Hugo, a native of Dover.", ("Hugo", "home", "Dover")),
        ("Next came Hugo, a tall sailor from Cape Cod.", ("Hugo", "home", "Cape Cod")),
        ("Mary was Anne's younger sister.", ("Anne", "younger sister", "Mary")),
        ("Sam was the son of Hugo.", ("Hugo", "son", "Sam")),
        ("Anne's father, Peter, laughed.", ("Anne", "father", "Peter")),
        ("Clara was born in Dover.", ("Clara", "birthplace", "Dover")),
        ("Marcus was born in the spring of 1790.", ("Marcus", "birth", "1790")),
        ("Marcus had died in 1815.", ("Marcus", "death", "1815")),
        ("Anne had a dog called “Rex”.", ("Anne", "dog", "Rex")),
        ("Edwin sailed a trawler named the Perdita.", ("Perdita", "kind", "trawler")),
        ("Nina was unmarried.", ("Nina", "marriage", "unmarried")),
        ("Nora sat down. She was thirty-four.", ("Nora", "age", "34")),
    ],
)
def test_english(text, expected):
    assert expected in said(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("林晚有一双浅褐色的眼睛。", ("林晚", "eyes", "浅褐色")),
        ("林晚的眼睛是灰色的。", ("林晚", "eyes", "灰色")),
        ("顾小满那双绿色的眼睛，什么也不放过。顾小满笑了。", ("顾小满", "eyes", "绿色")),
        ("林晚今年三十七岁。", ("林晚", "age", "37")),
        ("马超，字孟起，年方二十。", ("马超", "age", "20")),
        ("马超，字孟起，年方二十。", ("马超", "courtesy name", "孟起")),
        ("其人姓赵，名云，字子龙。", ("赵云", "courtesy name", "子龙")),
        ("赵云乃常山真定人也。", ("赵云", "native place", "常山真定")),
        ("马谡，马良之弟，也在军中。", ("马良", "younger brother", "马谡")),
        ("许知远左脸上有一道疤。", ("许知远", "scar", "左脸")),
        ("许知远是个左撇子。", ("许知远", "hand", "左")),
        ("许知远养了一条黄狗，名叫来福。", ("许知远", "dog", "来福")),
        ("顾长风出生在苏州，逢人便说。", ("顾长风", "birthplace", "苏州")),
        ("顾长风是镇上的老师。", ("顾长风", "occupation", "老师")),
        ("袁绍已死，众人大哭。", ("袁绍", "death", "dead")),
        ("林霜的丈夫周牧是银行家。", ("林霜", "husband", "周牧")),
        ("顾长风娶了苏念。", ("顾长风", "spouse", "苏念")),
        ("伊丽莎白的眼睛是蓝色的。", ("伊丽莎白", "eyes", "蓝色")),
        ("苏念把门打开。她四十一岁，头发还没有白。", ("苏念", "age", "41")),
        ("林晚是他的中学同学，现在是镇上的刑警，个子很高。", ("林晚", "occupation", "刑警")),
        ("林晚是他的中学同学，现在是镇上的刑警，个子很高。", ("林晚", "height", "高")),
        ("林晚是他的表妹，右手虎口上有一道刀疤。", ("林晚", "scar", "右手")),
        ("林晚是镇上的老师，二十六岁，养了一条叫来福的狗。", ("林晚", "dog", "来福")),
        ("三十岁的林晚是镇上的医生。", ("林晚", "occupation", "医生")),
        ("林晚做了十年记者。", ("林晚", "occupation", "记者")),
        ("林晚的头发全白了。", ("林晚", "hair", "白色")),
        ("那人姓陆名渊，字子川，年方十九。", ("陆渊", "age", "19")),
        ("却说青州通判李慎，字守拙，洛阳人氏。", ("李慎", "courtesy name", "守拙")),
        ("却说青州通判李慎，字守拙，洛阳人氏。", ("李慎", "native place", "洛阳")),
        ("这赵铁山乃是名捕，使一条九节鞭。赵铁山来了。", ("赵铁山", "weapon", "九节鞭")),
        ("慕容雪乃是谷主慕容秋的独女。", ("慕容秋", "daughter", "慕容雪")),
    ],
)
def test_chinese(text, expected):
    assert expected in said(text, "zh")


@pytest.mark.parametrize(
    "text",
    [
        "Edwin's eyes were like coal.",
        "Anne's eyes were not blue.",
        "Anne's eyes were red with weeping.",
        "Were Anne's eyes blue?",
        "If Anne's eyes were blue, she hid it well.",
        "Perhaps Anne's eyes were blue.",
        "“Anne's eyes are blue,” said Tom.",
        "'She is forty,' said Tom. 'Anne is forty.'",
        "Tom said that Anne was forty.",
        "Anne dreamed that her eyes were gold.",
        "Anne looked at Mary. Her eyes were green.",
        "Anne looked at her brother, and his blue eyes smiled.",
        "The sister of Anne was tall.",
        "Anne was short with him.",
        "Anne was almost forty.",
        "When Anne was twelve, the mill burned down.",
        "Anne was two miles from home.",
        "The cook was Jamaican.",
        "The cook was Hugo's brother, and Hugo slept.",
        "Hugo was not the cook.",
        "It was the brother of Hugo, a native of Dover.",
        "Hugo, a letter from Dover in his hand, slept.",
        "Silk is to hemp as a golden-haired Venus.",
        "Ere she slept, she hailed from London.",
        "Anne would have been a doctor.",
        "Anne's eyes were on the blue sea.",
        "They were born in Dover.",
        "The portrait showed that Anne's hair was red.",
        "Anne's mother, Mary, and Tom went home.",
    ],
)
def test_english_that_states_nothing(text):
    assert not {one for one in said(text) if one[1] != "occupation"}


@pytest.mark.parametrize(
    "text",
    [
        "沈清秋的眼睛像两块煤。",
        "林晚不是医生，个子很高。",
        "林晚认识的那个人是医生，个子很高。",
        "林晚听说他是个医生，今年三十岁。",
        "林晚遇见的是一位刑警，左手上有一道刀疤。",
        "林晚最怕的是父亲，今年六十岁。",
        "林晚和苏念是医生，今年三十岁。",
        "赵国今年五十岁。赵国很大。",
        "林晚的眼睛不是蓝色的。",
        "林晚的眼睛是蓝色的吗？",
        "如果林晚的眼睛是蓝色的，谁会不知道？",
        "“林晚的眼睛是蓝色的，”许知远说。",
        "听说林晚今年四十岁。",
        "林晚梦见自己的眼睛是金色的。",
        "林晚看着苏念，她的眼睛是绿色的。",
        "孩子的眼睛是黑色的。",
        "桌上放着一双蓝色的眼睛。",
        "林晚三岁时到了岛上。",
    ],
)
def test_chinese_that_states_nothing(text):
    assert said(text, "zh") == set()


def test_a_statement_says_where_its_sentence_is():
    text = "The gulls rose.\n\n  Anne had grey eyes. She ran.\n"
    (one,) = stated(text, "en")
    assert text[one.start : one.end] == "Anne had grey eyes."


@pytest.mark.parametrize(
    ("attribute", "one", "other"),
    [
        ("eyes", "grey", "brown"),
        ("eyes", "pale blue", "green brown"),
        ("eyes", "灰色", "棕色"),
        ("hair", "red", "black"),
        ("age", "29", "26"),
        ("height", "tall", "short"),
        ("height", "6 ft", "5 ft 4 in"),
        ("hand", "left", "right"),
        ("scar", "left cheek", "right cheek"),
        ("birthplace", "Whitby", "Leeds"),
        ("birthplace", "苏州", "南京"),
        ("death", "1998", "2003"),
        ("dog", "Rex", "Max"),
        ("mother", "Judith", "Clara"),
        ("courtesy name", "怀瑾", "子瑜"),
    ],
)
def test_what_can_not_both_be_true(attribute, one, other):
    assert contradicted(("Anne", attribute, one), ("Anne", attribute, other)) == [(one, other)]


@pytest.mark.parametrize(
    ("attribute", "one", "other"),
    [
        ("eyes", "blue", "light blue"),
        ("eyes", "brown", "dark brown"),
        ("eyes", "hazel", "brown"),
        ("eyes", "dark", "blue"),
        ("eyes", "blue", "blue grey"),
        ("eyes", "绿色", "浅绿色"),
        ("hair", "brown", "grey"),
        ("hair", "chestnut", "red"),
        ("age", "26", "29"),
        ("age", "34", "12"),
        ("height", "6 ft", "6 ft 1 in"),
        ("scar", "left cheek", "chin"),
        ("birthplace", "Lyon", "France"),
        ("birthplace", "浙江", "杭州"),
        ("death", "dead", "1998"),
        ("occupation", "doctor", "lawyer"),
        ("home", "Dover", "London"),
        ("sister", "Mary", "Clara"),
        ("father", "Mr. Bennet", "John"),
    ],
)
def test_what_can_both_be_true(attribute, one, other):
    assert contradicted(("Anne", attribute, one), ("Anne", attribute, other)) == []


def test_kinship_is_compared_both_ways():
    assert contradicted(("Anne", "sister", "Mary"), ("Anne", "elder sister", "Mary")) == []
    assert contradicted(("Anne", "elder sister", "Mary"), ("Mary", "younger sister", "Anne")) == []
    assert contradicted(("Anne", "son", "Sam"), ("Sam", "mother", "Anne")) == []
    assert len(contradicted(("Anne", "son", "Sam"), ("Sam", "brother", "Anne"))) == 1
    assert len(contradicted(("Anne", "son", "Sam"), ("Sam", "son", "Anne"))) == 1
    assert len(contradicted(("林晚", "elder sister", "林霜"), ("林晚", "younger sister", "林霜"))) == 1
    assert len(contradicted(("Anne", "mother", "Judith"), ("Anne", "aunt", "Judith"))) == 1


def test_a_part_of_a_name_is_the_same_person():
    assert len(contradicted(("Anne", "eyes", "grey"), ("ANNE ELLIOT", "eyes", "brown"))) == 1
    assert len(contradicted(("Captain Reed", "eyes", "grey"), ("Reed", "eyes", "brown"))) == 1
    assert len(contradicted(("贾宝玉", "eyes", "灰色"), ("宝玉", "eyes", "棕色"))) == 1
    assert (
        contradicted(("Anne", "eyes", "grey"), ("Anne Elliot", "eyes", "grey"), ("Anne Shirley", "eyes", "green")) == []
    )
    assert contradicted(("Mr. Bennet", "eyes", "grey"), ("Mrs. Bennet", "eyes", "brown")) == []


def test_of_many_the_nearest_two_are_shown():
    rows = [("Anne", "eyes", "grey")] * 3 + [("Anne", "eyes", "brown")] * 3
    (conflict,) = conflicts([fact(*row, scene=scene) for scene, row in enumerate(rows)])
    assert (conflict.earlier.source.span.scene, conflict.later.source.span.scene) == (2, 3)


def test_nobody_ages_by_two_years_within_a_page():
    near = [fact("Anne", "age", "30"), fact("Anne", "age", "35", start=500)]
    assert len(conflicts(near)) == 1
    assert conflicts([near[0], fact("Anne", "age", "35", start=50_000)]) == []


def test_dyed_hair_is_another_colour():
    rows = ("Clara", "hair", "red"), ("Clara", "hair dyed", "dyed"), ("Clara", "hair", "black")
    assert contradicted(*rows) == []


ENGLISH = """\
The ferry came in at dusk. Nora Vale stood at the rail with her collar up, a tall woman with grey eyes and a \
habit of counting things. She was thirty-four, and she had not been home in nine years.

"You'll be the new doctor," said the man on the quay. "They told me you were sixty and bald."

Silas Crowe carried her bag without being asked. He had a scar across his left cheek, and he limped. Silas was \
left-handed; he tied the rope with the wrong hand, as the islanders said. His dog, Biscuit, ran ahead of them \
into the dark.

The house stood above the harbour. Nora's mother, Judith, had painted the door green in the year of the flood. \
Judith had died in 1998, and nobody had painted it since.

"Your mother had blue eyes," Silas said. "Everyone remembers them." Nora did not answer. If Judith's eyes had \
been blue, she would have known it.

Tobias Finch was the schoolmaster. He was a short man with brown hair and a great many opinions. Tobias was born \
in Whitby, and never let anyone forget it. His younger sister, Ada, kept the post office, and kept it well.

Edwin Marsh looked like a drowned king. His eyes were like coal in a face of snow. Edwin sailed a trawler called \
the Perdita, and he called nobody sir.

Ada was twenty-nine. She wore her hair in a plait, and her green eyes missed nothing that came across the \
counter. Was Ada lonely? Tobias thought so. Tobias thought that Ada was fifty at heart.

Winter closed the harbour. Nora learned the names of the streets again. She dreamed that her eyes were gold, and \
woke laughing.

Tobias brought her a book. He was tall for once, she thought, standing on the step above her. His hair had gone \
grey at the temples.

At the funeral Silas stood apart. The scar on his right cheek showed white in the cold. He signed the book of \
condolence, and Silas, who was right-handed, smudged nothing. Biscuit lay at his feet.

Nora's brown eyes were dry. She had wept enough on the ferry, years ago, when she was twenty-five.

"Tobias was born in Leeds, the liar," said Edwin. "Ask his aunt."

By the spring Ada had taken over the school. Ada's brother Tobias was away in Whitby. Ada Finch was twenty-six, \
and already tired. She had pale green eyes and ink on her cuffs.

They buried the old dog in March. Silas's dog, Captain, had been fifteen. Nobody asked why he wept so long.

Edwin Marsh was not a young man. Edwin sold the boat that summer. It was Tobias, in the end, who wrote the \
history of the island, and he wrote there that Judith Vale had died in 2003. Judith died in 2003, in the month \
of the herring, and the bells were rung.

Tobias was born in Leeds. He had come to the island as a boy. Nora's aunt, Judith, had taught him to row.

Nora's sister Clara arrived with the swallows. Clara was a tall, thin woman with red hair. Clara was tall, and \
she stooped in the doorways. Her husband, Paul, was a banker from the city.

In June Clara's husband, Martin, drowned. Clara was short, and the black coat trailed behind her. She dyed her \
hair black for the funeral. Clara's black hair frightened the children.

Edwin had pale blue eyes, and they never left the water. His blue eyes followed the gulls.

Tobias Finch married Lydia Penrose in the autumn. Her dark hair was full of rice. The sloop Perdita lay at anchor.
"""

CHINESE = """\
渡船靠岸的时候，天已经黑了。林晚站在船头，数着岸上的灯。林晚今年三十四岁，九年没有回过家。她有一双灰色的眼睛，总像在数什么东西。

“你就是新来的大夫吧？”码头上的人说，“他们说你六十岁了，还是个秃子。”

许知远一声不响地接过她的行李。许知远左脸上有一道疤，走路有些瘸。他是个左撇子，系缆绳也用左手。许知远养了一条黄狗，名叫来福。

房子在港口上面。林晚的母亲陈玉兰把门漆成了绿色。陈玉兰出生于1952年，发大水那年已经不年轻了。

“你母亲的眼睛是蓝色的，”许知远说，“大家都记得。”林晚没有回答。如果陈玉兰的眼睛是蓝色的，她怎么会不知道？

顾长风是镇上的老师。顾长风身材矮小，一头棕色的头发，意见很多。顾长风出生在苏州，逢人便说。顾长风的妹妹顾小满管着邮局。

沈清秋，字怀瑾，是岛上最后一个会写旧体诗的人。沈清秋的眼睛像两块煤。沈清秋的船叫“海燕”，他不肯叫任何人老爷。

顾小满二十九岁了。她那双绿色的眼睛，什么也不放过。顾小满寂寞吗？顾长风以为她寂寞。

冬天封了港。林晚梦见自己的眼睛是金色的，笑着醒来。许知远的头发白了。

葬礼那天，许知远站得很远。许知远右脸上有一道疤，在冷风里发白。林晚的眼睛是棕色的，却没有一滴泪。

“顾长风出生在杭州，他骗人，”沈清秋说，“去问他姨妈。”

到了春天，顾小满接管了学校。顾小满今年二十六岁，已经很疲倦了。顾小满有一双浅绿色的眼睛。

三月里他们埋了那条老狗。许知远的狗叫大黑，活了十五年。许知远习惯用右手，签名却从不弄脏。

顾长风出生在南京，小时候才到岛上来。岛志上写着，陈玉兰生于1958年。

林晚的姐姐林霜跟燕子一起来了。林霜身材高大，进门要低头。林霜的丈夫周牧是银行家。

六月里，林霜的丈夫赵明淹死了。林霜身材矮小，黑色的大衣拖在地上。林霜是林晚的妹妹，这件事谁都知道。

沈清秋，字子瑜，这一年秋天把船卖了。沈清秋有一双蓝色的眼睛。沈清秋的蓝眼睛一直望着海。

顾长风娶了苏念。她的黑发上落满了米。
"""


def test_ten_contradictions_in_an_english_story():
    found = conflicts(facts_of(ENGLISH, "en"))
    assert {
        (one.later.subject.split()[0], one.later.attribute, one.earlier.value, one.later.value) for one in found
    } == {
        ("Nora", "eyes", "grey", "brown"),
        ("Silas", "scar", "left cheek", "right cheek"),
        ("Silas", "hand", "left", "right"),
        ("Silas", "dog", "Biscuit", "Captain"),
        ("Judith", "death", "1998", "2003"),
        ("Tobias", "birthplace", "Whitby", "Leeds"),
        ("Ada", "age", "29", "26"),
        ("Nora", "aunt", "Judith", "Judith"),
        ("Clara", "height", "tall", "short"),
        ("Clara", "husband", "Paul", "Martin"),
    }


def test_eleven_contradictions_in_a_chinese_story():
    found = conflicts(facts_of(CHINESE, "zh"))
    assert {(one.later.subject, one.later.attribute, one.earlier.value, one.later.value) for one in found} == {
        ("林晚", "eyes", "灰色", "棕色"),
        ("许知远", "scar", "左脸", "右脸"),
        ("许知远", "hand", "左", "右"),
        ("许知远", "dog", "来福", "大黑"),
        ("陈玉兰", "birth", "1952", "1958"),
        ("顾长风", "birthplace", "苏州", "南京"),
        ("顾小满", "age", "29", "26"),
        ("林晚", "younger sister", "林霜", "林霜"),
        ("林霜", "height", "高", "矮"),
        ("林霜", "husband", "周牧", "赵明"),
        ("沈清秋", "courtesy name", "怀瑾", "子瑜"),
    }


@pytest.mark.timeout(60)
def test_five_thousand_facts_of_one_person_are_bounded():
    attributes = ["eyes", "hair", "age", "dog", "birthplace", "sister", "mother", "scar"]
    facts = [fact("Anne", attributes[n % 8], str(n), scene=n) for n in range(5000)]
    found = conflicts(facts)
    assert len(found) <= min(MOST, MOST_OF_ONE * len(attributes) * 2)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["“" * 4000, "'A " * 1300, "Anne's " * 600, "Anne, " * 650, "林晚的" * 1300, "一" * 4000]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_odd_chunks_are_bounded(text, language):
    stated("Anne was forty. 林晚的眼睛是灰色的。" + text + " had grey eyes and was forty 岁 years old.", language)


WORDS = [
    "Anne",
    "Tom",
    "her",
    "his",
    "grey",
    "eyes",
    "were",
    "was",
    "forty",
    ",",
    ".",
    "“",
    "”",
    " ",
    "\n\n",
    "'s",
    "born in",
]
CHARACTERS = [
    "林晚",
    "顾长风",
    "的",
    "眼睛",
    "是",
    "灰色",
    "，",
    "。",
    "“",
    "”",
    "岁",
    "四十",
    "她",
    "\n",
    "有一双",
    "😀",
]


@given(st.lists(st.sampled_from(WORDS + CHARACTERS), max_size=60), st.sampled_from(["en", "zh"]))
def test_any_text_gives_sentences_in_order(pieces, language):
    text = "".join(pieces)
    found = stated(text, language)
    assert found == stated(text, language)
    assert all(0 <= one.start < one.end <= len(text) and one.subject in text.replace("\n", " ") for one in found)
    assert all(one.start <= other.start for one, other in pairwise(found))
