import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import names
from writer.names import Known, Tally, counted, find, group, same
from writer.names.chinese import without_tail

ENGLISH = """
CHAPTER TWO

The Gulls Rise

"You are late," Kestrel Vane said. Nobody answered. Happiness was rare aboard the
Meridian, and Captain Okonkwo knew it.

"Well!" cried Tolliver. "I thought Vane was in Port Renn. Was she not at Calyx Station
in March, with Mrs. O’Malley?"

“Oh, Tolliver’s mad,” said Vane. Perhaps Mr. Brix and Mr.
Brix's brother had come from Renn. Lady Ilsabet de Marigny smiled at Tolliver. NOT NOW!
"""

CHINESE = """第一章 雨夜

林晓推开窗户。小王在楼下喊她的名字。

“林晓！”小王喊道。林晓没有回答。她想起老周说的话：“苏念回来了。”

欧阳静雯是班长，后来去了北京。陈老师说：“她在青石镇。”苏念低声问：“艾莉丝·温德尔呢？”林晓把信递给Anne。
"""


def found(text, language="en"):
    return {mention.name for mention in find(text, language)}


def sure(text, language="en"):
    return {mention.name for mention in find(text, language) if mention.is_sure}


def known(*texts, language="en"):
    tallies = {}
    pairs = []
    for text in texts:
        pairs += same(text)
        for name, tally in counted(find(text, language)).items():
            tallies[name] = tallies.get(name, Tally()) + tally
    return {one.name: one for one in group(tallies, pairs)}


def circle(entries, name):
    return next({one.name, *one.aliases} for one in entries.values() if name in (one.name, *one.aliases))


def test_names_inside_sentences_and_behind_titles_are_sure():
    assert sure(ENGLISH) == {
        "Kestrel Vane",
        "Meridian",
        "Captain Okonkwo",
        "Tolliver",
        "Vane",
        "Port Renn",
        "Calyx Station",
        "Mrs. O'Malley",
        "Mr. Brix",
        "Renn",
        "Lady Ilsabet de Marigny",
    }
    assert found(ENGLISH) - sure(ENGLISH) <= {"Happiness"}


def test_a_mention_points_at_its_name():
    for text, language in ((ENGLISH, "en"), (CHINESE, "zh")):
        mentions = find(text, language)
        assert mentions
        for mention in mentions:
            there = " ".join(text[mention.start : mention.end].replace("’", "'").split())
            assert there == mention.name
        assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    "text",
    [
        "Yes. Well, I never. Oh! Perhaps not.",
        "In March the English left on a Tuesday. God knows.",
        "CHAPTER IV\n\nShe slept.",
        "The Long Road Home\n\nShe slept.",
        "# Anne Arrives\n\nShe slept.",
        "“STOP IT NOW!” he cried.",
        "",
        " ",
    ],
)
def test_what_is_no_name(text):
    assert found(text) == set()


def test_kinds():
    kinds = {mention.name: mention.kind for mention in find(ENGLISH, "en")}
    assert kinds["Captain Okonkwo"] == kinds["Kestrel Vane"] == kinds["Lady Ilsabet de Marigny"] == "person"
    assert kinds["Port Renn"] == kinds["Calyx Station"] == "place"


def test_a_verse_is_not_a_wrapped_line():
    assert "Tyger" not in sure("In the forests\nTyger of the night\n")
    wrapped = "It was a long way and nobody had ever told the old\nTyger of the night about it, so that he never knew."
    assert "Tyger" in sure(wrapped)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("They sailed to New Renn, and from South Calyx to the East End.", {"New Renn", "South Calyx", "East End"}),
        ("New Renn is far. We saw New Renn.", {"New Renn"}),
        ("In the New Year they went south. The East knew them.", set()),
        ("They lived in Fifth Street. It was the Fifth of them.", {"Fifth Street"}),
        ("He swore by Thy grace; but Ere he slept, hast Thou seen a Quaker?", set()),
    ],
)
def test_what_stands_before_a_place_belongs_to_its_name_and_is_none_alone(text, names):
    assert sure(text) == names


