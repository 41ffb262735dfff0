"""What Chinese sentences say of people, modern and classical; rather none than a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from writer.facts.readers import Readers, Said, matches
from writer.facts.statement import MASK, Reading, Statement
from writer.facts.words import any_of, pairs, words
from writer.names.words import words as name_words

_H = "\u4e00-\u9fff\u3400-\u4dbf"

_SURE = frozenset("".join(name_words("chinese", "sure_surnames")))
_SURNAMES = frozenset("".join(name_words("chinese", "surnames")))
_COMPOUND = name_words("chinese", "compound")
_FOREIGN = frozenset("".join(name_words("chinese", "sounds"))) | {"·"}
_IN_NO_NAME = frozenset(
    "的了是在有这那他她它我你您们也都就把被不没很又与及吗呢吧啊呀么什谁哪每各某却已寿亡姓名字既皆闻旗"
)
_NAME = rf"[{_H}·]{{2,7}}?"  # whether it has the form of a name is cheaper asked afterwards
_STEMS = (
    r"(?:却说|且说|话说|原来|只见|单说|但说|再说|忽见|为首|其实|此时|当时|那时|这时|如今|现在|今年|那年|这年|后来|可是|但是|不过|"
    r"因为|虽然|而且|于是|乃|知|后|那|这|时有|时|有|又有|而|但|只是|据说|[一二三四五六七八九十]{1,3}岁的)?"
    r"(?:这|那)?"
)
_EDGE = rf"(?<![^，。；：！？、…—\s{MASK}）)])"
_WHO = rf"{_EDGE}{_STEMS}(?P<who>他|她|{_NAME})"
_WHOSE = rf"{_EDGE}{_STEMS}(?P<whose>他|她|{_NAME})"
_QUOTE = "[“”\"'‘’「」『』《》]?"

_NOT_NAMES = name_words("chinese", "stops") | words("chinese", "not_names")
_SPEAKS = r"(?:说|道|问|答|曰|笑道|说道|问道|答道|喊|叫道|喝道|大怒|大喜|点头|摇头|笑了|看着|站|走|坐|转身|沉默)"

_KIN = pairs("chinese", "kin")
_KIN_WORD = any_of(frozenset(_KIN))
_LONG_KIN = any_of(frozenset(word for word in _KIN if len(word) > 1))

_SHADE = "(?:深|浅|淡|暗|浓|亮|银|冰|湛|碧|墨|天|海|乌|漆|灰|蓝|绿|棕|褐|黑|金|琥珀|宝石)"
_EYE_COLOURS = "(?:黑|棕|褐|灰|蓝|绿|碧|琥珀|紫|金|银|茶)"
_EYES = rf"(?:{_SHADE}?{_EYE_COLOURS}(?:色)?)"
_HAIR = "(?:(?:深|浅|淡|暗|亮|银|乌|漆|火|酒|栗|亚麻)?(?:黑|棕|褐|红|金|灰|白|银|黄|栗)(?:色)?|亚麻色|栗色|花白|乌黑)"
_EYE_NOUN = "(?:眼睛|眼眸|眸子|双眼|双眸|瞳孔|瞳仁|眼珠|眼瞳|眼)"
_HAIR_NOUN = "(?:头发|长发|短发|卷发|发丝|发辫|辫子|秀发|发)"
_ADJECTIVE = rf"(?:(?![不没非未无])[{_H}]){{1,4}}的"

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER = r"(?:[一二三四五六七八九十百两]{1,5}|廿[一二三四五六七八九]?|\d{1,3})"
_JOB = any_of(words("chinese", "jobs"))
_PET = any_of(words("chinese", "pets"))
_PART = any_of(words("chinese", "parts"))

_UNREAL = re.compile(any_of(words("chinese", "unreal")))
_PERSON = re.compile(any_of(words("chinese", "persons")))
_PRONOUN = re.compile("他们|她们|我们|你们|他|她|我|你|其")


class _Reading(Reading):
    """A Chinese one."""

    def is_meant(self, start: int, end: int) -> bool:
        """Whether what is between these is told as a fact."""
        edge = max(self.text.rfind(mark, 0, start) for mark in "。；！？") + 1
        return not (_UNREAL.search(self.text, max(edge, start - 12), end) or _HEARSAY.search(self.text, edge, start))

    def named(self, said: str, at: int) -> str | None:
        """The name that is said there, or whom the pronoun there can only mean."""
        if said in ("他", "她"):
            return self._meant(said, at)
        return _named(said, self.around)

    def _meant(self, pronoun: str, at: int) -> str | None:
        here = self.text[:at]
        if _others(here, pronoun) or _PERSON.search(here) or _TO_SOMEBODY.search(here):
            return None
        names = _names(here, self.around)
        if names:
            return names[0] if len(names) == 1 else None
        said = ""
        for number, before in enumerate(self.sentence.before):
            said = before + said
            if (
                (number and MASK in before)
                or _others(said, pronoun)
                or _PERSON.search(said)
                or _TO_SOMEBODY.search(said)
            ):
                return None
            if names := _names(before, self.around):
                first = _PRONOUN.search(before)
                is_first = first is None or first.start() > before.find(names[0])
                return names[0] if len(names) == 1 and is_first else None
        return None

    def topic(self, at: int) -> str | None:
        """Whom a clause without a subject is about: the only one named before it, at the sentence's beginning."""
        here = self.text[:at]
        match = _TOPIC.match(here)
        if match is None:
            return None
        name = match["who"]
        here = _BEING.sub("，", here)
        if _PERSON.search(here) or _PRONOUN.search(here) or MASK in here:
            return None
        found = _named(name, self.around)
        others = [other for other in _names(here, self.around) if other != name]
        return found if not others or others == [found] else None


