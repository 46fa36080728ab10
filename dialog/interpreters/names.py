"""Names: of whoever looks after somebody, with the relation or that alone, and of the holder."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.interpreters.spelled_name import spelled_name
from dialog.lexicon.word_list import any_of, read_file, words
from dialog.normalisation import Text, normalise
from dialog.pinyin import signs_alike, sound_alike
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.item import Role
from survey_engine.wait import Accepts

_NAME = "names"
_FILE = "names.yaml"
_HAN = "[\u4e00-\u9fff]"
_RELATION_TARGET = "relation"
#: So many signs of one sound are tried for a sign of a name.
_MOST = 80
#: What may stand after a relation that is a whole: 我是他妈妈，我来答.
_NO_MORE = r"(?=$|[，。！？；：、 啊呀呢嘛吧哦哈嘞诶欸哎嗯我来代替]|帮[他她孩娃])"


class Names:
    """Reads NAME RELATION for the guardian, and the relation of whoever answers."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the name and the relation if both were said and each is the only one."""
        role = question.item.role if question.item is not None else None
        guardian = role is Role.GUARDIAN
        relation = question.target == _RELATION_TARGET
        if role is Role.NAME:
            return _holder(text)
        if not (guardian or relation) or question.accepts is not Accepts.TEXT:
            return Interpretation()
        if any_of(_FILE, "doubt").search(text.plain):
            return Interpretation(doubts=("names",))
        speaker = question.context.speaker
        if relation:
            said = _relation(text.plain, speaker)
            return _one(said, text) if said else Interpretation()
        last, mended = _stood_by(text.plain)
        names = set(_names(last))
        if len(names) != 1:
            return Interpretation(doubts=("names",) if names or _relation(last, speaker) else ())
        (name,) = names
        said = _relation_of(name, last) or _relation(last, speaker)
        if not said:
            return Interpretation(doubts=("names",))
        return _one(f"{name} {said}", text, Strength.READ_BACK if mended else Strength.NAME)


def relation_told(words: str) -> str:
    """Return how whoever answers for the person says that they are related, or nothing.

    Only what they say of themselves counts (我是他妈妈, 他妈妈), since other relatives are named in
    the same breath; 孩子他爸 is the father of one person and the husband of another, and who is
    他爸爸的朋友 is not the father.
    """
    plain = normalise(words).plain.strip("，。 ")
    if any_of(_FILE, "doubt").search(plain) or re.search("[孩娃].?[他她]", plain):
        return ""
    bare = re.fullmatch(rf"(?:是)?(?:他|她|孩子)?的?({_kin()})", plain)
    own = {_relations()[bare[1]]} if bare else _own_relations(plain, _NO_MORE)
    return own.pop() if len(own) == 1 else ""


def names_alike(name: str) -> Iterator[str]:
    """Yield ``name`` and others that may be heard for it: known surnames, common signs."""
    listed = words(read_file(_FILE)["surnames"])
    size = 2 if name[:2] in listed else 1
    surname, given = name[:size], name[size:]
    surnames = [surname, *(one for one in listed if one != surname and sound_alike(one, surname))]
    for parts in product(surnames, *(signs_alike(sign)[:_MOST] for sign in given)):
        yield "".join(parts)


def _holder(text: Text) -> Interpretation:
    """Return the one name that was said; without a known surname what was said is only a guess."""
    names = set(_names(text.plain))
    if len(names) > 1 or any_of(_FILE, "doubt").search(text.plain):
        return Interpretation(doubts=("names",))
    if names:
        return _one(names.pop(), text)
    bare = _bare().fullmatch(text.plain.strip("，。 "))
    if bare is None or _is_kin(bare["name"]):
        return Interpretation()
    return _one(bare["name"], text, Strength.READ_BACK)


@cache
def _bare() -> re.Pattern[str]:
    stop = "".join(words(read_file(_FILE)["stops"]))
    return re.compile(
        rf"(?:我|他|她|证上)?(?:的)?(?:名字|姓名)?(?:叫做?|是)?(?P<name>(?:(?![{stop}]){_HAN}){{2,4}})"
    )


def _one(value: str, text: Text, kind: Strength = Strength.NAME) -> Interpretation:
    evidence = Evidence(text.raw[:80], 0, len(text.plain))
    return Interpretation((Candidate(value, strength(kind), evidence, _NAME),))


