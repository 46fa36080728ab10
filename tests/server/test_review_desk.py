"""The review desk over HTTP.

V01 an answer is shown with everything that helps to decide it and nobody's name, V02 a ruling
brings the next answer and settles later, with and without a script, V03 it can be undone, V04 the
same act twice is one act, a bad one loses nothing and says what to do, V05 what is beyond the wall
is not there, V06 nobody decides what they entered, V07 the queue is narrowed by words and by an
address, V08 page by page, V09 a gold task looks like any other and changes nothing, V10 a second
person does not see the first ruling, a third sees both without names, V11 quality is the
supervisor's, one's own figures are everybody's, V12 nobody learns from what was disputed, V13
notes, V14 what is asked again or visited becomes a follow-up, V15 the sound.
"""

import io
import re
import shutil
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from models.attempt import Attempts
from models.audit import AuditEntry, AuditLog
from models.campaign import Campaigns
from models.clip import Clip, Clips, HeardWord
from models.follow_up import FollowUps
from models.review import TaskFilter
from models.roster import Roster
from models.ruling import Given
from models.tables import ReviewTaskRow
from server.app import create_app
from server.review.filter import Facet, Wanted, read_words
from server.review.reasons import rejection_in_words, task_title
from server.service import Service
from server.settings import Settings
from server.understanding.verified import verified_phrases
from survey_engine.channel import Channel
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account, cookies, csrf
from tests.models.sample import CAMPAIGN, Sample, body_for, row

HERE = "990000100000"
PAGE = {"accept": "text/html"}
PART = {**PAGE, "x-part": "answer"}
_UNSURE = ("A4", "E1", "E3")


class Client:
    """One caseworker's browser."""

    def __init__(self, service: Service, http: TestClient, login: str) -> None:
        self.service = service
        self._http = http
        self._cookies = cookies(service, login)
        self.token = csrf(service, self._cookies)
        self._acts = 0

    def get(self, path: str, headers: dict[str, str] = PAGE) -> tuple[int, str]:
        self._http.cookies.clear()
        self._http.cookies.update(self._cookies)
        found = self._http.get(path, headers=headers)
        return found.status_code, found.headers.get("location", "") or found.text

    def raw(self, path: str, headers: dict[str, str] | None = None) -> Any:
        self._http.cookies.clear()
        self._http.cookies.update(self._cookies)
        return self._http.get(path, headers=headers)

    def post(
        self, path: str, data: dict[str, str], headers: dict[str, str] = PART
    ) -> tuple[int, str]:
        self._http.cookies.clear()
        self._http.cookies.update(self._cookies)
        found = self._http.post(path, data={"csrf": self.token, **data}, headers=headers)
        return found.status_code, found.headers.get("location", "") or found.text

    def rule(self, task: str, **data: str) -> tuple[int, str]:
        self._acts += 1
        key = data.pop("key", f"{self.token[:8]}{self._acts:08d}".replace("_", "0"))
        key = re.sub("[^0-9a-zA-Z-]", "0", key)
        return self.post(f"/desk/review/{task}", {"key": key, **data})


class Desk:
    """A service with two people who gave unclear answers, and its caseworkers."""

    def __init__(self, folder: Path, share: float) -> None:
        settings = Settings(data_dir=folder, review_second_share=share, review_gold_share=1)
        self.service = Service.open(settings)
        form = self.service.shelf.find("person", _version(self.service))
        self.sample = Sample.on(self.service.database, {"person": form}, 2)
        self.http = TestClient(create_app(self.service), follow_redirects=False)

    def client(self, login: str) -> Client:
        return Client(self.service, self.http, login)

    def tasks(self, item: str = "") -> list[str]:
        found = self.service.reviews.reviews.tasks(TaskFilter(campaign=CAMPAIGN, item=item))
        return [task.id for task in found]

    def settle(self) -> None:
        self.service.reviews.settle(datetime.now(UTC) + timedelta(seconds=11))

    def free(self) -> None:
        """Let go of whatever came up next for anybody."""
        for task in self.service.reviews.reviews.tasks(TaskFilter()):
            if task.claimed_by:
                self.service.reviews.reviews.release(task.id, task.claimed_by)

    def given(self, task: str) -> list[Given]:
        return list(self.service.reviews.rulings.of_task(task))