def test_what_the_text_also_has_in_small_letters_is_not_surely_a_name():
    assert "Grey Heron" not in sure("We saw the Grey Heron, and no grey heron was like it.")
    assert "Grey Heron" in sure("We saw the Grey Heron, and no heron was like it.")


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Now the Meridian walked the sea.", "Meridian", "name"),
        ("So the Meridian's head went round.", "Meridian", "name"),
        ("So the old Meridian's head went round.", "Meridian", "name"),
        ("Now the Ferryman said no.", "Ferryman", "person"),
        ("“No,” said the Ferryman.", "Ferryman", "person"),
        ("Now Tolliver walked the sea.", "Tolliver", "person"),
        ("So old Tolliver's head went round.", "Tolliver", "person"),
    ],
)
def test_what_has_an_article_is_somebody_only_if_it_speaks(text, name, kind):
    assert [mention.kind for mention in find(text, "en") if mention.name == name] == [kind]


def test_what_shows_a_person_or_a_place_once_among_many_mentions_is_chance():
    tallies = {
        "Meridian": Tally(90, 0, 1, 2),
        "Renn": Tally(90, 0, 0, 9),
        "Heron": Tally(90, 0, 0, 3),
        "Tolliver": Tally(90, 0, 9, 2),
        "Vane": Tally(20, 0, 1, 0),
        "Brix": Tally(90, 0, 1, 0),
    }
    kinds = {one.name: one.kind for one in group(tallies)}
    assert {name for name, kind in kinds.items() if kind == "person"} == {"Tolliver", "Vane"}
    assert {name for name, kind in kinds.items() if kind == "place"} == {"Renn"}


def test_a_word_that_hardly_ever_stands_as_a_name_is_none_if_nobody_acts():
    assert not group({"Heron": Tally(4, 6, 0, 0)})
    assert group({"Heron": Tally(4, 6, 2, 0)})
    assert group({"Heron": Tally(5, 5, 0, 0)})


def test_a_thing_of_two_words_is_not_a_person_with_a_surname():
    swan = {"Black Swan": Tally(9, 0, 0, 0), "Swan": Tally(5, 0, 0, 0)}
    assert len(group(swan)) == 2
    assert len(group(swan | {"Swan": Tally(5, 0, 2, 0)})) == 1
    assert len(group({"Peter Swan": Tally(9, 0, 0, 0), "Swan": Tally(5, 0, 0, 0)})) == 1


def test_who_lives_in_a_place_or_has_an_office_is_nobody():
    tallies = {"Renn": Tally(9, 0, 0, 4), "Renner": Tally(3, 0, 1, 0), "Renners": Tally(2, 0, 0, 0)}
    assert [one.name for one in group(tallies)] == ["Renn"]
    assert group({"Renner": Tally(3, 0, 1, 0)})
    assert len(group(tallies | {"Renner": Tally(8, 0, 5, 0)})) == len(("Renn", "Renner"))
    assert group(tallies | {"Renn": Tally(9, 0, 4, 0)})[1].name == "Renner"
    assert not group({"Captains": Tally(4, 0, 0, 0)})
    assert group({"Masters": Tally(4, 0, 3, 0)})


def test_a_hyphen_makes_no_other_name():
    assert group({"Calyx Street": Tally(4, 0, 0, 4), "Calyx-street": Tally(2, 0, 0, 0)}) == [
        Known("Calyx Street", ("Calyx-street",), "place", 6)
    ]


def test_chinese_names():
    mentions = {mention.name: mention for mention in find(CHINESE, "zh")}
    for name in ("林晓", "小王", "老周", "苏念", "欧阳静雯", "陈老师", "艾莉丝·温德尔"):
        assert mentions[name].is_sure, name
        assert mentions[name].kind in ("person", "name")
    assert mentions["北京"].kind == mentions["青石镇"].kind == "place"
    assert "Anne" in mentions


