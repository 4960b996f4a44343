"""Tables of one-time codes, and of who guessed at them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime


class EnrolmentCode(SQLModel, table=True):
    """The one code that is open for a gateway. Used up, it is deleted."""

    __tablename__ = "enrolment_code"

    gateway_id: int = Field(
        primary_key=True, foreign_key="gateway.gateway_id", sa_column_kwargs={"autoincrement": False}
    )
    code_hash: str = Field(unique=True, description="SHA-256: the code is random and long enough to need no salt")
    ends_at: datetime = Field(sa_type=UtcDateTime)


class EnrolmentFailure(SQLModel, table=True):
    """An address from which wrong codes came."""

    __tablename__ = "enrolment_failure"

    address: str = Field(primary_key=True)
    failures: int = 0
    free_again_at: datetime = Field(sa_type=UtcDateTime)


class GatewayCertificate(SQLModel, table=True):
    """A certificate that the installation's own authority gave to a gateway."""

    __tablename__ = "gateway_certificate"

    serial: str = Field(primary_key=True, description="Hexadecimal digits")
    gateway_id: int = Field(foreign_key="gateway.gateway_id", index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
