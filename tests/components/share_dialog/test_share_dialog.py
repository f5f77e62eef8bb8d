"""Share dialog."""

from __future__ import annotations

from components.share_dialog.layout import mail_link, share_dialog, who_sees
from services.models.products import ProductStatus
from tests.components.tree import find, words
from tests.components.values import product


def test_the_address_can_be_copied_and_mailed() -> None:
    dialog = share_dialog(product(), "http://pz.example/product/7_deep_field")
    assert "http://pz.example/product/7_deep_field" in words(dialog)
    (copy,) = [button for button in find(dialog, "Button") if words(button) == "Copy"]
    assert copy.to_plotly_json()["props"]["data-copy"] == "http://pz.example/product/7_deep_field"


def test_mail_links_are_escaped() -> None:
    link = mail_link(product(name="a & b?"), "http://pz.example/product/7")
    assert link.startswith("mailto:?subject=Data%20product%3A%20a%20%26%20b%3F&body=")


def test_who_sees_it_follows_state_and_release() -> None:
    assert "until it is published" in who_sees(product(status=ProductStatus.REGISTERING))
    assert "DP1" in who_sees(product(release_name="DP1"))
    assert who_sees(product()) == "everybody who is signed in."