_TOPIC = re.compile(rf"^{_STEMS}(?P<who>{_NAME})(?=[，,、]|[字生乃是身姓])")
_BEING = re.compile(r"(?<![不就总才都像])是[^，。；]{0,10}?的?[^，。；的]{1,8}，")
_HEARSAY = re.compile("(?<![却且单但话])说|曰|听|传|以为|梦|想|问|道[：，]")


def _others(text: str, pronoun: str) -> bool:
    return any(found[0] != pronoun for found in _PRONOUN.finditer(text))


_A_NAME = re.compile(
    rf"{_EDGE}{_STEMS}(?P<who>{_NAME})(?={_SPEAKS}|[的是有在把被将和与，、今年已正又便也从向对朝跟同给拿])"
)
_FIRST = re.compile(rf"{_STEMS}(?P<who>[{_H}]{{3}})(?![{_H}]?[人家])")
_TO_SOMEBODY = re.compile(rf"[着了到对向给见和与跟把被叫问](?=[{''.join(sorted(_SURE))}])")
_INNER = re.compile(rf"(?:[和与跟同对向把被给见](?=(?P<who>{_NAME})(?:[的，。、说是在]|$)))")


def _names(text: str, around: str) -> list[str]:
    """The names in a text, each once, in their order."""
    said = dict.fromkeys(match["who"] for pattern in (_A_NAME, _INNER) for match in pattern.finditer(text))
    found = [name for name in said if _is_name(name, around)]
    if not found and (first := _FIRST.match(text)) and around.count(first["who"]) > 1:
        return [first["who"]] if _is_name(first["who"], around) else []
    return found


