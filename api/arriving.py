"""Multipart forms taken apart while they arrive: a file goes from the socket into the store and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from flask import request
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from services.errors import InvalidInput, TooLarge
from services.settings import MIB

READ_BYTES = 64 * 1024
"""Larger blocks cost more: the system maps and clears new memory for each of them (100 MiB: 140 ms instead of 30)."""
MAX_FIELD_BYTES = 64 * 1024
"""Longest text field, and longest header of a part."""
MAX_PARTS = 100
FORM_BYTES = MIB
"""What a form may be longer than its file: fields, headers, boundaries."""
_BROKEN = "The multipart body cannot be read. Send the fields and one file as multipart/form-data."
_CUT_OFF = "The upload broke off before its end. Send it again."


class _FileStream(io.RawIOBase):
    """A file in the middle of a form, while nothing after it is known yet."""

    def __init__(self, form: ArrivingForm) -> None:
        super().__init__()
        self._form = form

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """What has arrived, up to ``size`` bytes, all that is left when negative; empty at the end of the file."""
        if size >= 0:
            return self._form.next_block(size)
        return b"".join(iter(lambda: self._form.next_block(READ_BYTES), b""))


class ParsedForm:
    """A form that something else has taken apart already: the check of a browser's CSRF token does."""

    def __init__(self) -> None:
        self.fields = {name: values[-1] for name, values in request.form.lists()}

    def files(self) -> Iterator[ArrivedFile]:
        """File parts in their order."""
        for name, files in request.files.lists():
            for file in files:
                yield ArrivedFile(name, file.filename or "", cast(BinaryIO, file.stream))


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file of a form: the field it was sent in, its name, and its bytes, to be read once."""

    field: str
    filename: str
    stream: BinaryIO


def arriving_form(max_file_bytes: int) -> ArrivingForm | ParsedForm:
    """The form of the running request; errors as for ``ArrivingForm``."""
    return ParsedForm() if "form" in vars(request) else ArrivingForm(max_file_bytes)


class ArrivingForm:
    """The multipart form of the running request.

    Parameters
    ----------
    max_file_bytes : int
        Largest file; a longer request is refused before its body is read when it says how long it is.

    Attributes
    ----------
    fields : dict of str
        Text fields met so far; of a repeated one the last counts.
    """

    def __init__(self, max_file_bytes: int) -> None:
        self.fields: dict[str, str] = {}
        self._stream, boundary = _body(max_file_bytes)
        self._decoder = MultipartDecoder(boundary, max_parts=MAX_PARTS)
        self._rest = b""
        self._in_file = False

    def files(self) -> Iterator[ArrivedFile]:
        """File parts in their order; one that is not read to its end is passed over.

        Raises
        ------
        InvalidInput
            If the body is no multipart form or breaks off.
        """
        while not isinstance(event := self._event(), Epilogue):
            if isinstance(event, File):
                self._in_file = True
                yield ArrivedFile(event.name or "", event.filename, cast(BinaryIO, _FileStream(self)))
                while self.next_block(READ_BYTES):
                    pass
            elif isinstance(event, Field):
                self._keep_field(event.name or "")

    def next_block(self, limit: int) -> bytes:
        """Next bytes of the file that arrives, at most ``limit``; empty at its end."""
        while not self._rest and self._in_file:
            event = cast(Data, self._event())
            self._rest, self._in_file = event.data, event.more_data
        block, self._rest = self._rest[:limit], self._rest[limit:]
        return block

    def _keep_field(self, name: str) -> None:
        value, more = b"", True
        while more:
            event = cast(Data, self._event())
            value, more = value + event.data, event.more_data
            if len(value) > MAX_FIELD_BYTES:
                raise InvalidInput(f"The field {name[:40]!r} is too long.", field=name[:40] or None)
        try:
            self.fields[name] = value.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput(f"The field {name[:40]!r} is not UTF-8 text.", field=name[:40] or None) from error

    def _event(self) -> Event:
        """Next event of the form; more of the body is read when the decoder needs it."""
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                if not self._in_file and len(self._decoder.buffer) > MAX_FIELD_BYTES + READ_BYTES:
                    raise InvalidInput(_BROKEN)
                self._decoder.receive_data(self._stream.read(READ_BYTES) or None)
        except ClientDisconnected as error:
            raise InvalidInput(_CUT_OFF) from error
        except RequestEntityTooLarge as error:
            raise TooLarge("The form is larger than this portal accepts.") from error
        except (ValueError, AttributeError, HTTPException) as error:  # what the decoder raises on damaged forms
            raise InvalidInput(_CUT_OFF if self._decoder.complete else _BROKEN) from error
        return event


def _body(max_file_bytes: int) -> tuple[IO[bytes], bytes]:
    """Stream and boundary of the running request."""
    length = request.content_length
    if length is not None and length > max_file_bytes + FORM_BYTES:
        raise TooLarge(
            f"This is {length / MIB:,.0f} MiB, and this portal takes files up to {max_file_bytes / MIB:,.0f} MiB. "
            "Compress the file, keep only the columns that matter, or describe the product without a main file."
        )
    options: Mapping[str, str] = request.mimetype_params
    if request.mimetype != "multipart/form-data" or not options.get("boundary"):
        raise InvalidInput("Send the file as multipart/form-data, in the field file.", field="file")
    request.max_content_length = max_file_bytes + FORM_BYTES
    return request.stream, options["boundary"].encode("latin-1", "replace")
