"""What the service counts of itself, for Prometheus."""

import time
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as written
from sqlalchemy import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.database import Database
from models.tables import AssignmentRow, ReviewTaskRow
from server.desk.door import Open, open_to

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one application: requests by route, and how the work stands.

    Addresses of respondents' links hold tokens, so a request is counted by its route's pattern.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tingwen_requests", "Requests answered.", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "tingwen_request_seconds", "Seconds from a request to its answer.", ("route",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._assignments = Gauge(
            "tingwen_assignments", "Assignments by state.", ("status",), registry=self.registry
        )
        self._tasks = Gauge(
            "tingwen_review_tasks_open", "Review tasks that wait.", registry=self.registry
        )

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request that was answered with ``status``."""
        route = getattr(scope.get("route"), "path", "none")
        self._requests.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return everything counted, with the records' own counts read now."""
        by_status, waiting = self._work()
        self._assignments.clear()
        for status, number in by_status.items():
            self._assignments.labels(status).set(number)
        self._tasks.set(waiting)
        return written(self.registry)

    def _work(self) -> tuple[Mapping[str, int], int]:
        states = select(AssignmentRow.status, func.count()).group_by(AssignmentRow.status)
        tasks = select(func.count()).where(ReviewTaskRow.status == "open")
        with self._database.reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(states)}
            return found, connection.scalar(tasks) or 0


class Measured:
    """Counts every request of the application inside it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count it when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["app"].state.metrics.count(
                    scope, message["status"], time.perf_counter() - begun
                )
            await send(message)

        await self._app(scope, receive, noted)


def metrics_routes() -> APIRouter:
    """Return the route of ``/metrics``; what it tells concerns nobody in particular."""
    router = APIRouter(dependencies=[open_to(Open.ANYONE)])

    @router.get("/metrics", include_in_schema=False)
    def show(request: Request) -> Response:
        metrics: Metrics = request.app.state.metrics
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