@lru_cache(maxsize=4096)
def _is_name(said: str, around: str) -> bool:
    """Whether these characters are a person's name: by their form, or because somebody of that name speaks or acts."""
    if not _IN_NO_NAME.isdisjoint(said) or _is_word(said) or said[0] in "后时今此士":
        return False
    if said[-1] in _LAST_OF_OTHERS and not (_LIKE_A_PLACE.fullmatch(said) and around.count(said) > 1):
        return False
    import rjieba  # loads its dictionary: 0.1 s

    tagged = rjieba.tag(said)
    if len(tagged) == 1 and str(tagged[0][1]).startswith("nr"):
        return True
    is_foreign = _FOREIGN.issuperset(said) and len(said) > 2
    is_compound = said[:2] in _COMPOUND and len(said) <= 4
    has_surname = len(said) <= 3 and (said[0] in _SURNAMES or said[0] in "阿小老")
    if not (is_foreign or is_compound or has_surname or len(said) == 2):
        return False
    if re.search(rf"(?<![{_H}]){re.escape(said)}{_SPEAKS}", around):
        return True
    if len(tagged) == 1:
        return False
    return is_foreign or is_compound or (said[0] in _SURE and (len(said) == 3 or around.count(said) > 1))


def _is_word(said: str) -> bool:
    """Whether it is, or begins or ends with, a word that is no name; 方小雨 is one though 小雨 is not."""
    return bool({said, said[:2]} & _NOT_NAMES) or (said[-2:] in _NOT_NAMES and said[0] not in _SURE)


_OFFICES = words("chinese", "jobs") | {title for title in name_words("chinese", "titles") if len(title) > 1}
_OFFICE = re.compile(rf"[{_H}]{{0,5}}?{any_of(_OFFICES)}(?P<who>[{_H}]{{2,4}})")


def _named(said: str, around: str) -> str | None:
    """The name in these characters: all of them, or what stands behind an office."""
    if _is_name(said, around):
        return said
    held = _OFFICE.fullmatch(said) if _IN_NO_NAME.isdisjoint(said) else None
    return held["who"] if held and held["who"][0] in _SURE and _is_name(held["who"], around) else None


_LIKE_A_PLACE = re.compile(rf"[{''.join(sorted(_SURE))}](?!家)[{_H}][山江河国年]")  # 王建国
_LAST_OF_OTHERS = frozenset("家人国军兵色时年月日天州城山河江十百千岁")


_WORTH = frozenset("眼眸瞳发岁年疤痕左右高身个人生来住字号死卒世逝亡故牲娶嫁婚独异寡鳏叫名唤使持执")
_WORTH_KIN = re.compile(rf"[之的]{_KIN_WORD}|[长次三幼][子女]|{_JOB}")


def _is_worth(text: str) -> bool:
    return not _WORTH.isdisjoint(text) or _WORTH_KIN.search(text) is not None


_READERS = Readers(_Reading)
_ASKS = re.compile(rf"(?:[？?]|[吗么]。)[{MASK}”’」』 ]*\Z")


def stated(text: str) -> list[Statement]:
    """What the narrator says of people by name, or by a pronoun that can only mean one."""
    return _READERS.stated(text, _is_worth, _ASKS)


