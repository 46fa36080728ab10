"""``tingwen export``."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.campaign import Campaigns
from server.commands.opened import opened_service
from server.export.campaign_export import export_campaign
from server.export.format import Format
from server.export.order import Order


def export(
    campaign: Annotated[str, typer.Option()],
    form: Annotated[Format, typer.Option("--format")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    identified: Annotated[
        bool, typer.Option("--identified", help="With names and numbers; it is noted.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write a campaign's answers, revisions, outcomes, review log, dictionary and 底册."""
    with opened_service() as service:
        known = Campaigns(service.database).get(campaign)
        order = Order(known, service.shelf.find(known.form, known.version), identified)
        manifest = export_campaign(
            service, order, form, out, by="cli", at=datetime.now(UTC).astimezone()
        )
    if as_json:
        typer.echo(json.dumps(manifest.as_dict(), ensure_ascii=False))
        return
    named = "含姓名和号码" if identified else "不含姓名和号码"
    typer.echo(f"{known.id} 已导出到 {out}（{named}）：")
    for name, file in manifest.files.items():
        typer.echo(f"  {name}：{file.rows} 行")