def _interview(sample: Sample, place: int) -> None:
    sample.start(place)
    for number in range(120):
        held = sample.interview(place)
        if held.wait is None:
            return
        unsure = held.wait.item in _UNSURE and held.wait.tries == 0
        body = f"{held.wait.target}=unsure" if unsure else body_for(held)
        sample.say(f"{place}-{number}", body, place)


def _version(service: Service) -> str:
    return Campaigns(service.database).get(CAMPAIGN).version


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, forms: dict[str, Questionnaire]) -> Path:
    """The data folder that every test gets a copy of."""
    folder = tmp_path_factory.mktemp("review")
    service = Service.open(Settings(data_dir=folder))
    service.shelf.keep(forms["person"])
    sample = Sample.build(service.database, forms)
    for place in (0, 1):
        _interview(sample, place)
    for login in ("wang", "li", "zhao"):
        add_account(service, login, "caseworker", HERE)
    add_account(service, "boss", "supervisor", HERE)
    add_account(service, "foreign", "supervisor", "990000200000")
    service.close()
    return folder


@pytest.fixture
def desk(tmp_path: Path, made: Path) -> Iterator[Desk]:
    yield from opened(tmp_path, made, 0)


@pytest.fixture
def doubled(tmp_path: Path, made: Path) -> Iterator[Desk]:
    """Every answer is looked at twice."""
    yield from opened(tmp_path, made, 1)


def opened(tmp_path: Path, made: Path, share: float) -> Iterator[Desk]:
    found = Desk(shutil.copytree(made, tmp_path / "data"), share)
    yield found
    found.service.close()


def shown(text: str) -> str:
    """The page as it is read: no tags, no space."""
    return re.sub(r"<[^>]+>|\s", "", text)


def current(page: str) -> str:
    """The task that a page or a part of one shows."""
    found = re.search(r'id="answer" data-task="([0-9a-z]+)"', page)
    assert found is not None
    return found[1]


def test_an_answer_with_all_that_helps_v01(desk: Desk) -> None:
    task = desk.service.reviews.reviews.task(desk.tasks("A4")[0])
    Clips(desk.service.database).keep(
        Clip(
            utterance=task.utterance, interview_id=task.interview_id, format="pcm16", rate=8000,
            sound=b"\0" * 800, recorded_at=task.created_at,
            words=(HeardWord("有", 0.0, 0.2, 0.95), HeardWord("配偶", 0.2, 0.6, 0.3)),
        )
    )  # fmt: skip
    status, page = desk.client("wang").get(f"/desk/review/{task.id}")
    text = shown(page)
    assert status == 200
    assert "A4婚姻状况" in text
    assert "婚姻状况是哪一种" in text
    assert 'class="word level-4" data-start="0.20" data-end="0.60"' in page
    assert f'src="/desk/clip/{task.utterance}"' in page
    for label in ("未婚", "丧偶", "离婚", "再问一次", "上门核实", "无法确定", "没听明白"):
        assert label in text
    assert "张＊＊" in text
    assert "张试用" not in page
    assert "15423600" not in page
    case = desk.service.cases.get(task.assignment_id)
    assert case.certificate not in page
    other = desk.tasks("E3")[0]
    assert 'class="player"' not in desk.client("wang").get(f"/desk/review/{other}")[1]


def test_the_same_household_is_beside_the_answer_v01(desk: Desk) -> None:
    same = row(1, telephone="15423600000")
    Roster(desk.service.database).keep(CAMPAIGN, [same], by="t", at=datetime.now(UTC))
    mine = next(
        one
        for one in desk.tasks("A4")
        if desk.service.reviews.reviews.task(one).assignment_id == desk.sample.assignments[0]
    )
    text = shown(desk.client("wang").get(f"/desk/review/{mine}")[1])
    assert f"同一电话张＊＊（证号尾号{same.certificate[:20][-4:]}）：还没有答" in text


