"""What is shown without log-in: of nobody, in each language, and kept by browsers for a while."""

import re

import pytest
from page_site import Site


@pytest.mark.parametrize("path", ["/showcase", "/accessibility"])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_anybody_reads_it_in_their_own_language_and_may_keep_it(site: Site, path: str, language: str) -> None:
    answer = site.browser().get(path, headers={"accept-language": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert {"Cookie", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    assert "<script" not in answer.text


def test_the_showcase_says_that_its_home_is_invented_and_shows_a_whole_day_of_it(site: Site) -> None:
    text = site.browser().get("/showcase", headers={"accept-language": "en"}).text

    assert "Everything here is invented" in text
    assert re.search(r'aria-label="Last 24 hours: movement in \d+ hours\. No data for 2 hours\."', text)


def test_who_signs_in_finds_both_from_there(site: Site) -> None:
    text = site.browser().get("/sign-in").text

    assert 'href="/showcase"' in text
    assert 'href="/accessibility"' in text
