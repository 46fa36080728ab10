"""pipecat's FastAPI WebSocket transport with its Twilio serializer, echoing what it hears.

It runs in an environment of its own, which ``benchmarks.calls`` is given with ``--pipecat``;
nothing of the project needs it. ``python pipecat_echo.py PORT quick|silero CORE``.
"""

import json
import os
import sys

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import (
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)
from pipecat.workers.runner import WorkerRunner

RATE = 8_000
app = FastAPI()
port, activity, core = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


class Echo(FrameProcessor):
    """Says what it hears."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels)
        await self.push_frame(frame, direction)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.websocket("/twilio/media")
async def media(socket: WebSocket) -> None:
    await socket.accept()
    messages = socket.iter_text()
    await anext(messages)
    start = json.loads(await anext(messages))
    params = TwilioFrameSerializer.InputParams(auto_hang_up=False)
    serializer = TwilioFrameSerializer(start["streamSid"], params=params)
    transport = FastAPIWebsocketTransport(
        socket,
        FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
        ),
    )
    heard = [VADProcessor(vad_analyzer=SileroVADAnalyzer())] if activity == "silero" else []
    pipeline = Pipeline([transport.input(), *heard, Echo(), transport.output()])
    rates = PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE)
    worker = PipelineWorker(pipeline, params=rates, idle_timeout_secs=None)
    await WorkerRunner(handle_sigint=False).run(worker)


if __name__ == "__main__":
    logger.remove()
    os.sched_setaffinity(0, {core})
    uvicorn.run(app, port=port, log_level="error", ws_per_message_deflate=False)
