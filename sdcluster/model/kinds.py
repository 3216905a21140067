"""Words for the kinds of variables in messages (a stock, an auxiliary, …), in every language."""

from __future__ import annotations

from sdcluster.messages import Message, message


def a_kind(kind: str) -> Message:
    """Return the words for a variable of this kind, with an article: ``an auxiliary``."""
    match kind:
        case "stock":
            return message("model.kinds.stock")
        case "flow":
            return message("model.kinds.flow")
        case "constant":
            return message("model.kinds.constant")
        case "lookup":
            return message("model.kinds.lookup")
        case "data":
            return message("model.kinds.data")
    return message("model.kinds.auxiliary")
