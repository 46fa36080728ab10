"""Handing a call to the machine and taking it back on the caller's page, in a real Chromium.

V02 one key hands the person over, the page shows what the machine asks and hears, the same key
takes them back; V03 where the machine ends the call the page tells how; both without a violation,
and the buttons work without the script; V04 a caller who is ready sees that their telephone is
rung for somebody whom the machine speaks with, and picking up leads to the case.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.called import called
from tests.browser.conftest import picture
from tests.desks import cookies
from tests.telephony.coded_speech import spoken
from tests.telephony.test_bridge import LOGIN, Desk
from tests.telephony.test_handover import Talk, talk
from tests.telephony.test_offering import answered, machine


def test_one_key_hands_over_and_takes_back_v02_v03(browser: Browser, tmp_path: Path) -> None:
    with called(tmp_path, talk) as (talking, loop):

        def work(doing: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(doing, loop).result(30)

        page = _page(browser, talking.at, talking.at.person)
        asked = page.inner_text("h2.question")
        page.keyboard.press("y")
        page.wait_for_selector("#live[data-phase=machine]")
        expect(page.locator("h2.question")).to_have_text(asked)
        expect(page.locator("#live-lines")).to_contain_text("下面由机器接着问您")
        expect(page.locator("#result")).to_have_count(0)
        work(talking.at.until(lambda: len(talking.telephone.prompts) > 1))
        loop.call_soon_threadsafe(talking.telephone.say, spoken("对", 0.4))
        expect(page.locator("#live-lines .person")).to_contain_text("对")
        expect(page.locator("h2.question")).not_to_have_text(asked)
        page.screenshot(path=picture("calls-machine"), full_page=True)
        assert Axe().run(page).violations_count == 0
        page.keyboard.press("y")
        page.wait_for_selector("#live[data-phase=met]")
        expect(page.locator("h2.question")).not_to_have_text(asked)
        _without_script(browser, talking)
        page.wait_for_selector("#live[data-phase=machine]")
        work(talking.at.until(lambda: len(talking.telephone.prompts) > 1))
        loop.call_soon_threadsafe(talking.moved.hang_up)
        page.wait_for_url("**/desk/calls?done=broken_off")
        expect(page.get_by_role("status").first).to_contain_text("中途断了")
        page.context.close()


def test_a_caller_who_is_ready_is_led_to_the_case_v04(browser: Browser, tmp_path: Path) -> None:
    with called(tmp_path, machine) as (place, loop):

        def work(doing: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(doing, loop).result(30)

        at = place.at
        page = _page(browser, at)
        with page.expect_navigation():
            page.keyboard.press("r")
        expect(page.locator("#ready")).to_contain_text("空闲接听开着")
        page.screenshot(path=picture("calls-ready"), full_page=True)
        assert Axe().run(page).violations_count == 0
        answering = answered(place)
        work(answering.__aenter__())
        expect(page.get_by_role("alert")).to_contain_text("请接您的话机")
        page.screenshot(path=picture("calls-offered"), full_page=True)
        assert Axe().run(page).violations_count == 0
        [caller] = place.rung
        work(at.carrier.answer(caller.voice, caller.sid))
        page.wait_for_url(f"**/desk/calls/{at.person}#now")
        expect(page.locator("#live-words")).to_contain_text("对方接起来了")
        expect(page.locator("h2.question")).to_be_visible()
        work(answering.__aexit__(None, None, None))
        page.context.close()


def _page(browser: Browser, at: Desk, case: str = "", *, script: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, bypass_csp=True, java_script_enabled=script
    )
    ((name, value),) = cookies(at.service, LOGIN).items()
    address = at.carrier.address
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/desk/calls/{case}".rstrip("/"))
    return page


def _without_script(browser: Browser, talking: Talk) -> None:
    page = _page(browser, talking.at, talking.at.person, script=False)
    for button, words in (
        ("交给机器", "机器在问"),
        ("接回来", "对方接起来了"),
        ("交给机器", "机器在问"),
    ):
        page.get_by_role("button", name=button).click()
        expect(page.locator("#live-words")).to_contain_text(words)
    page.context.close()