def test_who_speaks_is_someone_whatever_the_dictionary_says():
    entries = known(
        "紫鹃道：“好。”\n袭人道：“是。”\n袭人笑道：“走罢。”\n众人道：“好！”\n紫鹃问道：“去哪里？”", language="zh"
    )
    assert {"袭人", "紫鹃"} <= set(entries)
    assert "众人" not in entries


MODERN = """袁归舟从前是工程师。袁归舟回到镇上那天，码头上没有人。

“归舟，你瘦了。”林姐笑着说。林姐叫林秀禾，开裁缝铺，袁归舟一直记得她。

欧阳老师住在巷尾。第二天，欧阳静推开门，说：“赵师傅来过了。”袁归舟把信交给欧阳静。
赵德林拉了拉帽子。赵德林没有说话，太阳落在镇口。赵德林滴了几滴油。后来袁归舟去了上海，再没有回来。
安娜·彼得罗娃写信来。寡言的慕容绝在山上等。只有慕容绝知道。安娜说：“归舟，走吧。”
"""


def test_a_modern_chinese_cast():
    entries = known(MODERN, language="zh")
    assert circle(entries, "袁归舟") == {"袁归舟", "归舟"}
    assert circle(entries, "林姐") == {"林姐", "林秀禾"}
    assert circle(entries, "欧阳静") == {"欧阳静", "欧阳老师"}
    assert circle(entries, "赵德林") == {"赵德林", "赵师傅"}
    assert circle(entries, "安娜") == {"安娜", "安娜·彼得罗娃"}
    assert len(entries) == len(("袁归舟", "林姐", "欧阳静", "赵德林", "安娜", "慕容绝", "上海"))
    assert entries["上海"].kind == "place"
    assert "慕容绝" in entries


@pytest.mark.parametrize(
    ("tallies", "apart"),
    [
        (["王建国", "老王", "王总"], ["王建国", "王总"]),
        (["王建国", "王明", "王总"], ["王建国", "王明", "王总"]),
        (["王建国", "王总", "王医生"], ["王建国", "王总", "王医生"]),
        (["王建国", "王太太"], ["王建国", "王太太"]),
    ],
)
def test_a_title_is_nobodys_where_more_than_one_may_have_it(tallies, apart):
    entries = {one.name: one for one in group({name: Tally(5, 0, 3, 0) for name in tallies})}
    assert len({frozenset(circle(entries, name)) for name in apart}) == len(apart)


@pytest.mark.parametrize("text", ["太阳正在落山。", "他走到半山，看见河水。", "那汉姓杨名志。", "老衲来迟了。"])
def test_what_is_no_chinese_name(text):
    assert not known(text, language="zh")


def test_a_given_name_alone_is_the_persons():
    entries = known("潘玉珍回来了。玉珍穿着风衣。潘玉珍笑了。玉珍没有说话。", language="zh")
    assert circle(entries, "潘玉珍") == {"潘玉珍", "玉珍"}


def test_who_is_called_by_a_surname_and_kin_is_someone():
    assert set(known("吴妈洗完了碗碟。吴妈坐下。他关了门，天黑了。王建国来了。王建国笑了。", language="zh")) == {
        "吴妈",
        "王建国",
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("俭笑曰：“今夜风大。”", set()),
        ("次日有一道人，密谓众人曰：“可走。”", set()),
        ("忽一人大叫曰：“且慢！”众人大呼曰：“是谁？”", set()),
        ("沈平引兵而出，沈平引见沈安。", {"沈平", "沈安"}),
        ("诸位有何良策？此事何足惜！", set()),
        ("杜成纵马提刀而来。", {"杜成"}),
        ("梁兵势大，梁兵围住了城。", set()),
        ("非汝之过也。孟韩之徒，皆不足信。", set()),
        ("李成执其手曰：“保重。”", {"李成"}),
        ("太尉杜成曰：“可。”校尉沈安曰：“不可。”司徒沈平曰：“可。”", {"杜成", "沈安", "沈平"}),
        ("他们登山望见四门紧闭，有人攻打西门。那马长嘶一声。", set()),
    ],
)
def test_a_piece_of_a_clause_is_nobody(text, names):
    assert found(text, "zh") == names


