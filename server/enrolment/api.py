"""The routes a gateway speaks to by itself: a code against its credentials, a certificate against the next one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from server.access.api import NowDep, SettingsDep
from server.db.session import DatabaseDep
from server.enrolment import service
from server.enrolment.authority import Authority, Signed
from server.errors import NotFoundError

router = APIRouter(prefix="/api/gateways", tags=["enrolment"])


class CodeIn(BaseModel):
    """A one-time code as a technician typed it."""

    code: str = Field(max_length=100)
    request: str | None = Field(default=None, max_length=4096, description="Certificate signing request, PEM")


class RenewalIn(BaseModel):
    """What a gateway sends before its certificate ends."""

    gateway_id: str = Field(max_length=100)
    secret: str = Field(max_length=200)
    request: str = Field(max_length=4096, description="Certificate signing request for a new key, PEM")


class CertificateOut(BaseModel):
    """A gateway's certificate."""

    certificate: str = Field(description="PEM")
    authority: str = Field(description="Who vouches for it and for the brokers, PEM")


class EnrolledOut(BaseModel):
    """What a gateway needs to begin. The secret is told once."""

    gateway_id: str
    secret: str
    brokers: list[str] = Field(
        description="mqtt:// or mqtts:// addresses without user or password; the better one first"
    )
    config: dict[str, Any] = Field(description="The home's configuration, as it comes by MQTT")
    identity: CertificateOut | None = Field(
        description="None: none was asked for, or this service has no authority and the secret must do"
    )


def _authority(settings: SettingsDep) -> Authority | None:
    return None if settings.ca is None else Authority(settings.ca)


AuthorityDep = Annotated[Authority | None, Depends(_authority)]


@router.post("/enrol")
def post_enrol(
    code: CodeIn, request: Request, database: DatabaseDep, settings: SettingsDep, now: NowDep, authority: AuthorityDep
) -> EnrolledOut:
    """Exchange a one-time code for credentials. 403 for a wrong, used or old one; 429 after several."""
    asked = None if code.request is None or authority is None else service.Request(code.request, authority)
    enrolled = service.enrol(database, code.code, _who(request), now, asked)
    return EnrolledOut(
        gateway_id=enrolled.gateway_id,
        secret=enrolled.secret,
        brokers=list(settings.gateway_brokers),
        config=enrolled.config.model_dump(mode="json", exclude_none=True),
        identity=_told(enrolled.certificate, authority),
    )


@router.post("/renew")
def post_renew(
    asked: RenewalIn, request: Request, database: DatabaseDep, now: NowDep, authority: AuthorityDep
) -> CertificateOut:
    """Give a gateway its next certificate. 403 for a wrong secret or a revoked gateway, 404 without an authority."""
    if authority is None:
        raise NotFoundError("authority")
    wanted = service.Request(asked.request, authority)
    signed = service.renew(database, asked.gateway_id, asked.secret, _who(request), now, wanted)
    return CertificateOut(certificate=signed.pem, authority=authority.pem)


def _who(request: Request) -> str:
    return request.client.host if request.client else ""


def _told(signed: Signed | None, authority: Authority | None) -> CertificateOut | None:
    return (
        None if signed is None or authority is None else CertificateOut(certificate=signed.pem, authority=authority.pem)
    )
