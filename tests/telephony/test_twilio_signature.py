"""Requests that are Twilio's and requests that only look like it."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from telephony.carriers.twilio_signature import SignatureCheck, Signed

KEY = "12345"
CHECK = SignatureCheck("https://survey.example.org", KEY, shared_key=KEY)
FORM = [
    ("CallSid", "CA00000000000000000000000000000001"),
    ("CallStatus", "in-progress"),
    ("Digits", "1"),
    ("From", "+8613800138000"),
    ("To", "+15005550006"),
]
PATH = "/voice/answer?sid=7"
SHA1, SHA256 = "pdJl2eLE7uynOzUkNvVnJyuD2Ag=", "+YjzSlZhO5XEm3OUOfNFDRbEMmr7rlNJ7awoQQi5q/A="
BODY = b'{"a":1}'
BODY_PATH = "/hook?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
BODY_SIGNATURE = "tUCDmMaIg0BoTdAwV7ZqBfCL4I0="
SHA256_SETTING = "key=SK1,algorithm=HMAC_SHA256"


def signed(signature: str, *settings: str) -> Signed:
    return Signed((signature,), settings)


def sign(url: str, key: str = KEY) -> str:
    return base64.b64encode(hmac.new(key.encode(), url.encode(), hashlib.sha1).digest()).decode()


def test_a_signed_form_is_taken_in_any_order_of_fields() -> None:
    assert CHECK.form(PATH, FORM, signed(SHA1))
    assert CHECK.form(PATH, FORM[::-1], signed(SHA1))


def test_a_form_signed_with_sha_256_is_taken_where_the_header_says_so() -> None:
    assert CHECK.form(PATH, FORM, signed(SHA256, SHA256_SETTING))
    assert not CHECK.form(PATH, FORM, signed(SHA256))
    assert not CHECK.form(PATH, FORM, signed(SHA1, SHA256_SETTING))
    assert CHECK.form(PATH, FORM, signed(SHA1, "key=k,algorithm=HMAC_SHA1"))


@pytest.mark.parametrize(
    "settings", ["key=k,algorithm=HMAC_MD5", "key=k", "algorithm=", "", "algorithm=HMAC_SHA256,"
                 "algorithm=HMAC_SHA1"],
)  # fmt: skip
def test_an_unknown_algorithm_fails(settings: str) -> None:
    assert not CHECK.form(PATH, FORM, signed(SHA1, settings))
    assert not CHECK.form(PATH, FORM, signed(SHA256, settings))


def test_repeated_fields_count_once_each_and_empty_ones_by_name() -> None:
    check = replace(CHECK, base="https://h")
    pairs = [("A", "2"), ("A", "1"), ("A", "1"), ("B", "")]
    assert check.form("/x", pairs, signed("5BRfSERRbUoLmenOEDTY23+ZOSE="))
    assert not check.form("/x", [*pairs, ("A", "3")], signed("5BRfSERRbUoLmenOEDTY23+ZOSE="))


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://h", "https://h:443/x"),
        ("https://h:443", "https://h/x"),
        ("http://h", "http://h:80/x"),
        ("https://h:8443", "https://h:8443/x"),
        ("https://u:p@h:8443", "https://u:p@h:8443/x"),
        ("https://[::1]", "https://[::1]:443/x"),
        ("https://[::1]:8443", "https://[::1]:8443/x"),
        ("https://h/below", "https://h/below/x"),
    ],
)
def test_the_default_port_may_be_signed_or_not(base: str, url: str) -> None:
    assert replace(CHECK, base=base).get("/x", signed(sign(url)))


@pytest.mark.parametrize(
    "url", ["http://h/x", "https://h:8443/x", "https://other/x", "https://h/y"]
)
def test_another_address_is_refused(url: str) -> None:
    assert not replace(CHECK, base="https://h").get("/x", signed(sign(url)))


def test_a_body_of_json_is_checked_by_its_digest() -> None:
    assert CHECK.json(BODY_PATH, BODY, signed(BODY_SIGNATURE))
    assert not CHECK.json(BODY_PATH, b'{"a":2}', signed(BODY_SIGNATURE))
    bare = sign("https://survey.example.org/hook")
    assert not CHECK.json("/hook", BODY, signed(bare))


@pytest.mark.parametrize("asked", ["/media", "/media/"])
@pytest.mark.parametrize(
    "signature", ["0s6iqa5E63tnUYtoSQLDxpMXtU0=", "619MOmudHtEAAzuZypXt+8IJ/6Q="]
)
def test_a_socket_is_signed_with_a_slash_at_the_end_or_without(asked: str, signature: str) -> None:
    assert CHECK.socket(asked, signed(signature))
    assert not CHECK.get(asked, signed(signature))
    assert not CHECK.socket("/other", signed(signature))


def test_a_socket_signed_as_https_is_refused() -> None:
    assert not CHECK.socket("/media", signed(sign("https://survey.example.org/media")))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        SHA1.upper(),
        SHA1[:-2],
        SHA1 + " ",
        "é" * 14,
        "\udcff",
        sign("https://survey.example.org/other"),
        base64.b64encode(b"0" * 20).decode(),
    ],
)
def test_a_wrong_signature_is_refused(bad: str) -> None:
    assert not CHECK.form(PATH, FORM, signed(bad))


def test_two_signatures_are_no_signature() -> None:
    assert not CHECK.form(PATH, FORM, Signed((SHA1, SHA1)))
    assert not CHECK.form(PATH, FORM, Signed(()))
    assert not CHECK.form(PATH, FORM, Signed((SHA1,), (SHA256_SETTING, SHA256_SETTING)))


def test_without_a_secret_nothing_is_accepted() -> None:
    check = SignatureCheck("https://survey.example.org", "")
    assert not check.get("/x", signed(sign("https://survey.example.org/x", "")))
    assert not check.get("/x", signed(sign("https://survey.example.org/x", "-")))
    assert not CHECK.form(PATH, FORM, signed(sign("https://survey.example.org/x", "old-token")))