@pytest.mark.parametrize(
    "name", ["马小军", "何晨光", "林之孝", "司马长青", "司徒静", "西门吹雪", "李军霞", "陈其安", "诸葛平", "马提娜"]
)
def test_what_looks_like_a_piece_of_a_clause_may_be_a_name(name):
    assert found(f"{name}走进院子。{name}说：“你是谁？”众人都看着{name}。", "zh") == {name}


@pytest.mark.parametrize("name", ["那曲", "诸城", "九江"])
def test_what_begins_like_any_thing_may_be_a_place(name):
    assert found(f"他们来到{name}。", "zh") == {name}


def test_a_verb_that_a_dictionary_has_with_a_far_more_frequent_name_is_no_part_of_it():
    often, once = Tally(60, 0, 20, 0), Tally(1, 0, 1, 0)
    assert [one.name for one in group({"宋江": often, "宋江唤": once})] == ["宋江"]
    assert {one.name for one in group({"宋江": Tally(6, 0, 2, 0), "宋江唤": once})} == {"宋江", "宋江唤"}


def test_a_full_name_may_end_like_a_clause():
    text = "刘小军来了。白小云走了，刘小军没说话。白小云说：“好。”赵云引兵来。赵云云：“走。”赵云走了。"
    assert set(known(text, language="zh")) == {"刘小军", "白小云", "赵云"}


def test_a_word_that_stuck_to_a_name_once_is_no_part_of_it():
    names_here = found("陆渊奉师父之命下山。陆渊道：“走。”陆渊笑了。陆渊坐下。", "zh")
    assert names_here == {"陆渊"}


@pytest.mark.parametrize(("stuck", "name"), [("陆渊之命", "陆渊"), ("王羲之曰", "王羲之"), ("祖冲之道", "祖冲之")])
def test_a_name_that_ends_like_a_clause_stays_whole(stuck, name):
    assert without_tail(stuck) == name


def test_forms_of_one_name_are_one():
    entries = known(
        "Then Anne Elliot came, and Anne sat down. So Mr. Darcy met Darcy's aunt, Lady Catherine de Bourgh. "
        "But Lady Catherine knew Miss Anne Elliot, Mr. Darcy and Mr Darcy. And Mr. Fitzwilliam Darcy bowed. "
        "So did Anne."
    )
    assert circle(entries, "Anne") == {"Anne", "Anne Elliot", "Miss Anne Elliot"}
    assert circle(entries, "Darcy") == {"Mr. Darcy", "Darcy", "Mr. Fitzwilliam Darcy"}
    assert circle(entries, "Lady Catherine") == {"Lady Catherine", "Lady Catherine de Bourgh"}


@pytest.mark.parametrize(
    ("tallies", "apart"),
    [
        (["Mr. Bennet", "Mrs. Bennet"], ["Mr. Bennet", "Mrs. Bennet"]),
        (["Mr. Collins", "Miss Collins", "Collins"], ["Mr. Collins", "Miss Collins"]),
        (["Anne Elliot", "Elizabeth Elliot", "Miss Elliot"], ["Anne Elliot", "Elizabeth Elliot", "Miss Elliot"]),
        (["Lucy Steele", "Miss Lucy Steele", "Miss Steele"], ["Lucy Steele", "Miss Steele"]),
        (["Anne Elliot", "Anne Weston", "Anne"], ["Anne Elliot", "Anne Weston", "Anne"]),
        (["Mrs. John Dashwood", "John Dashwood"], ["Mrs. John Dashwood", "John Dashwood"]),
        (["Colonel Fitzwilliam", "Mr. Fitzwilliam Darcy"], ["Colonel Fitzwilliam", "Mr. Fitzwilliam Darcy"]),
        (["王先生", "王夫人"], ["王先生", "王夫人"]),
        (["小王", "老王", "王明"], ["小王", "老王", "王明"]),
    ],
)
def test_different_people_stay_apart(tallies, apart):
    entries = {one.name: one for one in group({name: Tally(5, 0, 3, 0) for name in tallies})}
    circles = [frozenset(circle(entries, name)) for name in apart]
    assert len(set(circles)) == len(apart)


