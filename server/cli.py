"""The command line ``tingwen``."""

import sys
from collections.abc import Callable, Mapping

import typer
from typer.exceptions import TyperException

from server.failure import CommandFailedError

_MISUSED, _INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line; whatever fails ends in one sentence on stderr and a non-zero code."""
    app = assembled(sys.argv[1] if len(sys.argv) > 1 else "")
    try:
        raise SystemExit(app(prog_name="tingwen", standalone_mode=False) or 0)
    except CommandFailedError as failure:
        typer.echo(str(failure), err=True)
        raise SystemExit(failure.exit_code) from None
    except TyperException as misuse:
        typer.echo(_advice(misuse), err=True)
        raise SystemExit(_MISUSED) from None
    except typer.Abort:
        raise SystemExit(_INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None


def _advice(misuse: TyperException) -> str:
    """Return what is wrong with the words of a command, and where to look."""
    context = getattr(misuse, "ctx", None)
    path = context.command_path if context else "tingwen"
    said = str(getattr(misuse, "format_message", misuse.__str__)()).rstrip(".")
    said = said.replace("Value error, ", "")
    return f"{said}; see `{path} --help`." if said else f"Say what to do; see `{path} --help`."


def assembled(wanted: str = "") -> typer.Typer:
    """Return the command line; with ``wanted``, only what that command needs is loaded."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="听问：持证残疾人动态更新访问",
    )
    app.callback()(_nothing)
    for name, add in _COMMANDS.items():
        if wanted in (name, "") or wanted not in _COMMANDS:
            add(app)
    return app


def _nothing() -> None:
    """听问：持证残疾人动态更新访问."""


def _form(app: typer.Typer) -> None:
    from server.commands import form

    app.add_typer(form.app, name="form")


def _rehearse(app: typer.Typer) -> None:
    from server.commands.rehearse import rehearse

    app.command("rehearse")(rehearse)


def _campaign(app: typer.Typer) -> None:
    from server.commands import campaign

    app.add_typer(campaign.app, name="campaign")


def _roster(app: typer.Typer) -> None:
    from server.commands import roster

    app.add_typer(roster.app, name="roster")


def _interview(app: typer.Typer) -> None:
    from server.commands.interview import interview

    app.command("interview")(interview)


def _serve(app: typer.Typer) -> None:
    from server.commands.serve import serve

    app.command("serve")(serve)


def _link(app: typer.Typer) -> None:
    from server.commands.serve import link

    app.command("link")(link)


def _demo(app: typer.Typer) -> None:
    from server.commands.demo import demo

    app.command("demo")(demo)


def _call(app: typer.Typer) -> None:
    from server.commands.call import call

    app.command("call")(call)


def _show(app: typer.Typer) -> None:
    from server.commands.show import show

    app.command("show")(show)


def _export(app: typer.Typer) -> None:
    from server.commands.export import export

    app.command("export")(export)


def _audit(app: typer.Typer) -> None:
    from server.commands import audit

    app.add_typer(audit.app, name="audit")


def _rebuild(app: typer.Typer) -> None:
    from server.commands.audit import rebuild

    app.command("rebuild")(rebuild)


def _staff(app: typer.Typer) -> None:
    from server.commands import staff

    app.add_typer(staff.app, name="staff")


def _wechat(app: typer.Typer) -> None:
    from server.commands import wechat

    app.add_typer(wechat.app, name="wechat")


def _understand(app: typer.Typer) -> None:
    from server.commands.understand import understand

    app.command("understand")(understand)


def _evaluate(app: typer.Typer) -> None:
    from server.commands.understand import evaluate

    app.command("evaluate")(evaluate)


def _learn(app: typer.Typer) -> None:
    from server.commands.learn import learn

    app.command("learn")(learn)


def _models(app: typer.Typer) -> None:
    from server.commands import models

    app.add_typer(models.app, name="models")


def _voices(app: typer.Typer) -> None:
    from server.commands import voices

    app.add_typer(voices.app, name="voices")


def _listen(app: typer.Typer) -> None:
    from server.commands.listen import listen

    app.command("listen")(listen)


def _rasa(app: typer.Typer) -> None:
    from server.commands import rasa

    app.add_typer(rasa.app, name="rasa")


_COMMANDS: Mapping[str, Callable[[typer.Typer], None]] = {
    "demo": _demo,
    "evaluate": _evaluate,
    "form": _form,
    "rehearse": _rehearse,
    "campaign": _campaign,
    "learn": _learn,
    "rasa": _rasa,
    "roster": _roster,
    "interview": _interview,
    "serve": _serve,
    "staff": _staff,
    "understand": _understand,
    "listen": _listen,
    "models": _models,
    "wechat": _wechat,
    "voices": _voices,
    "link": _link,
    "call": _call,
    "show": _show,
    "export": _export,
    "audit": _audit,
    "rebuild": _rebuild,
}