def _about(reading: _Reading, match: re.Match[str]) -> str | None:
    """Whom a match is about, if it means what it says."""
    groups = match.groupdict()
    group = "who" if groups.get("who") else "whose"
    if groups.get(group) is None:
        return reading.topic(match.start()) if reading.is_meant(match.start(), match.end()) else None
    if not reading.is_meant(match.start(group), match.end()):
        return None
    return reading.named(groups[group], match.start(group))


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_TOPICAL = r"(?<=[，,、；])"
_COLOURED = _compiled(
    rf"{_WHOSE}(?:的|那双|那对|一双|那)(?:那双|一双|双)?(?:{_ADJECTIVE})?{_EYE_NOUN}(?:是|呈|为)"
    rf"(?:[^，。；]{{0,6}}?的?)(?P<eyes>{_EYES})(?=的|[，。；]|$)",
    rf"{_WHOSE}(?:的|那双|那对)(?:那双|一双)?(?:{_ADJECTIVE})?(?P<eyes>{_EYES})的?(?:大|小)?{_EYE_NOUN}",
    rf"{_WHO}(?:天生|生来|生得|生就)?(?:有着?|长着|生着|生有|长了|生得)(?:一|两)?(?:双|对|"
    rf"只)?(?:{_ADJECTIVE})?(?P<eyes>{_EYES})的?(?:大|小)?{_EYE_NOUN}",
    rf"{_WHO}生得[^，。；]{{0,6}}，?(?P<eyes>碧|蓝|绿|紫|金)[眼眸瞳]",
    rf"{_TOPICAL}(?:有着?|长着|生着|生得)(?:一|两)?(?:双|对)(?:{_ADJECTIVE})?(?P<eyes>{_EYES})的?{_EYE_NOUN}",
    rf"{_WHOSE}的{_HAIR_NOUN}(?:是|呈|为)(?:[^，。；]{{0,6}}?的?)(?P<hair>{_HAIR})(?=的|[，。；]|$)",
    rf"{_WHOSE}的?(?:那头|一头)?(?:{_ADJECTIVE})?(?P<hair>{_HAIR})的?(?:长|短|卷)?(?:头发|长发|短发|卷发)",
    rf"{_WHO}(?:有着?|留着|长着|顶着)(?:一)?(?:头)(?:{_ADJECTIVE})?(?P<hair>{_HAIR})的?(?:长|短|卷)*(?:头发|长发|短发|卷发|发)",
    rf"{_WHOSE}的{_HAIR_NOUN}(?:已经|早已|早就|全|都|几乎)*(?P<hair>花白|雪白|斑白|灰白|白)了?(?=[，。；]|$)",
    rf"{_TOPICAL}头发(?:已经|早已|早就|全|都|几乎)*(?P<hair>花白|雪白|斑白|灰白|乌黑)了?(?=[，。；]|$)",
    rf"{_TOPICAL}(?:有着?|留着|长着)?一头(?:{_ADJECTIVE})?(?P<hair>{_HAIR})的?(?:长|短|卷)*(?:头发|长发|短发|卷发|发)",
)


@_READERS.reads(r"[眼眸瞳发]")
def _colours(reading: _Reading) -> Iterator[Said]:
    for match in matches(_COLOURED, reading.text):
        attribute = "eyes" if "eyes" in match.groupdict() else "hair"
        if subject := _about(reading, match):
            yield subject, attribute, match[attribute].removesuffix("色") + "色"
    for match in matches(_DYED, reading.text):
        if subject := _about(reading, match):
            yield subject, "hair dyed", "染"


_DYED = _compiled(rf"{_WHO}(?:[^，。；]{{0,6}})?(?:把头发染|染了[^，。；]{{0,4}}发|染发)", rf"{_WHOSE}的头发染")

_AGED = _compiled(
    rf"{_WHO}，?(?:今年|现年|时年|年方|年已|年|那年|这年|当时|如今)?(?:也|才|都|是|已经|已|刚刚|刚满|刚|只有|不过|"
    rf"整整)*(?P<age>{_NUMBER})岁(?![的时那前后多左]|以)",
    rf"{_WHO}，?(?:年方|年|时年|年已)(?P<age>{_NUMBER})(?=[，。；])",
    rf"{_TOPICAL}(?:今年|现年|时年|年方|年已|年)?(?:也|才|是|已经|已|刚|刚满)*(?P<age>{_NUMBER})(?:岁了?(?=[，。；]))",
    rf"{_TOPICAL}(?:年方|年已|年)(?P<age>{_NUMBER})(?=[，。；])",
    rf"(?P<age>{_NUMBER})岁的(?P<whose>{_NAME})(?=[，。；、在把被将从正已又是站坐走看说]|$)",
)
_BORN_AGED = re.compile(
    rf"姓(?P<family>[{_H}]{{1,2}})，?名(?P<given>[{_H}]{{1,2}})，(?:字[{_H}]{{2}}，)?(?:年方|时年|年)(?P<age>{_NUMBER})岁?(?=[，。；])"
)
_DIED_AGED = _compiled(
    rf"{_WHO}[^。；]{{0,12}}?(?:卒|死|亡|薨|崩)[^。；]{{0,6}}?(?:亡年|享年|寿|年)(?P<age>{_NUMBER})岁?(?=[，。；])",
    rf"{_WHO}(?:享年|亡年|终年)(?P<age>{_NUMBER})岁?(?=[，。；])",
)