@pytest.mark.parametrize(
    ("mine", "theirs", "alike"),
    [
        ({"household": "ａ-07"}, {"household": "A-07"}, True),
        ({"household": "A-07"}, {"household": "A-08"}, False),
        ({"address": "3组 12号"}, {"address": "３组12 号。"}, True),
        ({"address": "3组12号"}, {"address": "3组13号"}, False),
        ({"address": "石桥村3组"}, {"address": "石桥村3组"}, False),
        ({"address": "石桥街3号楼"}, {"address": "石桥街3号楼"}, False),
        ({"address": "石桥街3号楼2单元501"}, {"address": "石桥街3号楼2单元501"}, True),
        ({"address": "石桥街1-23号"}, {"address": "石桥街 1—23号"}, True),
        ({"address": "石桥街1-23号"}, {"address": "石桥街12-3号"}, False),
        ({"address": "3组12号"}, {"address": "3组12号", "region": "990000100202"}, False),
        ({"household": "A-07"}, {"household": "A-07", "region": "990000100202"}, True),
        ({}, {}, False),
    ],
)
def test_a_household_is_known_by_code_or_address_v01(
    desk: Desk, mine: dict[str, str], theirs: dict[str, str], alike: bool
) -> None:
    rows = (row(0, **mine), row(1, **theirs))
    Roster(desk.service.database).keep(CAMPAIGN, rows, by="t", at=datetime.now(UTC))
    task = next(
        one
        for one in desk.tasks("A4")
        if desk.service.reviews.reviews.task(one).assignment_id == desk.sample.assignments[0]
    )
    text = shown(desk.client("wang").get(f"/desk/review/{task}")[1])
    assert ("同户" in text) is alike
    assert "同一电话" not in text


def test_the_sound_is_for_who_may_see_the_answer_v15(desk: Desk) -> None:
    task = desk.service.reviews.reviews.task(desk.tasks("A4")[0])
    kept = Clip(
        utterance="CA1:3", interview_id=task.interview_id, format="mulaw", rate=8000,
        sound=bytes(range(256)) * 4, recorded_at=task.created_at,
    )  # fmt: skip
    Clips(desk.service.database).keep(kept)
    wang = desk.client("wang")
    heard = wang.raw("/desk/clip/CA1:3")
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(heard.content)) as file:
        assert (file.getframerate(), file.getnframes(), file.getsampwidth()) == (8000, 1024, 2)
    part = wang.raw("/desk/clip/CA1:3", {"range": "bytes=44-143"})
    assert (part.status_code, part.content) == (206, heard.content[44:144])
    assert part.headers["content-range"] == f"bytes 44-143/{len(heard.content)}"
    assert wang.raw("/desk/clip/CA1:3", {"range": "bytes=99999-"}).status_code == 416
    listened = [one for one in _entries(desk) if one.action == "clip.listen"]
    assert [(one.actor, one.object) for one in listened] == [("wang", "CA1:3")]
    for login, path in (("foreign", "CA1:3"), ("wang", "CA1:4"), ("wang", "../x")):
        assert desk.client(login).raw(f"/desk/clip/{path}").status_code == 404


def _entries(desk: Desk) -> tuple[AuditEntry, ...]:
    return AuditLog(desk.service.database).entries(limit=10_000)


def test_a_ruling_brings_the_next_v02(desk: Desk) -> None:
    wang, task = desk.client("wang"), desk.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    status, part = wang.rule(task, take="20")
    assert status == 200
    assert part.lstrip().startswith('<div id="answer"')
    following = re.search(r'data-task="([0-9a-z]+)"', part)
    assert following is not None
    assert following[1] != task
    assert "秒后生效" in shown(part)
    assert desk.service.reviews.reviews.verdict(task) is None
    desk.settle()
    verdict = desk.service.reviews.reviews.verdict(task)
    assert verdict is not None
    assert (verdict.value, verdict.given_by, verdict.reason) == ("20", "wang", "听原话，选定这个值")
    plain = wang.post(
        f"/desk/review/{following[1]}", {"key": "plainform1", "act": "undetermined"}, PAGE
    )
    assert plain[0] == 303
    assert re.match(r"/desk/review/[0-9a-z]+\?done=plainform1", plain[1])
    assert "秒后生效" in shown(wang.get(plain[1])[1])


def test_it_can_be_undone_v03(desk: Desk) -> None:
    wang, task = desk.client("wang"), desk.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    wang.rule(task, take="20", key="undo-me-1")
    assert desk.client("li").post("/desk/review/undo", {"key": "undo-me-1"})[0] in (404, 409)
    status, part = wang.post("/desk/review/undo", {"key": "undo-me-1"})
    assert status == 200
    assert f'data-task="{task}"' in part
    assert "已撤回" in part
    desk.settle()
    assert desk.service.reviews.reviews.verdict(task) is None
    wang.rule(task, take="10", key="again-123")
    desk.settle()
    status, part = wang.post("/desk/review/undo", {"key": "again-123"})
    assert status == 409
    assert "撤不回了" in part


