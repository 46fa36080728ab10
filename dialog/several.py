"""Which options of a question with several answers were named together."""

from collections.abc import Iterable, Mapping

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.question import Question

NAME = "jointly"
#: How probable an option has to be for several readers together to count as named.
_NAMED = 0.25


def named(shares: Mapping[str, float], question: Question, least: float) -> tuple[str, ...]:
    """Return the options of more than ``least``, in order; of the exclusive ones the surest only.

    What cannot stand beside others (无) is either the one that is named or out.
    """
    exclusive = question.item.exclusive_codes() if question.item else frozenset()
    found = [code for code in sorted(shares) if shares[code] > least]
    if len(found) > 1 and exclusive & set(found):
        surest = max(found, key=lambda code: shares[code])
        found = [surest] if surest in exclusive else sorted(set(found) - exclusive)
    return tuple(found)


def jointly(
    question: Question, readings: Iterable[Interpretation], evidence: Evidence
) -> Interpretation:
    """Return what several readers hold of each option, on average, as one reading.

    Each of them errs on other options, so that together they tell better which were named.
    """
    listed = [dict(one.options) for one in readings if one.options]
    if not listed:
        return Interpretation()
    codes = sorted({code for one in listed for code in one})
    shares = {code: sum(one.get(code, 0.0) for one in listed) / len(listed) for code in codes}
    inside = named(shares, question, _NAMED)
    options = tuple(shares.items())
    if not inside:
        return Interpretation(unclear=1.0 - max(shares.values()), options=options)
    others = max((share for code, share in shares.items() if code not in inside), default=0.0)
    sure = min(shares[code] for code in inside) * (1.0 - others)
    candidate = Candidate("+".join(inside), sure, evidence, NAME)
    return Interpretation((candidate,), unclear=1.0 - sure, options=options)
