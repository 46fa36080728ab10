"""``tingwen listen``."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dialog.hearings import heard_as
from dialog.policy import PLAIN
from dialog.question import Question, UnknownQuestionError, read_context
from dialog.understanding import Understanding, spoken
from server.commands.form import usable_form
from server.failure import CommandFailedError
from server.settings import Settings
from server.speech import setup_of
from server.understanding.command import plain_result
from telephony.activity import SileroActivity
from telephony.audio import AudioChunk
from telephony.failure import RecogniserError
from telephony.hints import hints_of
from telephony.recogniser import Hints, Transcript
from telephony.recording import RecordingError, check_speech, read_recording
from telephony.workers import WorkerRecogniser


def listen(
    file: Annotated[Path, typer.Argument(help="A sound file with one answer.")],
    ask: Annotated[str, typer.Option(help="What was asked: A4, B2a, or an option as E5/2.")],
    form: Annotated[str, typer.Option()] = "person",
    context: Annotated[str, typer.Option(help="What is known, as JSON.")] = "{}",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tell what somebody said in answer to a question, and what it means."""
    questionnaire = usable_form(form)
    try:
        question = Question.of_ask(questionnaire, ask, read_context(context))
        sound = read_recording(file)
        check_speech(file, sound, SileroActivity())
        heard = asyncio.run(_heard(Settings(), sound, hints_of(question)))
    except (UnknownQuestionError, RecordingError, RecogniserError) as error:
        raise CommandFailedError(str(error)) from error
    about = spoken(PLAIN, question, heard.confidence)
    understanding = Understanding(questionnaire)
    understood = heard_as(understanding, question, heard.text, about, heard.hearings)
    result = {**plain_result(understood), **_transcript(heard)}
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    meant = result["intent"] or result["value"] or "—"
    typer.echo(f"听到：{heard.text or '（没有听到话）'}\n{result['decision']}：{meant}")


async def _heard(settings: Settings, sound: AudioChunk, hints: Hints) -> Transcript:
    recogniser = WorkerRecogniser(replace(setup_of(settings), workers=1))
    try:
        listening = await recogniser.listen(hints)
        await listening.feed(sound)
        return await listening.finish()
    finally:
        await recogniser.close()


def _transcript(heard: Transcript) -> dict[str, object]:
    words = [
        {
            "text": word.text,
            "start": round(word.start, 2),
            "end": round(word.end, 2),
            "confidence": round(word.confidence, 3),
        }
        for word in heard.words
    ]
    return {
        "transcript": heard.text,
        "transcript_confidence": round(heard.confidence, 3),
        "words": words,
    }