@pytest.mark.parametrize(
    "together",
    [
        ["贾宝玉", "宝玉"],
        ["诸葛孔明", "孔明"],
        ["艾莉丝·温德尔", "艾莉丝"],
        ["周明远", "周明远老师"],
        ["Elizabeth Bennet", "Eliza Bennet", "Miss Elizabeth"],
        ["Mr. Bingley", "Charles Bingley", "Charles"],
        ["Dr. Amari", "Dr. Yusuf Amari"],
        ["Kestrel Vane", "Vane", "Kestrel"],
    ],
)
def test_one_person_is_not_two(together):
    entries = {one.name: one for one in group({name: Tally(5, 0, 3, 0) for name in together})}
    assert circle(entries, together[0]) == set(together)


def test_a_text_may_say_that_two_names_are_ones():
    assert same("其人姓刘，名备，字玄德。关羽字云长。复姓诸葛，名亮，字孔明。") == [
        ("刘备", "玄德"),
        ("关羽", "云长"),
        ("诸葛亮", "孔明"),
    ]
    assert same("Elizabeth, whom everybody called Lizzy, laughed.") == [("Elizabeth", "Lizzy")]
    tallies = {"刘备": Tally(3, 0, 3, 0), "玄德": Tally(9, 0, 9, 0), "云长": Tally(3, 0, 2, 0)}
    assert group(tallies, [("刘备", "玄德")])[0] == Known("玄德", ("刘备",), "person", 12)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("某姓沈名舟，字怀远，后改望川，世居青石。", [("沈舟", "怀远"), ("沈舟", "望川")]),
        ("覆姓欧阳，名静，字子雯，道号听雨先生。", [("欧阳静", "子雯"), ("欧阳静", "听雨先生")]),
        ("青州刺史林晓，字伯明，有二子。晓字又写错了。", [("青州刺史林晓", "伯明")]),
        ("沈舟到了。舟字怀远，河内人也。", [("沈舟", "怀远")]),
        ("沈越有二子，皆能文：长子名舟，字怀远；次子名帆，字怀安。", [("沈舟", "怀远"), ("沈帆", "怀安")]),
        ("江湖上林晓人称“听雨客”，无人不知。", [("江湖上林晓", "听雨客")]),
        ("小沈名叫沈舟。老王叫王家的人来。", [("沈舟", "小沈")]),
        ("妈妈又叫小明，小明没有应。名字写好，字也写好。", []),
        ("舟字怀远，不知何姓。", []),
    ],
)
def test_a_text_tells_other_names_in_many_ways(text, pairs):
    assert same(text) == pairs


def test_a_name_that_the_text_told_once_is_known_unless_it_is_a_word():
    tallies = {"沈舟": Tally(9, 0, 5, 0)}
    assert group(tallies, [("却说沈舟", "怀瑧")])[0].aliases == ("怀瑧",)
    assert group(tallies, [("沈舟", "公路")])[0].aliases == ()
    assert group(tallies, [("林晓", "怀瑧")]) == group(tallies)


def test_a_name_that_two_have_is_his_who_is_named_far_more_often():
    tallies = {"沈舟": Tally(40, 0, 9, 0), "林晓": Tally(9, 0, 9, 0), "怀瑧": Tally(5, 0, 5, 0)}
    pairs = [("沈舟", "怀瑧"), ("林晓", "怀瑧")]
    assert group(tallies, pairs)[0] == Known("沈舟", ("怀瑧",), "person", 45)
    assert len(group(tallies | {"林晓": Tally(11, 0, 9, 0)}, pairs)) == 3
    alike = {"沈舟": Tally(9, 0, 9, 0), "林晓": Tally(9, 0, 9, 0)}
    assert group(alike, pairs) == group(alike)


