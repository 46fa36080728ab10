"""Signing in in a real browser: the first time, with a code, with a passkey, after failures."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from models.staff import Account, Staff
from server.demo.county import COUNTY
from server.service import Service
from tests.browser.conftest import follow, picture, press
from tests.browser.test_pages import assert_accessible
from tests.desks import add_account

FIRST, OWN = "first-pass-word-1", "一句只有我知道的话吧"


@pytest.fixture(params=["light", "dark"])
def narrow(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A phone, 360 px wide, in both colour schemes."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=request.param, bypass_csp=True
    )
    yield context
    context.close()


def newcomer(service: Service, login: str) -> Account:
    made = add_account(service, login, "supervisor", COUNTY)
    made = replace(made, password=service.sign_in.passwords.hashed(FIRST), fresh=True)
    Staff(service.database).replace(made, by="test", at=datetime.now(UTC))
    return made


def name_and_password(page: Page, service: Service, login: str, password: str) -> None:
    page.goto(f"{service.settings.public_url}/desk/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    press(page)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert_accessible(page)


def test_the_first_time_and_with_a_passkey(service: Service, narrow: BrowserContext) -> None:
    page = narrow.new_page()
    scheme = (
        "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    )
    login = f"newcomer-{scheme}"
    newcomer(service, login)
    page.goto(f"{service.settings.public_url}/desk/sign-in")
    fits(page)
    page.screenshot(path=picture(f"sign-in-{scheme}"))
    name_and_password(page, service, login, FIRST)
    fits(page)
    page.screenshot(path=picture(f"first-time-{scheme}"), full_page=True)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("再填一次新密码").fill(OWN)
    page.get_by_label("验证器上的六位数").fill(pyotp.TOTP(secret).now())
    follow(page.get_by_role("button", name="完成"))
    page.wait_for_url(re.compile("/desk/(?!sign-in)"))
    _hold_a_key(page)
    _add_a_passkey(page, service, scheme)
    follow(page.get_by_role("button", name="退出"))
    name_and_password(page, service, login, OWN)
    fits(page)
    page.screenshot(path=picture(f"second-factor-{scheme}"))
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(re.compile("/desk/(?!sign-in)"))
    expect(page.get_by_role("link", name=f"试用{login}")).to_be_visible()


def _hold_a_key(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True,
           "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def _add_a_passkey(page: Page, service: Service, scheme: str) -> None:
    page.goto(f"{service.settings.public_url}/desk/account")
    fits(page)
    page.get_by_role("button", name="加一把通行密钥").click()
    expect(page.get_by_role("status").filter(has_text="通行密钥已加上")).to_be_visible()
    page.screenshot(path=picture(f"account-{scheme}"), full_page=True)


def test_a_passkey_of_somebody_else_is_refused(service: Service, desk: BrowserContext) -> None:
    for login in ("keyholder", "other"):
        made = newcomer(service, login)
        full = replace(made, fresh=False, second_factor=pyotp.random_base32())
        Staff(service.database).replace(full, by="test", at=datetime.now(UTC))
    page, login_as = desk.new_page(), Staff(service.database)
    _hold_a_key(page)
    for login in ("keyholder", "other"):
        account = login_as.get(login)
        assert account is not None
        assert account.second_factor is not None
        name_and_password(page, service, login, FIRST)
        page.get_by_label("验证器上的六位数").fill(pyotp.TOTP(account.second_factor).now())
        follow(page.get_by_role("button", name="登录", exact=True))
        page.wait_for_url(re.compile("/desk/(?!sign-in)"))
        _add_a_passkey(page, service, f"{login}")
        follow(page.get_by_role("button", name="退出"))
    name_and_password(page, service, "other", FIRST)
    keyholders = login_as.passkeys("keyholder")[0].id
    told = page.evaluate(
        """async (id) => {
            const token = document.querySelector('meta[name=csrf]').content;
            const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': token};
            const ask = (path, body) => fetch(path, {method: 'POST', headers, body});
            const options = await (await ask('/desk/sign-in/passkey/options', '{}')).json();
            options.allowCredentials = [{id, type: 'public-key'}];
            const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
            const signed = await navigator.credentials.get({publicKey});
            const reply = await ask('/desk/sign-in/passkey', JSON.stringify(signed.toJSON()));
            return [reply.status, signed.id === id];
        }""",
        keyholders,
    )
    assert told == [401, True]


def test_the_question_after_failures_by_keyboard(service: Service, desk: BrowserContext) -> None:
    page = desk.new_page()
    while page.locator("#answer").count() == 0:
        name_and_password(page, service, "keyboard", "wrong wrong")
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不对")
    assert_accessible(page)
    page.screenshot(path=picture("sign-in-question"))
    answer = page.locator("#answer")
    expect(answer).to_have_accessible_name(re.compile("等于几|第.个字"))
    assert page.locator("img").count() == 0
    page.locator("#login").focus()
    for expected in ("password", "answer"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="下一步")).to_be_focused()
