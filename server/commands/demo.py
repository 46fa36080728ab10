"""``tingwen demo``: the main job on embedded parts, with a county of invented people."""

import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.commands.serve import chat_address, run_service
from server.demo.county import CAMPAIGN, COLLEAGUES, REVIEWER, Demo
from server.demo.entrance import entrance, entrance_routes
from server.service import Service
from server.settings import Settings
from survey_engine.interview import Status

_LINKS = 3
#: Whom the invented people ring to check, unless the settings name somebody; nobody's number.
_CALLBACK = "14000012385"


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser")] = False,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("data/demo"),
) -> None:
    """Invent a county, let a few people answer, print the links and serve."""
    settings = Settings(data_dir=data, public_url=f"http://127.0.0.1:{port}")
    if "callback" not in settings.model_fields_set:
        settings = settings.model_copy(update={"callback": _CALLBACK})
    service = Service.open(settings)
    county = Demo(service)
    county.prepare()
    desk = entrance(service, REVIEWER, datetime.now(UTC))
    typer.echo("演示数据都是虚构的（区划 990000，不存在）。\n")
    typer.echo("受访者的聊天链接，每个只能在一个浏览器里打开：")
    for address, last4 in _chats(service, county):
        typer.echo(f"  {address}\n    问到证号最后四位时填 {last4}")
    typer.echo(f"\n工作台每个岗位一个进入链接；也可以从 {settings.public_url}/desk/sign-in 登录：")
    for login, name, _ in COLLEAGUES:
        password, secret = county.credentials(login)
        typer.echo(f"  {name}\n    {entrance(service, login, datetime.now(UTC))}")
        typer.echo(f"    登录名 {login}  密码 {password}  验证器密钥 {secret}")
    typer.echo()
    typer.echo(f"导出：tingwen export --campaign {CAMPAIGN} --format xlsx --out DIR")
    typer.echo(f"      （先设 TINGWEN_DATA_DIR={data}）\n按 Ctrl-C 停止。")
    if not no_browser:
        webbrowser.open(desk)
    run_service(service, "127.0.0.1", port, [entrance_routes(service)])


def _chats(service: Service, county: Demo) -> list[tuple[str, str]]:
    waiting = [case for case in county.people() if case.status in ("waiting", Status.PAUSED)]
    return [
        (chat_address(service, case.assignment_id), case.facts().get("last4", ""))
        for case in waiting[:_LINKS]
    ]
