"""Tables of the portal."""

from services.schema.base import Base, UtcDateTime, utc_now
from services.schema.jobs import JobRow
from services.schema.people import (
    ApiTokenRow,
    EndedSessionRow,
    GroupRow,
    ReleaseRow,
    UserRow,
    release_groups,
    user_groups,
)
from services.schema.prepared import PreparedRow
from services.schema.processes import ProcessInputRow, ProcessRow
from services.schema.products import (
    ArtifactRow,
    ProductColumnRow,
    ProductEventRow,
    ProductFileRow,
    ProductRow,
    ProductTypeRow,
    StagedFileRow,
)
from services.text_rules import folded, storable

__all__ = [
    "ApiTokenRow",
    "ArtifactRow",
    "Base",
    "EndedSessionRow",
    "GroupRow",
    "JobRow",
    "PreparedRow",
    "ProcessInputRow",
    "ProcessRow",
    "ProductColumnRow",
    "ProductEventRow",
    "ProductFileRow",
    "ProductRow",
    "ProductTypeRow",
    "ReleaseRow",
    "StagedFileRow",
    "UserRow",
    "UtcDateTime",
    "folded",
    "release_groups",
    "storable",
    "user_groups",
    "utc_now",
]
