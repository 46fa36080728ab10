"""A call through the carrier on the caller's page, in a real Chromium, by keys alone.

V01 the page follows both legs, what the person says becomes a suggestion, Enter takes it and
nothing does so before, the end of the call is told; no accessibility violation; who is on the line
is not signed out for doing nothing else, and whose telephone only rings is.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.called import called
from tests.browser.conftest import picture, press
from tests.desks import cookies, let_idle, seen
from tests.telephony.coded_speech import spoken
from tests.telephony.legs import Ear, placed
from tests.telephony.test_bridge import LOGIN, Desk


def test_a_call_on_the_page_v01(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.calls.live_routes._CHECKED", 0.1)
    with called(tmp_path, nullcontext) as (at, loop):
        _call(browser, at, loop)


def _call(browser: Browser, at: Desk, loop: asyncio.AbstractEventLoop) -> None:
    def work(doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, loop).result(30)

    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    ((name, value),) = cookies(at.service, LOGIN).items()
    context.add_cookies([{"name": name, "value": value, "url": at.carrier.address}])
    page = context.new_page()
    page.goto(f"{at.carrier.address}/desk/calls")
    for key in ("n", "d"):
        press(page, key)
    expect(page.locator("#live-words")).to_contain_text("您的话机")
    idle = let_idle(at.service, LOGIN, timedelta(minutes=13))
    page.wait_for_timeout(400)
    assert seen(at.service, LOGIN) == idle
    [caller] = placed(at.api)
    work(at.carrier.answer(caller.voice, caller.sid))
    page.wait_for_selector("#live[data-phase=dialling]")
    person = placed(at.api)[1]
    ear = Ear(person.sid, work(at.carrier.answer(person.voice, person.sid)))
    page.wait_for_selector("#live[data-phase=met]")
    work(at.until(lambda: (seen(at.service, LOGIN) or idle) > idle))
    listening = asyncio.run_coroutine_threadsafe(ear.listen(at.carrier), loop)
    press(page)
    assignment = page.url.partition("/desk/calls/")[2][:32]
    asked, before = page.inner_text("h2.question"), at.service.store.interview(assignment).length
    ear.say(spoken("我就是本人", 0.6))
    expect(page.get_by_label("对方说的话")).to_have_value("我就是本人")
    expect(page.locator("[data-suggested]")).to_be_focused()
    expect(page.locator("#live-lines")).to_contain_text("我就是本人")
    assert at.service.store.interview(assignment).length == before
    page.screenshot(path=picture("calls-live"), full_page=True)
    assert Axe().run(page).violations_count == 0
    page.wait_for_timeout(500)  # so long Enter does nothing after a suggestion has changed
    press(page)
    assert page.inner_text("h2.question") != asked
    assert at.service.store.interview(assignment).answers["A1"].heard.words == "我就是本人"
    ear.hang_up()
    listening.result(30)
    work(at.carrier.report(person.status, person.sid, CallStatus="completed"))
    page.wait_for_selector("#live[data-phase=over]")
    press(page, "f")
    expect(page.get_by_role("status").first).to_contain_text("中途断了")
    context.close()
