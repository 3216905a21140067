"""The command `play`: run a model step by step, with settings from a player or from a file of answers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.simulate import check_outputs, finish, kept_variables, shown_variables
from sdcluster.cli.terminal import complain, say
from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message

if TYPE_CHECKING:
    from sdcluster.model import Model
    from sdcluster.run.stepping import Run

HELP = """\
  Enter            make the next turn
  name = value     set a constant, stock, variable or element; `name =` restores its equation
  name             show the value of a variable
  until 8          run to time 8
  save FILE        save the state; `sdcluster play MODEL --from-state FILE` continues from it
  end              run to the end
  quit             stop here"""


def play(
    model: options.ModelPath,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    ask: Annotated[
        list[str] | None,
        typer.Option(
            "--ask",
            help="A variable to ask for in each turn; an empty answer keeps its value. May be repeated. Without "
            "--ask, you type commands, which the command help lists.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            help="Length of a turn in the model's time unit; by default, the interval of the results.",
            show_default=False,
        ),
    ] = None,
    variable: options.VariableNames = None,
    method: options.Method = None,
    stop: Annotated[
        float | None, typer.Option(help="Time at which the game ends.", show_default=False)
    ] = None,
    dt: Annotated[float | None, typer.Option(help="Time step.", show_default=False)] = None,
    from_state: options.FromState = None,
    save_state: options.SaveState = None,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Play a model turn by turn: look at the values, set the variables that you decide about, and advance by a turn.

    The answers come from the terminal, or from a file or pipe with one answer on each line. After the last answer, the
    game ends.

    \b
    Examples:
      sdcluster play my_model --ask price --every 10 -v "population"
      sdcluster play model.mdl --out game.csv
      printf '5\\n5\\n20\\n' | sdcluster play beer.mdl --ask "order" -v stock -v backlog
    """
    import sdcluster

    check_outputs(out)
    loaded = sdcluster.load(model)
    named = [*variable, *(ask or ())] if variable else None
    shown, kept = shown_variables(loaded, named), kept_variables(loaded, named)
    simulator = sdcluster.Simulator(loaded, scenario, method=method, stop=stop, dt=dt)
    given = options.read_settings(settings, lookups)
    run = simulator.resume(from_state, given) if from_state else simulator.begin(given)
    turn = run.grid.saveper if every is None else every
    if not turn > 0:
        raise ModelError(message("cli.every_turn_must_take", turn=turn))
    asked = [loaded[name].name if name in loaded else name for name in ask or ()]
    for name in asked:
        run[name]
    looked_at = list(dict.fromkeys([*shown, *asked]))[: None if variable else MOST_SHOWN]
    game = Game(run, loaded, looked_at, asked, turn, language)
    game.play()
    if save_state:
        say(message("cli.wrote", path=run.save(save_state)))
    finish(loaded, run.dataset(kept), shown, bool(variable), out, loaded.name, language)


MOST_SHOWN = 8


class Game:
    """A run that advances in turns. In each turn, the game asks for some variables and shows others.

    Parameters
    ----------
    run : Run
    model : Model
    shown, asked : sequence of str
        Names of the variables to show, and of those to ask for, in each turn.
    turn : float
        Length of a turn, in the model's time unit.
    language : str
        Language of the names that are shown.
    """

    def __init__(
        self,
        run: Run,
        model: Model,
        shown: Sequence[str],
        asked: Sequence[str],
        turn: float,
        language: str,
    ) -> None:
        self.run, self.model, self.turn = run, model, turn
        self.shown, self.asked, self.language = shown, asked, language
        self.over = False

    def play(self) -> None:
        """Play turn after turn until the run or the answers end."""
        self.show()
        while not self.run.done and not self.over:
            if self.asked:
                for name in self.asked:
                    if not self.over:
                        self.ask(name)
                if not self.over:
                    self.go(self.run.time + self.turn)
            else:
                self.command()

    def show(self) -> None:
        """Print the time and the values of the shown variables."""
        values = [f"{self.label(name)} = {self.text(name)}" for name in self.shown]
        say(message("cli.time_and_values", time=self.run.time, values=comma_separated(values)))

    def label(self, name: str) -> str:
        """Return the label of a variable."""
        return self.model.label(name, self.language)

    def text(self, name: str) -> str:
        """Return the current value of a variable as text; for an array, the values of all elements."""
        value = self.run[name]
        if isinstance(value, float):
            return f"{value:.6g}"
        return "(" + ", ".join(f"{v:.6g}" for v in value.values.ravel()) + ")"

    def go(self, time: float) -> None:
        """Advance the run to a time, but not beyond its end, and show the values."""
        self.run.until(min(time, self.run.stop))
        self.show()

    def line(self, prompt: str) -> str:
        """Return the next line of the answers; if there are no more lines, end the game."""
        typer.echo(prompt, nl=False)
        answer = sys.stdin.readline()
        if not answer:
            self.over = True
            typer.echo()
        elif not sys.stdin.isatty():
            typer.echo(answer.rstrip("\n"))
        return answer.strip()

    def ask(self, name: str) -> None:
        """Ask for the value of a variable until the answer is valid; an empty answer keeps the current value."""
        while not self.over:
            answer = self.line(f"{self.label(name)} [{self.text(name)}]: ")
            if answer in ("quit", "q"):
                self.over = True
            if not answer or self.over or self.set(name, answer):
                return

    def set(self, name: str, answer: str) -> bool:
        """Set a variable to the value in an answer, and return whether the value was accepted."""
        from sdcluster.read.tables.points import read_input

        try:
            self.run.set({name: read_input(answer) if answer else None})
        except ModelError as error:
            complain(error.sentence)
            return False
        return True

    def command(self) -> None:
        """Read and execute one command of the player."""
        answer = self.line("> ")
        name, equals, value = answer.partition("=")
        word, _, rest = answer.partition(" ")
        try:
            if self.over:
                return
            if not answer:
                self.go(self.run.time + self.turn)
            elif equals:
                if self.set(name.strip(), value.strip()):
                    self.show()
            elif word in ("quit", "q", "exit"):
                self.over = True
            elif answer == "end":
                self.go(self.run.stop)
            elif answer in ("help", "?"):
                say(HELP)
            elif word == "until":
                self.go(_time(rest))
            elif word == "save" and rest:
                say(message("cli.wrote", path=self.run.save(Path(rest.strip()))))
            else:
                say(f"{self.label(answer)} = {self.text(answer)}")
        except ModelError as error:
            complain(error.sentence)


def _time(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ModelError(message("cli.until_needs_time_until", text=text)) from None