@_READERS.reads(r"岁|年")
def _ages(reading: _Reading) -> Iterator[Said]:
    for match in matches(_AGED, reading.text):
        if _AGO.search(reading.text, max(0, match.start() - 8), match.end() + 3):
            continue
        if subject := _about(reading, match):
            yield subject, "age", _number(match["age"])
    for match in _BORN_AGED.finditer(reading.text):
        yield match["family"] + match["given"], "age", _number(match["age"])
    for match in matches(_DIED_AGED, reading.text):
        if subject := _about(reading, match):
            yield subject, "age at death", _number(match["age"])


_AGO = re.compile("年前|那一年|当年|从前|小时候|曾经|早在|以前|之前")


def _number(said: str) -> str:
    """三十七 as 37, 百二十 as 120; what is written in digits stays."""
    if said.isdecimal():
        return said
    said = said.replace("廿", "二十")
    total, digit = 0, 0
    for character in said:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + _DIGITS[character] if digit else _DIGITS[character]
    return str(total + digit)


_TALLER = _compiled(
    rf"{_WHO}，?(?:其人)?(?:身高|身长)(?P<height>(?:{_NUMBER}|一米[一二三四五六七八九\d]{{1,2}})"
    rf"(?:尺(?:{_NUMBER}寸)?|厘米|公分|米\d{{0,2}}|)?)(?=[，。；])",
    rf"{_TOPICAL}身(?:高|长)(?P<height>{_NUMBER}(?:尺(?:{_NUMBER}寸)?|厘米|公分|米\d{{0,2}}))(?=[，。；])",
    rf"{_TOPICAL}(?:个子|身材|身量|个头)(?:很|十分|非常|特别)?(?P<tall>高大|矮小|很高|很矮|高|矮)(?=[，。；]|$)",
    rf"{_WHO}(?:的)?(?:个子|身材|身量|个头)(?:很|十分|非常|特别)?(?P<tall>高大|矮小|很高|很矮|高|矮)(?=[，。；]|$)",
)


@_READERS.reads(r"身高|身长|身材|身量|个子|个头")
def _height(reading: _Reading) -> Iterator[Said]:
    for match in matches(_TALLER, reading.text):
        if subject := _about(reading, match):
            groups = match.groupdict()
            yield subject, "height", groups.get("height") or ("高" if "高" in match["tall"] else "矮")


_MARKED = _compiled(
    rf"{_WHO}(?:的)?(?P<part>{_PART})(?:颊|角|上|下|边|侧|间|处|背|心|腕|虎口|胳膊)*(?:有|留着|带着|横着)"
    rf"(?:一)?[道条块个]?(?:{_ADJECTIVE})?(?:刀|伤|长|旧|剑|烧)?(?P<scar>疤|伤疤|疤痕|伤痕)",
    rf"{_TOPICAL}(?P<part>{_PART})(?:颊|角|上|下|边|侧|间|处|背|心|腕|虎口|胳膊)*(?:有|留着|带着|横着)"
    rf"(?:一)?[道条块个]?(?:{_ADJECTIVE})?(?:刀|伤|长|旧|剑|烧)?(?P<scar>疤|伤疤|疤痕|伤痕)",
    rf"{_WHO}(?:[^，。；]{{0,6}}?)(?P<lost>失去了|没了|断了|瞎了|少了)(?P<part>[左右](?:眼|耳|手|臂|胳膊|腿|脚|手臂))",
    rf"{_WHO}的?(?P<part>[左右](?:眼|耳|手|臂|胳膊|腿|脚))(?P<lost>已经瞎了|瞎了|断了|是假的|失明|残废)",
    rf"{_WHO}(?:的)?(?P<part>[左右](?:腿|脚))(?:还是|一直|有点|有些|微微)*(?P<lame>跛|瘸)",
)
_DEAF = _compiled(
    rf"{_WHO}的?(?P<part>左耳|右耳)(?:早就|已经|几乎|完全)?(?:听不见|聋|失聪)",
    rf"{_TOPICAL}(?P<part>左耳|右耳)(?:早就|已经|几乎|完全)?(?:听不见|聋|失聪)",
)
_HANDED = _compiled(
    rf"{_WHO}(?:天生|从小|生来)?(?:就)?是(?:个|一个)?(?P<hand>左撇子|右撇子)", rf"{_WHO}(?:习惯|惯)用(?P<hand>[左右])手"
)