def _stood_by(plain: str) -> tuple[str, bool]:
    """Return what is said after the last name was taken back, if it names somebody; and whether."""
    taken_back = list(any_of(_FILE, "mended").finditer(plain))
    if not taken_back:
        return plain, False
    rest = plain[taken_back[-1].end() :]
    return (rest if _names(rest) else plain), True


@cache
def _relations() -> Mapping[str, str]:
    listed = read_file(_FILE)["relations"]
    pairs = listed.items() if isinstance(listed, dict) else ()
    return {word: str(name) for name, said in pairs for word in (str(name), *words(said))}


@cache
def _kin() -> str:
    return "|".join(sorted(_relations(), key=len, reverse=True))


@cache
def _surnames() -> str:
    listed = words(read_file(_FILE)["surnames"])
    return "|".join(
        [one for one in listed if len(one) > 1] + [f"[{''.join(o for o in listed if len(o) == 1)}]"]
    )


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    stop = "".join(words(read_file(_FILE)["stops"]))
    given = f"(?:(?![{stop}]){_HAN}){{1,2}}"
    name = f"(?P<name>(?:{_surnames()}){given})"
    end = rf"(?=$|[^\u4e00-\u9fff]|[{stop}]|(?:{_kin()}))"
    return (
        re.compile(rf"(?:名字?叫做?|叫做?|名字是?|大名是?|姓名是?|名叫)，?{name}{end}"),
        re.compile(rf"(?:{_kin()})[，\s]?{name}{end}"),
        re.compile(rf"(?:^|[，。；\s]|我是|就是){name}(?=$|[，。；\s]|(?:{_kin()}))"),
    )


def _names(plain: str) -> list[str]:
    spelled = spelled_name(plain, _surnames())
    if spelled:
        return [spelled]
    for shape in _shapes():
        found = [match["name"] for match in shape.finditer(plain)]
        kept = [name for name in found if not _is_kin(name)]
        if kept:
            return kept
    return []


def _is_kin(name: str) -> bool:
    return re.search(_kin(), name) is not None or any_of(_FILE, "no_names").search(name) is not None


def _relation_of(name: str, plain: str) -> str:
    """Return the relation that is said right before or after ``name``, if one is."""
    before = re.search(rf"({_kin()})[，\s]?(?:的?名字|大名)?(?:名?叫|是)?{name}", plain)
    whose = "(?:我|他|她|孩子|娃)?的?"
    after = re.search(
        rf"{name}[，\s]?(?:就?是{whose}(?P<told>{_kin()})|{whose}(?P<bare>{_kin()})(?=$|[，。]))",
        plain,
    )
    if before:
        return _relations()[before[1]]
    return _relations()[after["told"] or after["bare"]] if after else ""


def _relation(plain: str, speaker: str) -> str:
    """Return the one relation that was said, the speaker's own first."""
    own = _own_relations(plain)
    if own:
        return own.pop() if len(own) == 1 else ""
    if re.search(rf"(?:他|她|这|孩子|娃)(?:就)?是我(?:们)?(?:家)?(?:的)?(?:{_kin()})", plain):
        return ""
    near = re.search(rf"({_kin()})(?:的名字)?(?:名)?叫", plain)
    if near:
        return _relations()[near[1]]
    return _only(plain, speaker)


def _own_relations(plain: str, then: str = "") -> set[str]:
    """Return what the speaker says to be to the person (我是他的妈妈), if ``then`` follows."""
    said = re.finditer(rf"我(?:就)?是(?:他|她|孩子|娃|伢)?(?:的)?({_kin()}){then}", plain)
    return {_relations()[match[1]] for match in said}


def _only(plain: str, speaker: str) -> str:
    found = set()
    for match in re.finditer(_kin(), plain):
        if (
            plain[: match.start()].endswith("我")
            and speaker == "proxy"
            and match[0] not in _own_home()
        ):
            return ""
        found.add(_relations()[match[0]])
    return found.pop() if len(found) == 1 else ""


@cache
def _own_home() -> frozenset[str]:
    return frozenset(words(read_file(_FILE)["said_of_a_child"]))
