"""The console script: the verbs, and how a command ends."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from seqgan_toolkit.cli.cp import cp
from seqgan_toolkit.cli.env import env
from seqgan_toolkit.cli.evaluate import evaluate
from seqgan_toolkit.cli.export import export
from seqgan_toolkit.cli.generate import generate
from seqgan_toolkit.cli.ls import ls
from seqgan_toolkit.cli.prepare import prepare
from seqgan_toolkit.cli.run import run
from seqgan_toolkit.cli.show import show
from seqgan_toolkit.cli.train import train
from seqgan_toolkit.cli.validate import validate
from seqgan_toolkit.console import say
from seqgan_toolkit.errors import RunError, UserError

FAILED, MISTAKEN, INTERRUPTED = 1, 2, 130
"""Exit codes: the run could not go on, the user can mend it, Ctrl-C."""

_DEBUG = "--debug"
_VERBS = (run, prepare, train, generate, evaluate, export, validate, ls, cp, show, env)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after the program's name; those of this process when None.

    Returns:
        The exit code: 0, 1 (failed), 2 (a mistake that the user can mend) or 130 (interrupted).
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = _DEBUG in words
    try:
        _app()([word for word in words if word != _DEBUG], prog_name="seqgan-toolkit")
    except SystemExit as end:
        return _interrupted() if end.code == INTERRUPTED else int(end.code or 0)
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        if debug:
            traceback.print_exc()
        return report(error, debug=debug)
    return 0


def report(error: Exception, *, debug: bool = False) -> int:
    """Say what ended a command, on standard error, and return its exit code."""
    expected = isinstance(error, (UserError, RunError, OSError))
    for line in _message(error).splitlines():
        say(f"error: {line}")
    if not expected and not debug:
        say(f"This is a fault in the program: run again with {_DEBUG} for the traceback.")
    return MISTAKEN if isinstance(error, UserError) else FAILED


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        place = f" while writing {error.filename}" if error.filename else ""
        return f"the disk is full{place}: make room and run the same command again"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, (UserError, RunError)):
        return str(error)
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _interrupted() -> int:
    say("interrupted")
    return INTERRUPTED


def _app() -> typer.Typer:
    """Return the verbs; rich markup and completion stay out, because they cost start-up time."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, no_args_is_help=True)
    app.callback()(_options)
    for verb in _VERBS:
        app.command(verb.__name__)(verb)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("seqgan-toolkit"))
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show tracebacks; may stand anywhere.")] = False,
) -> None:
    """Train recurrent GANs on sentences, audio clips, image rows and series, and generate from them."""
