"""A rule is tried on the past before it is switched on, and a round is made, in a real browser."""

from itertools import product

from gallery import Gallery
from playwright.sync_api import Page, expect
from town import Town
from visitor import sign_in


def test_staff_try_a_rule_on_the_last_weeks_and_switch_it_on(page: Page, changed_town: Town, pictures: Gallery) -> None:
    sign_in(page, changed_town, "siri")
    page.goto(f"{changed_town.url}/residents/res-05/rules")
    page.get_by_role("link", name="Ikke oppe innen et klokkeslett").click()
    page.get_by_label("Hvor", exact=True).select_option("kitchen")
    page.get_by_label("Til", exact=True).fill("07:15")
    page.get_by_label("Hvorfor det er avtalt, og med hvem").fill("Bjørg ønsker det selv.")
    page.get_by_role("button", name="Lagre").click()
    expect(page.get_by_text("Av: ikke prøvd ennå")).to_be_visible()

    page.get_by_role("button", name="Prøv det på de siste fire ukene").click()

    expect(page.get_by_text("Det ville ha kommet").or_(page.get_by_text("Det ville ikke ha kommet"))).to_be_visible()
    for width, scheme in product((390, 1280), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        pictures.keep(page, f"rules-tried-{width}-{scheme}")
    page.get_by_role("button", name="Slå på").click()
    expect(page.get_by_text("På", exact=True)).to_be_visible()


def test_a_nurse_makes_a_round_from_the_bar_at_thumb_height(page: Page, changed_town: Town) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, changed_town, "maria")
    page.get_by_role("navigation", name="Hovedmeny nederst").get_by_role("link", name="Tilsyn").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sone Nord")

    for _ in range(10):
        seen = page.locator("button", has_text="Sett").or_(page.locator("button", has_text="Snakket med"))
        if not seen.count():
            break
        box = seen.first.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        seen.first.click()
    page.get_by_role("button", name="Signer runden").click()

    expect(page.get_by_text("av Maria")).to_be_visible()
    expect(page.get_by_role("button", name="Jeg har vært der").first).to_be_visible()
