"""What is said of a function that does not exist, belongs to another language or gets other arguments."""

from __future__ import annotations

import pytest

import sdcluster

XMILE = (
    '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><sim_specs><start>0</start>'
    "<stop>1</stop></sim_specs><model><variables><aux name='a'><eqn>TIME</eqn></aux>"
    "<aux name='x'><eqn>{}</eqn></aux></variables></model></xmile>"
)


def refused(text: str, folder, suffix: str) -> str:
    file = folder / f"m{suffix}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(sdcluster.ModelError) as error:
        sdcluster.simulate(sdcluster.load(file), method="euler")
    return error.value.sentence


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("SMTH3(a, 1)", "SMTH3 is a function of XMILE and Stella; write SMOOTH3 in a Vensim file"),
        ("SAFEDIV(a, 2)", "write ZIDZ in a Vensim file"),
        ("SAFEDIV(a, 2, 1)", "write XIDZ in a Vensim file"),
        ("SMOOTH3(a)", "SMOOTH3 takes 2 arguments, but was given 1"),
        ("ABS()", "ABS takes 1 argument, but was given 0"),
        ("SMOOT(a, 1)", 'did you mean "SMOOTH"'),
        ("VMSTAT(a)", "VMSTAT needs values of the whole run"),
        ("COMPARE RUN('base')", "COMPARE RUN needs values of the whole run"),
        ("RC STEP(a, 1)", "RC STEP belongs to a reality check"),
    ],
)
def test_vensim(tmp_path, write_model, call: str, sentence: str) -> None:
    path = write_model("a = Time", f"x = {call}")
    assert sentence in refused(path.read_text(encoding="utf-8"), tmp_path, ".mdl")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("SMOOTH3(a, 2)", "SMOOTH3 is a function of Vensim; write SMTH3 in an XMILE file"),
        ("FORECAST(a, 1, 2)", "write FORCST in an XMILE file"),
        ("GET_TIME_VALUE(0, 0, 1)", "XMILE has no such function"),
        ("SMTH3(a)", "SMTH3 takes 2 or 3 arguments, but was given 1"),
        ("SMTHH3(a, 2)", 'did you mean "SMTH3"'),
        ("CTMEAN(a)", "CTMEAN follows time stamps"),
    ],
)
def test_xmile(tmp_path, call: str, sentence: str) -> None:
    assert sentence in refused(XMILE.format(call), tmp_path, ".xmile")


@pytest.mark.parametrize(
    "call", ["SMTH1(a,1,2)", "DELAYN(a,1,3)", "FORCST(a,1,2)", "INTEG(a)", "SMOOTHN(a,1,2,3)"]
)
def test_no_name_is_suggested_for_itself(tmp_path, write_model, call: str) -> None:
    path = write_model("a = Time", f"x = {call}")
    name = call.partition("(")[0]
    assert f'"{name}"' not in refused(path.read_text(encoding="utf-8"), tmp_path, ".mdl")
