"""What the portal says about itself, once for the page inside and once for visitors who are not signed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


ABOUT = (
    Section(
        "What this is",
        (
            "PZ Server hosts data products around photometric redshifts: spectroscopic catalogues, training sets, "
            "validation results, photo-z tables and whatever else helps to make and judge them.",
            "Products come with a page of their own: what is in the file, distributions over all rows, quality "
            "notes, downloads, and an address to share.",
        ),
    ),
    Section(
        "Who puts data here",
        (
            "Official products are curated for a data release of the Rubin Observatory. User-generated products are "
            "uploaded by members of the community; their owners answer for them.",
        ),
    ),
    Section(
        "How to use it",
        (
            "Log in, open one of the two lists, and look at a product. Everything the pages show can also be had "
            "from Python with an API token, which you make under your name in the top bar.",
        ),
    ),
)
