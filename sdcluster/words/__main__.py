"""List the texts and messages that a language lacks: ``python -m sdcluster.words de``."""

from __future__ import annotations

import sys

from sdcluster import messages
from sdcluster.words import ENGLISH, LANGUAGES, catalogue, lacking

for language in sys.argv[1:] or [code for code in LANGUAGES if code != ENGLISH]:
    english = {**catalogue(ENGLISH), **messages.catalogue(ENGLISH)}
    missing = [*lacking(language), *messages.lacking(language)]
    for key in missing:
        print(f"{language}: {key} = {english[key]}")
    print(f"{language}: {len(missing)} of {len(english)} words and messages are missing")
