"""Requests exactly as the released clients send them: encodings, missing slashes and doubled ones included."""

from __future__ import annotations

from typing import Any

import requests

JSON = "application/json"


class ReleasedClient:
    """What a released client does behind its functions, without looking at the answers.

    Parameters
    ----------
    url : str
        Address of the server, without the path of the API.
    key : str
        API token.
    """

    def __init__(self, url: str, key: str) -> None:
        self.base = f"{url}/api/"
        self._token = {"Authorization": f"Token {key}"}

    def get(self, path: str) -> requests.Response:
        """GET with the content type the clients send, and without a body."""
        return requests.get(self.base + path, headers={**self._token, "Content-Type": JSON}, timeout=60)

    def post_product(self, name: str, product_type: int, **fields: Any) -> requests.Response:
        """Step 3 of an upload."""
        body = {"display_name": name, "product_type": product_type, "release": None, "official_product": False}
        body |= {"pz_code": None, "description": "", "status": 0, **fields}
        headers = {**self._token, "Content-Type": JSON}
        return requests.post(f"{self.base}products/", json=body, headers=headers, timeout=60)

    def send_file(self, product: object, content: Any, name: str, role: object = 0, **fields: str) -> requests.Response:
        """Steps 4 and 5: fields first, then the file, as multipart."""
        data = {"product": product, "role": role, **fields}
        files = {"file": (name, content, "text/csv")}
        return requests.post(f"{self.base}product-files/", data=data, files=files, headers=self._token, timeout=60)

    def register(self, product: int) -> requests.Response:
        """Step 6: a GET that changes something."""
        return self.get(f"products/{product}/registry/")

    def columns(self, product: int) -> dict[str, dict[str, Any]]:
        """Step 7: rows of the columns by name, asked for as 0.2.0 to 0.2.5 do."""
        rows = self.get(f"product-contents?product={product}").json()["results"]
        return {row["column_name"]: row for row in rows}

    def patch(self, path: str, **fields: str) -> requests.Response:
        """PATCH as a form."""
        return requests.patch(f"{self.base}{path}", data=fields, headers=self._token, timeout=60)

    def publish(self, product: int) -> requests.Response:
        """The last step."""
        return self.patch(f"products/{product}/", status="1")

    def delete(self, path: str) -> requests.Response:
        """DELETE without a body."""
        return requests.delete(self.base + path, headers=self._token, timeout=60)

    def draft(self, content: bytes, name: str = "a.csv", product_type: int = 1) -> int:
        """A draft with its main file; its id."""
        made = self.post_product(name.split(".")[0], product_type)
        assert made.status_code == 201, made.text
        product = int(made.json()["id"])
        sent = self.send_file(product, content, name)
        assert sent.status_code == 201, sent.text
        return product

    def registered(self, content: bytes, name: str = "a.csv", product_type: int = 1) -> int:
        """A registered draft; its id."""
        product = self.draft(content, name, product_type)
        done = self.register(product)
        assert done.status_code == 200, done.text
        return product
