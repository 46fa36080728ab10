"""What other programs may read, as JSON; described at ``/openapi.json``."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter

from models.campaign import Campaign
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.shown import plain

Watching = Annotated[Sitting, needs(Permission.PROGRESS)]
Reviewing = Annotated[Sitting, needs(Permission.REVIEW)]


def api_routes(service: Service) -> APIRouter:
    """Return the routes below ``/api``; each shows what its reader may see at a desk."""
    router = APIRouter(prefix="/api", tags=["records"])

    @router.get("/campaigns")
    def campaigns(sitting: Watching) -> list[dict[str, Any]]:
        """List the campaigns that concern the reader's region."""
        return [_campaign(one) for one in sitting.records.campaigns()]

    @router.get("/campaigns/{campaign_id}")
    def campaign(campaign_id: str, sitting: Watching) -> dict[str, Any]:
        """Show one campaign."""
        return _campaign(sitting.records.campaign(campaign_id))

    @router.get("/assignments/{assignment_id}")
    def assignment(assignment_id: str, sitting: Reviewing) -> dict[str, Any]:
        """Show one person's interview as `tingwen show --json` does, without name or numbers."""
        case = sitting.records.case(assignment_id)
        form = service.shelf.find(case.form, case.version)
        return plain(sitting.records.shown(assignment_id), form)

    return router


def _campaign(campaign: Campaign) -> dict[str, Any]:
    wanted = ("id", "form", "version", "reference_day", "region", "call_hours", "status")
    known = asdict(campaign)
    return {name: known[name] for name in wanted}