def test_twice_is_once_and_bad_loses_nothing_v04(desk: Desk) -> None:
    wang, task = desk.client("wang"), desk.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    status, part = wang.rule(task, take="77")
    assert status == 409
    assert "不能填这个值" in part
    assert f'data-task="{task}"' in part
    assert desk.given(task) == []
    assert wang.rule(task, act="confirm")[0] == 409
    assert wang.rule(task, take="20", key="samekey-1")[0] == 200
    assert wang.rule(task, take="20", key="samekey-1")[0] == 200
    assert len(desk.given(task)) == 1
    assert wang.rule(task, take="20", key="x")[0] == 422
    assert wang.rule(desk.tasks("E3")[0], take="1", key="samekey-1")[0] == 409
    li = desk.client("li")
    li.get(f"/desk/review/{task}")
    status, part = li.rule(task, take="1")
    assert status == 409
    forged = li.post(f"/desk/review/{task}", {"csrf": "wrong", "key": "forged-01", "take": "10"})
    assert forged[0] == 409
    assert len(desk.given(task)) == 1


def test_beyond_the_wall_is_not_there_v05(desk: Desk) -> None:
    foreign, task = desk.client("foreign"), desk.tasks("A4")[0]
    told = set()
    for hidden in (task, "0" * 32):
        for answer in (
            foreign.get(f"/desk/review/{hidden}"),
            foreign.rule(hidden, take="20"),
            foreign.post(f"/desk/review/{hidden}/note", {"key": "noted-001", "words": "x"}),
            foreign.post(f"/desk/review/{hidden}/gold", {}),
            foreign.post(f"/desk/review/{hidden}/gold/retire", {}),
        ):
            told.add(answer)
    assert {status for status, _ in told} == {404}
    assert len(told) == 1
    status, page = foreign.get("/desk/review")
    assert status == 200
    assert "没有要审核的答案" in page
    assert "还有0条" in shown(page)
    assert task not in foreign.get("/desk/review?village=990000100201")[1]


def test_nobody_decides_their_own_entry_v06(desk: Desk) -> None:
    task = desk.tasks("A4")[0]
    _set(desk, task, entered_by="wang")
    status, page = desk.client("wang").get(f"/desk/review/{task}")
    assert status == 200
    assert "要由另一个人审" in page
    assert 'id="ruling"' not in page
    assert desk.client("wang").rule(task, take="20")[0] == 409
    assert task not in desk.client("wang").get("/desk/review")[1]
    assert task in desk.client("li").get("/desk/review")[1]
    held = desk.client("zhao").get(f"/desk/review/{task}")[1]
    assert "正在由别人审核" in held or 'id="ruling"' in held


def test_who_led_the_call_entered_it_v06(desk: Desk) -> None:
    attempts, assignment = Attempts(desk.service.database), desk.sample.assignments[0]
    attempts.begin(assignment, Channel.CHAT, datetime(2026, 10, 12, tzinfo=UTC), staff="li")
    before = set(desk.tasks())
    held = desk.sample.interview()
    assert held.wait is None or held.wait
    desk.sample.say("later", "B2=unsure")
    for task in set(desk.tasks()) - before:
        assert desk.service.reviews.reviews.task(task).entered_by == "li"


def test_narrowed_by_words_and_by_address_v07(desk: Desk) -> None:
    wang = desk.client("wang")
    status, address = wang.get("/desk/review?words=婚姻 没听明白")
    assert (status, address) == (303, "/desk/review?item=A4&reason=unclear")
    assert wang.get("/desk/review?words=微信")[1] == "/desk/review?channel=wechat"
    page = wang.get(address)[1]
    listed = set(re.findall(r'data-row data-task="([0-9a-z]+)"', page))
    assert listed == set(desk.tasks("A4"))
    assert "去掉筛选：" in page
    status, page = wang.get("/desk/review?words=月球")
    assert status == 200
    assert "没看懂“月球”" in page
    assert "这样筛选没有要审的" in wang.get("/desk/review?age=7d&item=H9")[1]
    assert wang.get("/desk/review?village=99")[0] == 422