@_READERS.reads(r"疤|伤痕|[左右]")
def _marks(reading: _Reading) -> Iterator[Said]:
    for match in matches(_MARKED, reading.text):
        if subject := _about(reading, match):
            (attribute,) = (key for key in ("scar", "lost", "lame") if match.groupdict().get(key))
            yield subject, attribute, match["part"]
    for match in matches(_DEAF, reading.text):
        if subject := _about(reading, match):
            yield subject, "deaf", match["part"]
    for match in matches(_HANDED, reading.text):
        if subject := _about(reading, match):
            yield subject, "hand", "左" if match["hand"].startswith("左") else "右"


_WORKS = _compiled(
    rf"{_WHO}(?:如今|现在)?(?:是|当了|做了)(?:一|这)?(?:个|名|位|家)?(?:[^，。；不的]{{0,8}}的)?[^，。；不的]{{0,4}}?(?P<job>{_JOB})(?=[，。；]|$)",
    rf"{_TOPICAL}(?:如今|现在)?(?:是|当了|做了)(?:一|这)?(?:个|名|位|家)?(?:[^，。；不的]{{0,8}}的)?[^，。；不的]{{0,4}}?(?P<job>{_JOB})(?=[，。；]|$)",
    rf"{_WHO}(?:在[^，。；的]{{1,6}}?)?(?:做|当)过?了?(?:{_NUMBER}|几|多)年(?:的)?(?P<job>{_JOB})(?=[，。；]|$)",
)


@_READERS.reads(_JOB)
def _jobs(reading: _Reading) -> Iterator[Said]:
    for match in matches(_WORKS, reading.text):
        if subject := _about(reading, match):
            yield subject, "occupation", match["job"]


_AFTER = r"(?=[，。；、：在是叫也正已又说道都从为向便率引曰跟与和来去走坐站把被将给对看没不有很才就还今死淹病]|$)"
_RELATED = _compiled(
    # 苏晴的妹妹苏雨
    rf"{_WHOSE}(?:的|之)(?P<kin>{_KIN_WORD})(?:名叫|叫做|叫|名|是)?(?P<other>{_NAME}){_AFTER}",
    # 马腾长子马超
    rf"{_WHOSE}(?P<kin>长子|次子|三子|幼子|长女|次女)(?P<other>{_NAME}){_AFTER}",
)
_RELATED_TO = _compiled(
    # 苏雨是苏晴的妹妹
    rf"{_EDGE}{_STEMS}(?P<other>{_NAME})(?:，?(?:乃是|[是乃])|，)(?P<whose>他|她|{_NAME})(?:的(?P<kin>{_LONG_KIN})|"
    rf"之(?P<kin2>{_KIN_WORD}))(?=也|[，。；、]|$)",
)


@_READERS.reads(rf"[之的]{_KIN_WORD}|长子|次子|三子|幼子|长女|次女")
def _kinship(reading: _Reading) -> Iterator[Said]:
    for match in matches(_RELATED + _RELATED_TO, reading.text):
        if not reading.is_meant(match.start(), match.end()):
            continue
        kin = match["kin"] or match["kin2"]
        other = match["other"]
        if not _is_name(other, reading.around) or _LISTED.match(reading.text, match.end()):
            continue
        subject = reading.named(match["whose"], match.start("whose"))
        if subject and other != subject:
            yield subject, _KIN[kin], other


_LISTED = re.compile(r"、")

