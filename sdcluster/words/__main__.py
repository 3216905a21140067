"""Lists what a language lacks: ``python -m sdcluster.words de``."""

from __future__ import annotations

import sys

from sdcluster.words import ENGLISH, LANGUAGES, catalogue, lacking

for language in sys.argv[1:] or [code for code in LANGUAGES if code != ENGLISH]:
    missing = lacking(language)
    for key in missing:
        print(f"{language}: {key} = {catalogue(ENGLISH)[key]}")
    print(f"{language}: {len(missing)} of {len(catalogue(ENGLISH))} words are missing")