def test_what_was_just_ruled_on_is_no_empty_queue_v07(desk: Desk) -> None:
    wang = desk.client("wang")
    for task in desk.tasks("A4"):
        wang.get(f"/desk/review/{task}")
        wang.rule(task, take="20")
    page = wang.get("/desk/review?item=A4")[1]
    assert "刚有了结论" in page
    assert "这样筛选没有要审的" not in page
    desk.settle()
    assert "这样筛选没有要审的" in wang.get("/desk/review?item=A4")[1]


def test_words_prefer_what_is_meant_exactly_v07() -> None:
    known = (Facet("item", "E5", "E5 电话费补贴", 3), Facet("channel", "voice", "电话", 2))
    assert read_words("电话", Wanted(), known) == (Wanted(channel="voice"), "")
    assert read_words("E5", Wanted(), known) == (Wanted(item="E5"), "")
    assert read_words("补贴 猫", Wanted(), known) == (Wanted(item="E5"), "猫")


@pytest.mark.parametrize(
    ("reason", "title", "rejected"),
    [
        ("outcome:N11b", "疑诈骗拒接", "不属实，回电接着访问"),
        ("outcome:N14", "疑似号码失效或易主", "不属实，回电接着访问"),
        ("outcome:N09", "疑似人户分离（市内）", "不属实"),
        ("lead:L60", None, "不用处理"),
    ],
)
def test_what_is_suspected_and_what_it_means_that_it_is_not_so_v01(
    desk: Desk, reason: str, title: str | None, rejected: str
) -> None:
    form = desk.service.store.interview(desk.sample.assignments[0]).questionnaire
    assert title is None or task_title(form, "", reason) == title
    assert rejection_in_words(form, reason) == rejected


