"""The test client of the web framework, by way of httpx, which the simulators use as well."""

import warnings

with warnings.catch_warnings():
    # It would rather have httpx's successor; one HTTP client is enough.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["TestClient"]
