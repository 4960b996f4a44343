"""The one route a gateway speaks to by itself: a code against its credentials."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from server.access.api import NowDep, SettingsDep
from server.db.session import DatabaseDep
from server.enrolment.service import enrol

router = APIRouter(prefix="/api/gateways", tags=["enrolment"])


class CodeIn(BaseModel):
    """A one-time code as a technician typed it."""

    code: str = Field(max_length=100)


class EnrolledOut(BaseModel):
    """What a gateway needs to begin. The secret is told once."""

    gateway_id: str
    secret: str
    brokers: list[str] = Field(
        description="mqtt:// or mqtts:// addresses without user or password; the better one first"
    )
    config: dict[str, Any] = Field(description="The home's configuration, as it comes by MQTT")


@router.post("/enrol")
def post_enrol(
    code: CodeIn, request: Request, database: DatabaseDep, settings: SettingsDep, now: NowDep
) -> EnrolledOut:
    """Exchange a one-time code for credentials. 403 for a wrong, used or old one; 429 after several."""
    address = request.client.host if request.client else ""
    enrolled = enrol(database, code.code, address, now)
    return EnrolledOut(
        gateway_id=enrolled.gateway_id,
        secret=enrolled.secret,
        brokers=list(settings.gateway_brokers),
        config=enrolled.config.model_dump(mode="json", exclude_none=True),
    )