def test_a_lord_is_who_had_the_surname_when_it_was_said_first():
    tallies = {"沈舟": Tally(40, 0, 9, 0), "沈越": Tally(40, 0, 9, 0), "沈公": Tally(30, 0, 9, 0)}
    first = {"沈舟": (3, 9), "沈公": (50, 60), "沈越": (70, 80)}
    assert Known("沈舟", ("沈公",), "person", 70) in group(tallies, (), first)
    assert len(group(tallies)) == 3
    assert len(group(tallies, (), first | {"沈越": (40, 45)})) == 3
    assert len(group(tallies | {"沈公": Tally(19, 0, 9, 0)}, (), first)) == 3


def test_a_dukes_land_is_no_surname():
    tallies = {"魏延": Tally(40, 0, 9, 0), "魏公": Tally(30, 0, 9, 0)}
    assert len(group(tallies, (), {"魏延": (3, 9), "魏公": (50, 60)})) == 2


def test_a_word_that_only_begins_sentences_is_no_name():
    assert known("Happiness fled. Happiness came. It was Anne and Tom. Anne wept. It was Tom.").keys() == {
        "Anne",
        "Tom",
    }


def test_what_a_sentence_begins_with_is_counted_to_the_name_behind_it():
    entries = known("Yesterday Anne came. We saw Anne and Tom. Then Anne left.")
    assert entries["Anne"].count == 3


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Anne", "Mr. Darcy", "Darcy", "宝玉", "贾宝玉", "x", "A B", "·", "小"]), st.integers(0, 9)
        )
    )
)
def test_group_counts_everything_once_in_any_order(pairs):
    tallies = {name: Tally(n, n, n, 0) for name, n in pairs}
    entries = group(tallies)
    assert group(dict(reversed(tallies.items()))) == entries
    all_names = [name for one in entries for name in (one.name, *one.aliases)]
    assert len(all_names) == len(set(all_names)) <= len(tallies)
    assert [one.count for one in entries] == sorted((one.count for one in entries), reverse=True)


@given(
    st.lists(
        st.sampled_from(
            [
                "Anne",
                "Mr.",
                "de",
                " ",
                "\n",
                "“",
                '"',
                "said",
                "’s",
                "ANNE",
                "·",
                "宝玉",
                "道",
                "：",
                "欧阳",
                "小",
                "城",
                "在",
                "O'",
                "-",
                "\t",
                "İ",
                "😀",
            ]
        ),
        max_size=40,
    ).map("".join)
    | st.text(max_size=40)
)
def test_any_text_can_be_read(text):
    mentions = find(text, "en")
    assert all(0 <= m.start < m.end <= len(text) for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert find(text, "en") == mentions
    group(counted(mentions), same(text))


@pytest.mark.timeout(60)
def test_nobody_is_too_many():
    rng = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    some = ["".join(rng.choices(letters, k=6)).capitalize() for _ in range(5000)]
    han = ["林" + chr(0x4E00 + i) + "玉" for i in range(5000)]
    for many in (
        [f"Ivan {name}" for name in some] + ["Ivan", "Mr. Ivan"],
        [f"{name} Ivan" for name in some] + ["Ivan", "Mr. Ivan", "Miss Ivan"],
        [f"Mr. {name}" for name in some] + some,
        some,
        han,
    ):
        assert group({name: Tally(3, 1, 2, 0) for name in many})


@pytest.mark.timeout(60)
def test_long_texts_take_time_in_proportion():
    find("曹操", "zh")
    for text in ("Anne " * 20000, "A" * 100_000, "宝玉" * 20000, "·" * 50_000, "“" * 50_000, "\n" * 100_000 + "Anne"):
        names.find(text, "en")
