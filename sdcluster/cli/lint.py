"""The command `lint`: check a model for likely mistakes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import console, say
from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, labelled, message, quoted, shown
from sdcluster.words import phrase

if TYPE_CHECKING:
    from sdcluster.lint import Finding
    from sdcluster.model import Model

MANY = 4  # from this number on, notes of the same kind share a line of the table
STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def lint(
    model: options.ModelPath,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 1 also if there are only warnings.")
    ] = False,
    notes: Annotated[
        bool,
        typer.Option("--notes/--no-notes", help="Show notes, too, or only warnings and errors."),
    ] = True,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", "-r", help="Run only this check. May be repeated.", show_default=False
        ),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Run the model to check the time step.")
    ] = True,
    form: Annotated[
        str, typer.Option("--format", help="Format of the findings: table or json.")
    ] = "table",
    language: options.Language = "en",
) -> None:
    """Check a model for likely mistakes in units, names, unused variables, circular equations and the time step.

    The exit code is 1 if the model has errors.

    \b
    Examples:
      sdcluster lint my_model
      sdcluster lint model.mdl --strict --format json
    """
    import sdcluster
    from sdcluster import lint as checks

    if form not in ("table", "json"):
        raise ModelError(message("cli.no_format_expected_table", form=form))
    loaded = sdcluster.load(model)
    found = checks.lint(loaded, rules=rule or (), run=run)
    listed = [f for f in found if notes or f.severity != "note"]
    counts: Counter[str] = Counter(f.severity for f in found)
    if form == "json":
        typer.echo(
            json.dumps(
                {"file": str(loaded.path), "counts": dict(counts), "findings": [asdict(f) for f in listed]},
                ensure_ascii=False,
                indent=1,
            )
        )  # fmt: skip
    else:
        _print(loaded, listed, counts, language)
    if counts["error"] or (strict and counts["warning"]):
        raise typer.Exit(1)


def _print(model: Model, findings: list[Finding], counts: Counter[str], language: str) -> None:
    from rich.table import Table
    from rich.text import Text

    findings = _gathered(findings)
    if findings:
        table = Table(title=str(model.path), title_justify="left")
        table.add_column(phrase("line", language), justify="right", style="dim")
        table.add_column(phrase("severity", language), no_wrap=True)
        table.add_column(phrase("finding", language), overflow="fold")
        table.add_column(phrase("remedy", language), overflow="fold", style="dim")
        for one in findings:
            table.add_row(
                str(one.line or ""),
                Text(phrase(one.severity, language), style=STYLES[one.severity]),
                Text(shown(one.sentence)),
                Text(shown(one.remedy)),
            )
        console().print(table)
    errors, warnings, notes = (counts[severity] for severity in STYLES)
    words = [
        message("cli.lint_error") if errors == 1 else message("cli.lint_errors", count=errors),
        message("cli.lint_warning")
        if warnings == 1
        else message("cli.lint_warnings", count=warnings),
        message("cli.lint_note") if notes == 1 else message("cli.lint_notes", count=notes),
    ]
    say(labelled(model.name, comma_separated(words)))


def _without_name(note: Finding) -> str:
    """Return the text of a note in the current language, with ``…`` in place of the variable's name."""
    said = shown(note.sentence)
    return said.replace(shown(quoted(note.variable)), "…").strip()


def _gathered(findings: list[Finding]) -> list[Finding]:
    """Replace many notes of the same kind by a single note at the end, so that the notes do not hide errors."""
    from dataclasses import replace

    alike: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        if one.severity == "note" and one.variable:
            alike.setdefault((one.rule, one.remedy), []).append(one)
    many = {key: notes for key, notes in alike.items() if len(notes) >= MANY}
    single = [f for f in findings if (f.rule, f.remedy) not in many or f.severity != "note"]
    for (rule, _), notes in many.items():
        more = message("cli.more_all_rule_format", count=len(notes) - MANY, rule=rule)
        named = comma_separated([quoted(n.variable) for n in notes[:MANY]])
        names = named + more if len(notes) > MANY else named
        sentence = message(
            "cli.lint_many", count=len(notes), what=_without_name(notes[0]), names=names
        )
        single.append(replace(notes[0], sentence=sentence, line=None))
    return single