def test_page_by_page_v08(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.review.desk.PAGE", 2)
    wang, seen, address = desk.client("wang"), [], "/desk/review"
    for _ in range(20):
        page = wang.get(address)[1]
        seen += re.findall(r'data-row data-task="([0-9a-z]+)"', page.split('id="answer"')[0])
        further = re.search(r'id="further" href="([^"]+)"', page)
        if further is None:
            break
        address = further[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(desk.tasks())


def test_gold_looks_like_any_other_v09(desk: Desk) -> None:
    wang, li, boss = (desk.client(login) for login in ("wang", "li", "boss"))
    task = desk.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    wang.rule(task, take="20")
    assert boss.post(f"/desk/review/{task}/gold", {})[0] == 409
    desk.settle()
    assert "用作标准题" in boss.get(f"/desk/review/{task}")[1]
    assert wang.post(f"/desk/review/{task}/gold", {})[0] == 403
    assert boss.post(f"/desk/review/{task}/gold", {}) == (303, "/desk/review/quality")
    other = current(li.get("/desk/review")[1])
    part = li.rule(other, act="undetermined")[1]
    assert f'data-task="{task}"' in part
    assert 'id="ruling"' in part
    assert "wang" not in part
    assert "已核实" not in part
    length = desk.sample.interview().length
    assert li.rule(task, take="10")[0] == 200
    assert desk.sample.interview().length == length
    page = boss.get("/desk/review/quality")[1]
    row = next(row for row in page.split("<tr>") if ">li<" in row)
    assert re.findall(r'class="n">([^<]*)<', row) == ["2", "0", "1", "0", "0%"]
    assert boss.post(f"/desk/review/{task}/gold/retire", {})[0] == 303
    assert boss.post(f"/desk/review/{task}/gold/retire", {})[0] == 404


def test_blind_second_and_open_third_v10(doubled: Desk) -> None:
    wang, li, zhao = (doubled.client(login) for login in ("wang", "li", "zhao"))
    task = doubled.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    wang.rule(task, take="20", reason="听得清")
    doubled.settle()
    page = li.get(f"/desk/review/{task}")[1]
    for hidden in ("wang", "听得清", "已核实"):
        assert hidden not in page
    assert "要由另一个人审" in wang.get(f"/desk/review/{task}")[1]
    assert li.rule(task, take="30")[0] == 200
    doubled.settle()
    page = zhao.get(f"/desk/review/{task}")[1]
    assert "两个人看法不同" in page
    assert "第一人" in page
    assert "第二人" in page
    assert "听得清" in page
    assert "wang" not in page
    zhao.rule(task, take="30")
    doubled.settle()
    verdict = doubled.service.reviews.reviews.verdict(task)
    assert verdict is not None
    assert (verdict.value, verdict.given_by) == ("30", "zhao")


def test_several_answers_are_offered_as_they_can_be_taken_v04(desk: Desk) -> None:
    (task, *_rest) = desk.tasks("E1")
    none = min(desk.sample.forms["person"].item("E1").exclusive_codes())  # type: ignore[union-attr]
    read = [["1+2", 0.6], [f"1+{none}", 0.3]]
    with desk.service.database.writing() as connection:
        mine = update(ReviewTaskRow).where(ReviewTaskRow.id == task)
        connection.execute(mine.values(candidates=read))
    client = desk.client("wang")
    _, page = client.get(f"/desk/review/{task}")
    values = re.findall(r'name="take" value="([^"]*)"', page)
    assert "1 2" in values
    assert not any("+" in one or one == f"1 {none}" for one in values)
    assert client.rule(task, take="1 2")[0] == 200
    assert desk.given(task)[0].value == "1 2"


def test_nobody_learns_from_what_was_disputed_v12(doubled: Desk) -> None:
    first, second = doubled.tasks("A4")
    for task, values in ((first, ("20", "20", "20")), (second, ("20", "30", "30"))):
        for login, value in zip(("wang", "li", "zhao"), values, strict=True):
            client = doubled.client(login)
            client.get(f"/desk/review/{task}")
            client.rule(task, take=value)
            doubled.settle()
            doubled.free()
    form = doubled.sample.forms["person"]
    learned = list(verified_phrases(doubled.service, CAMPAIGN, form))
    assert [(one.place, one.meaning) for one in learned if one.place == "A4"] == [("A4", "20")]


def test_quality_is_the_supervisors_v11(doubled: Desk) -> None:
    task = doubled.tasks("A4")[0]
    for login, value in (("wang", "20"), ("li", "30")):
        client = doubled.client(login)
        client.get(f"/desk/review/{task}")
        client.rule(task, take=value)
        doubled.settle()
    seen = shown(doubled.client("boss").get("/desk/review/quality")[1])
    for words in ("wang", "li", "A4婚姻状况", "0.00", "看法不同的"):
        assert words in seen
    own = shown(doubled.client("wang").get("/desk/review/quality")[1])
    assert "wang" in own
    assert ">li<" not in doubled.client("wang").get("/desk/review/quality")[1]
    assert "看法不同的" not in own
    assert doubled.client("foreign").get("/desk/review/quality")[1].count("wang") == 0
    assert doubled.client("boss").get("/desk/review/quality?days=0")[0] == 422


def test_notes_v13(desk: Desk) -> None:
    wang, task = desk.client("wang"), desk.tasks("A4")[0]
    for _ in range(2):
        status, part = wang.post(
            f"/desk/review/{task}/note", {"key": "note-0001", "words": "<b>下午打</b>"}
        )
        assert status == 200
    assert part.count("&lt;b&gt;下午打&lt;/b&gt;") == 1
    assert (
        wang.post(f"/desk/review/{task}/note", {"key": "note-0002", "words": "x" * 1001})[0] == 422
    )


@pytest.mark.parametrize(("act", "kind"), [("reopen", "call_back"), ("visit", "visit")])
def test_what_is_asked_again_becomes_a_follow_up_v14(desk: Desk, act: str, kind: str) -> None:
    wang, task = desk.client("wang"), desk.tasks("A4")[0]
    wang.get(f"/desk/review/{task}")
    wang.rule(task, act=act)
    assert FollowUps(desk.service.database).open() == ()
    desk.settle()
    (wanted,) = FollowUps(desk.service.database).open(kind)
    assert wanted.items == ("A4",)
    held = desk.service.store.interview(wanted.assignment_id)
    assert held.reopened == ("A4",)


def _set(desk: Desk, task: str, **values: str) -> None:
    with desk.service.database.writing() as connection:
        connection.execute(update(ReviewTaskRow).where(ReviewTaskRow.id == task).values(**values))
