"""Where each part of a form comes from."""

from collections.abc import Mapping

from survey_engine.item import Certainty, Evidence
from survey_engine.node import Node

EVIDENCE_PARTS = ("label", "legacy", "options", "logic", "wording", "hints")


def read_evidence(node: Node) -> Mapping[str, Evidence]:
    """Read a map from part to its source and certainty; parts that are absent are left out."""
    parts = {part: node.child(part) for part in EVIDENCE_PARTS}
    node.close()
    return {part: read_source(child) for part, child in parts.items() if node.has(part)}


def read_source(node: Node) -> Evidence:
    """Read one ``{source, certainty}``."""
    evidence = Evidence(node.text("source", required=True), node.word("certainty", Certainty))
    node.close()
    return evidence