_COMES = _compiled(
    rf"{_WHO}(?:出生在|出生于|生于|生在)(?P<birthplace>[{_H}]{{2,8}}?)(?=[，。；]|的|一个|$)",
    rf"{_WHO}(?:，字[{_H}]{{1,2}}，|，)?(?:本|原)?[是乃](?P<home>[{_H}]{{2,7}})人(?:也|氏)?(?=[，。；]|$)",
    rf"{_WHO}，(?:字[{_H}]{{1,2}}，)?(?P<home>(?![是乃])[{_H}]{{2,7}})人(?:也|氏)(?=[，。；]|$)",
    rf"{_WHO}来自(?P<home>[{_H}]{{2,8}}?)(?=[，。；]|的|$)",
    rf"{_WHO}(?:一直)?(?:住在|家住)(?P<house>[{_H}]{{2,8}}?)(?=[，。；]|的|$)",
)
_NOT_A_PLACE = re.compile(
    r"[一二三四五六七八九十几两数众诸辞的个了这那什么何此其为有一无非不]|本地|外地|当地|自己|"
    r"[男女老好坏恶善军贵商工诗文]$|心腹|非常|[同乡]$|世$|之|可怜|聪明"
)


@_READERS.reads(r"人|生于|生在|出生|来自|住")
def _origins(reading: _Reading) -> Iterator[Said]:
    for match in matches(_COMES, reading.text):
        groups = match.groupdict()
        (attribute,) = (key for key in ("birthplace", "home", "house") if groups.get(key))
        place = match[attribute]
        if _NOT_A_PLACE.search(place) or re.search(_KIN_WORD + "$", place):
            continue
        if subject := _about(reading, match):
            yield subject, {"home": "native place", "house": "home"}.get(attribute, attribute), place
    for match in matches(_BORN, reading.text):
        if subject := _about(reading, match):
            yield subject, "birth", _year(match["year"])


_BORN = _compiled(rf"{_WHO}(?:，)?(?:出生于|生于|出生在)(?P<year>[一二三四五六七八九〇零]{{4}}|\d{{4}})年")


def _year(said: str) -> str:
    return said if said.isdecimal() and said.isascii() else "".join(str(_DIGITS[c]) for c in said)


_COURTESY = _compiled(
    rf"{_EDGE}{_STEMS}(?P<who>{_NAME})，?(?:表)?字(?P<zi>(?![号旗])[{_H}]{{2}}|[{_H}]子)(?=[，。；])",
    rf"{_EDGE}(?:其人|此人|那人)?姓(?P<family>[{_H}]{{1,2}})，?名(?P<given>[{_H}]{{1,2}})"
    rf"，?字(?P<zi>[{_H}]{{2}})(?=[，。；])",
)


@_READERS.reads(r"字|号")
def _courtesy(reading: _Reading) -> Iterator[Said]:
    for match in matches(_COURTESY, reading.text):
        groups = match.groupdict()
        if groups.get("family"):
            yield groups["family"] + groups["given"], "courtesy name", match["zi"]
        elif subject := _about(reading, match):
            yield subject, "courtesy name", match["zi"]


_SOMEHOW = (
    "(?:(?:于|在)[^，。；的]{1,8}?|既|皆|早已|早就|已经|已|也|终于|终|昨夜|当晚|当夜|当日|却|便|遂|竟|果然|因病|病重|不久|突然|淹|病|战|"
    "被[^，。；的]{1,6}?杀)"
)
_DIED = _compiled(
    rf"{_WHO}{_SOMEHOW}{{0,2}}(?P<dead>死了|死|去世了?|病逝|病故|身亡|病亡|而卒|逝世|牺牲了?|阵亡|已死|已卒|(?<!士)卒)(?=[，。；]|$)",
)


@_READERS.reads(r"死|卒|去世|逝|病故|亡|牺牲")
def _deaths(reading: _Reading) -> Iterator[Said]:
    for match in matches(_DIED, reading.text):
        if subject := _about(reading, match):
            yield subject, "death", "dead"


