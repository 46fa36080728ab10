"""``tingwen audit`` and ``tingwen rebuild``: whether the records are what was kept."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from models.audit import AuditEntry, AuditLog
from models.campaign import Campaigns
from models.rebuild import Rebuilt
from models.rebuild import rebuild as rebuild_records
from models.verify import Break
from models.verify import verify as verify_chains
from server.commands.opened import opened_service
from server.failure import CommandFailedError

app = typer.Typer(no_args_is_help=True, help="The audit log and the chain of events.")
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]


@app.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Walk every chain; name the first broken row of each and end with code 1 if there is one."""
    with opened_service() as service:
        try:
            found = verify_chains(service.database)
        except (ValueError, TypeError) as error:
            raise CommandFailedError(
                "A row of the events or of the audit log cannot even be read; compare the"
                " database with a copy from before."
            ) from error
    if as_json:
        listed = [asdict(one) for one in found]
        typer.echo(json.dumps({"intact": not found, "broken": listed}, ensure_ascii=False))
    elif not found:
        typer.echo("事件链和审计链都完整。")
    if found:
        raise CommandFailedError(_first(found))


def _first(found: list[Break]) -> str:
    more = f" ({len(found) - 1} more chains are broken: --json lists them.)"
    return found[0].sentence() + (more if len(found) > 1 else "")


def rebuild(
    campaign: Annotated[str, typer.Option(help="Only this campaign.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make answers, revisions, tasks, states and the queue anew; say what was not right."""
    with opened_service() as service:
        if campaign:
            Campaigns(service.database).get(campaign)
        done = rebuild_records(service.database, service.shelf.find, campaign)
        if done.changed:
            AuditLog(service.database).add(_entry(campaign, done))
    if as_json:
        typer.echo(json.dumps({**asdict(done), "changed": done.changed}))
        return
    typer.echo(_told(done))


def _entry(campaign: str, done: Rebuilt) -> AuditEntry:
    detail = {name: str(count) for name, count in asdict(done).items()}
    return AuditEntry(
        at=datetime.now(UTC), actor="cli", action="records.rebuild", object=campaign, detail=detail
    )


def _told(done: Rebuilt) -> str:
    if not done.changed:
        return f"重算了 {done.interviews} 次访问，都与事件一致。"
    return (
        f"重算了 {done.interviews} 次访问：改正答案 {done.answers} 条，"
        f"补记修改 {done.revisions} 条，补建审核任务 {done.tasks} 条，"
        f"改正访问状态 {done.states} 条，改正呼叫队列 {done.callings} 条。"
    )
