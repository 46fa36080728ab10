"""What was asked for: whose records, and how much of them."""

from dataclasses import dataclass

from models.campaign import Campaign
from models.export import ExportFilter
from server.export.disclosure import Disclosure
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class Order:
    """An export of one campaign, of ``region`` and below if there is one.

    ``identified`` lets people be told by name and number.
    """

    campaign: Campaign
    form: Questionnaire
    identified: bool = False
    region: str = ""

    @property
    def filter(self) -> ExportFilter:
        """Which records are read."""
        return ExportFilter(
            campaign=self.campaign.id, region=self.region, identified=self.identified
        )

    @property
    def disclosure(self) -> Disclosure:
        """What may be said of them."""
        return Disclosure(self.form, self.identified)

    @property
    def questions(self) -> tuple[Item, ...]:
        """The items that hold an answer, in the order of the form."""
        return tuple(item for item in self.form.items if item.type.is_question)
