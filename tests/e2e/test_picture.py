"""The picture of a product page in README comes from here: ``make picture``."""

from __future__ import annotations

import struct

import pytest

from tests.support.browser import OpenPage
from tests.support.files import REPOSITORY
from tests.support.pages import open_training_set, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

SIZE = {"width": 1280, "height": 1290}


def test_a_product_page_makes_a_picture(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", viewport=SIZE, color_scheme="light")
    open_training_set(page)
    for name in ("n_z", "magnitudes", "z_magnitude", "sky"):
        wait_for_plot(page, name)
    folder = REPOSITORY / "test-results"
    folder.mkdir(exist_ok=True)
    picture = page.screenshot(path=folder / "product-page.png")
    assert struct.unpack(">II", picture[16:24]) == (SIZE["width"], SIZE["height"])
