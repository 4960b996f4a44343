"""Addresses that lead nowhere, and faults nobody foresaw: people get a page, programs bare words."""

import asyncio

import httpx
from page_site import Site

_PAGE = {"accept": "text/html,*/*"}


def test_an_address_that_leads_nowhere_is_a_page_with_a_way_on(site: Site) -> None:
    lost = site.browser("maria").get("/residnets", headers=_PAGE)

    assert lost.status_code == 404
    assert "Her er det ingenting" in lost.text
    assert "Adressen kan være gammel, eller skrevet feil." in lost.text
    assert 'href="/residents">Beboere i enheten</a>' in lost.text


def test_whoever_is_not_signed_in_and_a_relative_are_shown_no_residents(site: Site) -> None:
    for browser in (site.browser(), site.browser("anne")):
        lost = browser.get("/residnets", headers=_PAGE)

        assert lost.status_code == 404
        assert "Gå til forsiden" in lost.text
        assert "/residents" not in lost.text


def test_a_program_gets_no_page(site: Site) -> None:
    nowhere = site.browser("maria").get("/api/residnets", headers=_PAGE)
    picture = site.browser("maria").get("/residnets", headers={"accept": "image/*"})

    assert (nowhere.status_code, nowhere.json()) == (404, {"detail": "Not Found"})
    assert picture.json() == {"detail": "Not Found"}


def test_what_nobody_foresaw_is_a_page_that_says_what_to_do(site: Site) -> None:
    site.app.state.database = "nobody thought of this"

    page, bare = asyncio.run(_ask(site, "/residents/res-a", "text/html", "application/json"))

    assert page.status_code == bare.status_code == 500
    assert "Noe gikk galt hos oss" in page.text
    assert "ring hvis det haster" in page.text
    assert "nobody thought of this" not in page.text + bare.text
    assert bare.json() == {"detail": "something went wrong here"}


async def _ask(site: Site, path: str, *accepted: str) -> list[httpx.Response]:
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://site", cookies={"livsrytme": "x"}) as client:
        return [await client.get(path, headers={"accept": one}) for one in accepted]
