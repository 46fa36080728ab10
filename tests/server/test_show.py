"""What ``tingwen show`` says of one person, through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.test_export import (
    CAMPAIGN,
    LI,
    NAMES,
    PAYLOADS,
    WANG,
    ZHANG,
    Desk,
    kept_county,
    opened,
    texts_form,
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return kept_county(tmp_path_factory.getbasetemp())


def shown(desk: Desk, person: str) -> dict[str, Any]:
    told = desk.done("show", "--campaign", CAMPAIGN, "--person", person, "--json")
    found: dict[str, Any] = json.loads(told)
    assert list(found) == ["status", "outcome", "answers", "review", "attempts", "events"]
    return found


def test_a_whole_interview(desk: Desk) -> None:
    found = shown(desk, ZHANG)
    assert (found["status"], found["outcome"]) == ("completed", "")
    assert [(one["channel"], one["outcome"], one["aapor"]) for one in found["attempts"]] == [
        ("terminal", "completed", "1.1")
    ]
    assert found["events"] > 100
    answer = found["answers"]["A4"]
    assert list(answer) == ["value", "state", "source", "confidence"]
    assert (answer["value"], answer["state"], answer["source"]) == ("20", "recorded", "answer")
    assert 0.5 < answer["confidence"] <= 1
    states = {name: (one["value"], one["state"]) for name, one in found["answers"].items()}
    assert states["F1"] == (None, "declined")
    assert states["F4"] == (None, "unknown")
    assert states["D1"] == (None, "skipped")
    assert {state for _, state in states.values()} >= {"recorded", "to_verify"}
    tasks = desk.sql("SELECT item, reason FROM review_task WHERE status = 'open'")
    assert {(one["item"], one["reason"]) for one in found["review"]} <= set(tasks)
    assert found["review"]


def test_several_codes_are_joined(tmp_path: Path) -> None:
    (tmp_path / "texts.yaml").write_text(texts_form(), encoding="utf-8")
    desk = opened(tmp_path, "texts", str(tmp_path / "texts.yaml"), (WANG,))
    desk.record("texts", WANG, {**PAYLOADS, "M": "1 2"})
    told = desk.done("show", "--campaign", "texts", "--person", WANG, "--json")
    assert json.loads(told)["answers"]["M"]["value"] == "1+2"
    assert "1+2" in desk.done("show", "--campaign", "texts", "--person", WANG)


def test_answers_come_in_the_order_of_the_form(desk: Desk) -> None:
    names = list(shown(desk, ZHANG)["answers"])
    assert names.index("A3") < names.index("B1") < names.index("B2a") < names.index("H1")


def test_an_interview_broken_off(desk: Desk) -> None:
    found = shown(desk, LI)
    assert found["status"] == "paused"
    assert [(one["number"], one["outcome"]) for one in found["attempts"]] == [(1, "N12")]
    assert found["answers"]["A3"]["value"] == "2"
    assert "C1" not in found["answers"]


def test_nobody_asked_yet(desk: Desk) -> None:
    assert shown(desk, WANG) == {
        "status": "waiting",
        "outcome": "",
        "answers": {},
        "review": [],
        "attempts": [],
        "events": 0,
    }


def test_a_table_for_people(desk: Desk) -> None:
    told = desk.done("show", "--campaign", CAMPAIGN, "--person", ZHANG)
    for word in (
        NAMES[ZHANG],
        "****1042",
        "20 有配偶",
        "不愿回答",
        "不适用",
        "待核实",
        "unclear",
    ):
        assert word in told
    assert ZHANG not in told
    assert ZHANG[:14] not in told


def test_the_number_may_be_written_otherwise(desk: Desk) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in ZHANG[:18])
    assert shown(desk, f" {wide} ") == shown(desk, ZHANG)


@pytest.mark.parametrize("person", ["99000019600229001999", "", "张试用"])
def test_an_unknown_person_is_refused_unnamed(desk: Desk, person: str) -> None:
    said = desk.refused("show", "--campaign", CAMPAIGN, "--person", person)
    assert "nobody with this certificate number" in said
    assert not person or person not in said


def test_an_unknown_campaign_is_refused(desk: Desk) -> None:
    assert "no campaign nobody" in desk.refused("show", "--campaign", "nobody", "--person", ZHANG)
