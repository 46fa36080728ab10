"""Where accepted rows go."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from server.roster.row import RosterRow


class RosterTarget(Protocol):
    """The campaign that a roster is imported into."""

    def store(self, rows: Iterator[RosterRow]) -> Mapping[int, bool]:
        """Store all ``rows``, or none of them.

        Take every row to the end: what is wrong with a file may show only there. An exception out
        of ``rows``, or of storing itself, must leave the campaign as it was and pass through.

        A person, known by ``certificate.identity``, who is in the campaign already stays as they
        are. Return these by ``row``, each with whether the campaign says the same of them as the
        row does, so that importing a file again changes nothing.
        """
