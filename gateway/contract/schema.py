"""The contract as data: JSON Schema of every message.

Run `python -m gateway.contract.schema` to write the committed file.
"""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from gateway.contract.heartbeat import Heartbeat, Presence
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import ObservationBatch
from gateway.contract.receipt import Receipt

SCHEMA_FILE = Path(__file__).with_name("contract.v1.schema.json")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of all messages, each under `$defs`."""
    messages = (ObservationBatch, Heartbeat, Presence, Receipt, HomeConfig)
    _, document = models_json_schema(
        [(message, "validation") for message in messages], title="Livsrytme gateway contract, version 1"
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}


def as_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(as_text(), encoding="utf-8")
