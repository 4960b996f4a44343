"""To and from the wire: JSON, one object a message."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class ContractError(Exception):
    """A message is not what the contract says. The text names the first thing wrong and never repeats a value."""


def to_json(message: BaseModel) -> bytes:
    """Write a message."""
    return message.model_dump_json(exclude_none=True).encode()


def from_json(kind: type[M], payload: bytes) -> M:
    """Read a message, ignoring fields we do not know: a home is not cut off by a newer gateway.

    Raises:
        ContractError: it cannot be read as this kind.
    """
    try:
        return kind.model_validate_json(payload)
    except ValidationError as error:
        raise ContractError(first_fault(error)) from None


def first_fault(error: ValidationError) -> str:
    """Return where the first fault is and what was expected there; never the value found: it may be about a person."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{_place_of(fault['loc']) or 'message'}: {fault['msg'].removeprefix('Value error, ')}"


def _place_of(steps: tuple[int | str, ...]) -> str:
    # pydantic marks the key of a mapping by a step "[key]" behind it; a key is a value, too, so it is left out.
    followed = zip(steps, (*steps[1:], ""), strict=False)
    return ".".join(str(step) for step, then in followed if "[key]" not in {step, then})