_MARRIED = _compiled(rf"{_WHO}(?:已经)?(?:娶了|嫁给了|嫁给|娶)(?P<other>{_NAME})(?=为妻|[，。；]|$)")
_WED = _compiled(rf"{_WHO}(?:至今|一直|还)?(?:是)?(?P<state>未婚|单身|未娶|未嫁|离异|寡妇|鳏夫)(?=[，。；]|$)")


@_READERS.reads(r"[娶嫁]|未婚|单身|离异|寡妇|鳏夫")
def _marriage(reading: _Reading) -> Iterator[Said]:
    for match in matches(_MARRIED, reading.text):
        if (subject := _about(reading, match)) and _is_name(match["other"], reading.around):
            yield subject, "spouse", match["other"]
    for match in matches(_WED, reading.text):
        if subject := reading.named(match["who"], match.start("who")):
            yield subject, "marriage", match["state"]


_OWNED = _compiled(
    rf"{_WHO}(?:家里|家)?(?:养了|养着|养过|有|骑着|骑|买了)"
    rf"(?:一)?[条只匹头]?(?:{_ADJECTIVE})?[^，。；的叫名唤]{{0,3}}?(?P<thing>{_PET})，?(?:名叫|取名叫|取名|叫做|叫|"
    rf"名曰|唤作|名唤|名为|起名叫)(?P<name>{_QUOTE}[{_H}]{{2,3}}{_QUOTE})(?=[，。；]|$)",
    rf"{_WHO}(?:家里|家)?(?:养了|养着|养过|有|骑着|骑|买了)(?:一)?[条只匹头]?(?:名叫|叫做|叫|名为|唤作)"
    rf"(?P<name>{_QUOTE}[{_H}]{{2,3}}{_QUOTE})的[^，。；的]{{0,3}}?(?P<thing>{_PET})",
    rf"{_TOPICAL}(?:家里|家)?(?:养了|养着|养过|有|骑着|骑)(?:一)?[条只匹头]?(?:名叫|叫做|叫|名为|唤作)"
    rf"(?P<name>{_QUOTE}[{_H}]{{2,3}}{_QUOTE})的[^，。；的]{{0,3}}?(?P<thing>{_PET})",
    rf"{_WHOSE}的(?:那[条只匹头])?[^，。；的]{{0,2}}?(?P<thing>{_PET})，?(?:名叫|叫做|叫|名曰|唤作|名为)"
    rf"(?P<name>{_QUOTE}[{_H}]{{2,3}}{_QUOTE})(?=[，。；]|$)",
    rf"{_WHOSE}的(?P<thing>船|渔船|剑|刀|坐骑|佩剑|宝剑|佩刀)，?(?:名叫|叫做|叫|名曰|唤作|名为)"
    rf"(?P<name>{_QUOTE}[{_H}]{{2,4}}{_QUOTE})(?=[，。；]|$)",
)
_WIELDED = _compiled(
    rf"{_TOPICAL}(?:手)?(?:使|使用|手持|手执)(?:一)?(?:口|条|枝|支|把|柄|杆|对)(?P<weapon>[{_H}]{{2,6}}?(?:刀|枪|矛|戟|剑|鞭|斧|锤|弓|棍))(?=[，。；])",
    rf"{_WHO}，?(?:手)?(?:使|使用|手持|手执)(?:一)?(?:口|条|枝|支|把|柄|杆|对)(?P<weapon>[{_H}]{{2,6}}?(?:刀|枪|矛|戟|剑|鞭|斧|锤|弓|棍))(?=[，。；])",
)


@_READERS.reads(r"[叫名唤使持执]")
def _belongings(reading: _Reading) -> Iterator[Said]:
    for match in matches(_OWNED, reading.text):
        if subject := _about(reading, match):
            yield subject, _KINDS.get(match["thing"][-1], match["thing"]), match["name"].strip("“”\"'‘’「」『』《》")
    for match in matches(_WIELDED, reading.text):
        if subject := _about(reading, match):
            yield subject, "weapon", match["weapon"]


_KINDS = pairs("chinese", "kinds")
