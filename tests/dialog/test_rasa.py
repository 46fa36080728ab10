"""Rasa as one more reader: what it says counts for the question asked, and it may be gone."""

from collections.abc import Mapping

import pytest

from dialog.interpretation import Interpretation
from dialog.interpreters.rasa import Rasa
from dialog.normalisation import normalise
from dialog.question import Question
from survey_engine.questionnaire import Questionnaire
from tests.dialog.http_peer import peer

RANKING = {
    "person.A4.30": 0.4,
    "person.A4.40": 0.1,
    "person.D1.2": 0.3,
    "intents.deceased": 0.1,
    "yes_no.no": 0.1,
}


def answered(ranking: Mapping[str, float]) -> dict[str, object]:
    return {"intent_ranking": [{"name": name, "confidence": c} for name, c in ranking.items()]}


def read(rasa: Rasa, form: Questionnaire, ask: str, words: str = "老伴没了") -> Interpretation:
    return rasa.read(Question.of_ask(form, ask, {}), normalise(words))


def test_only_what_the_question_allows_is_kept_and_shared_out(
    forms: dict[str, Questionnaire],
) -> None:
    with peer(lambda asked: answered(RANKING)) as server:
        found = read(Rasa(server.url, timeout=30), forms["person"], "A4")
        assert server.paths == ["/model/parse"]
        assert server.asked == [{"text": "老伴没了"}]
    assert {one.value: round(one.confidence, 2) for one in found.candidates} == {
        "30": 0.67,
        "40": 0.17,
    }
    assert [(one.name, round(one.confidence, 2)) for one in found.intents] == [("deceased", 0.17)]


def test_a_plain_no_counts_where_the_question_takes_yes_or_no(
    forms: dict[str, Questionnaire],
) -> None:
    with peer(lambda asked: answered(RANKING)) as server:
        rasa = Rasa(server.url, timeout=30)
        assert read(rasa, forms["person"], "E4/1").best is not None
        assert read(rasa, forms["person"], "F0").probability("2") > 0.4
        assert read(rasa, forms["person"], "A3").candidates == ()


@pytest.mark.parametrize("body", ["no json", "{}", '{"intent_ranking": [{}]}', "[]"])
def test_an_answer_of_another_shape_is_no_reading(
    forms: dict[str, Questionnaire], body: str
) -> None:
    with peer(lambda asked: body) as server:
        assert read(Rasa(server.url, timeout=30), forms["person"], "A4") == Interpretation()


def test_after_three_failures_it_is_left_alone_for_half_a_minute(
    forms: dict[str, Questionnaire],
) -> None:
    now = [0.0]
    with peer(lambda asked: answered(RANKING)) as server:
        rasa = Rasa(server.url, timeout=30, clock=lambda: now[0])
        server.status = 500
        for _ in range(5):
            assert read(rasa, forms["person"], "A4").candidates == ()
        assert len(server.asked) == 3
        server.status = 200
        now[0] = 31.0
        assert read(rasa, forms["person"], "A4").candidates != ()


def test_nobody_waits_for_a_slow_server(forms: dict[str, Questionnaire]) -> None:
    with peer(lambda asked: answered(RANKING)) as server:
        server.delay = 1.0
        assert read(Rasa(server.url, timeout=0.05), forms["person"], "A4").candidates == ()


def test_a_server_that_is_not_there_is_no_reading(forms: dict[str, Questionnaire]) -> None:
    with peer(lambda asked: {}) as server:
        gone = server.url
    assert read(Rasa(gone), forms["person"], "A4") == Interpretation()
