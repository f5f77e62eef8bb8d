"""What several tables have in common: by what their columns mean, and by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.columns.roles import ROLES
from services.errors import InvalidInput
from services.models.comparison import SharedQuantity
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import LABELS, Measured, any_redshift, magnitudes, measured_role
from services.statistics.requests import measured_column

ANY_REDSHIFT = "any_z"
ROLE_WORDS = ("redshift", "z_phot", "ref_mag", "odds", "redshift_err", "z_phot_err", "z_flag", "ra", "dec")
"""Roles whose numbers can be compared, in the order they are offered."""

Dtypes = Mapping[str, str]
"""Type by name of the column."""


def shared_quantities(tables: Sequence[tuple[RoleMap, Dtypes]]) -> tuple[SharedQuantity, ...]:
    """Quantities that all tables have: redshifts, magnitudes, other roles, then columns of the same name."""
    if not tables:
        return ()
    known = [_quantities(roles, dtypes) for roles, dtypes in tables]
    words = [word for word in known[0] if all(word in other for other in known[1:])]
    if "redshift" in words or "z_phot" in words:
        words = [word for word in words if word != ANY_REDSHIFT]
    covered = [{known_table[word] for word in words if not _is_column(word)} for known_table in known]
    offered = [word for word in words if not _is_column(word) or not _is_covered(word, covered)]
    return tuple(SharedQuantity(word.removeprefix(_COLUMN), _title(word)) for word in _without_doubles(offered))


_COLUMN = "column:"
"""Before names of columns while they are told from words of roles."""


def _quantities(roles: RoleMap, dtypes: Dtypes) -> dict[str, str]:
    """Column by word, of one table."""
    found = {word: roles.columns[word] for word in ROLE_WORDS if roles.columns.get(word) in dtypes}
    is_number = {name: _is_number(dtype) for name, dtype in dtypes.items()}
    found = {word: name for word, name in found.items() if is_number[name] or roles.transforms.get(word)}
    redshift = found.get("redshift") or found.get("z_phot")
    bands = {f"mag_{one.band}": one.column for one in magnitudes(roles) if one.column in dtypes}
    columns = {_COLUMN + name: name for name in dtypes if is_number[name]}
    redshifts = [word for word in ("redshift", "z_phot") if word in found]
    return {
        **{word: found.pop(word) for word in redshifts},
        **({ANY_REDSHIFT: redshift} if redshift else {}),
        **bands,
        **found,
        **columns,
    }


def _is_number(dtype: str) -> bool:
    return dtype.startswith(("float", "int", "uint"))


def _is_column(word: str) -> bool:
    return word.startswith(_COLUMN)


def _is_covered(word: str, covered: Sequence[set[str]]) -> bool:
    """Whether a column is offered already by what it means, in every table."""
    name = word.removeprefix(_COLUMN)
    return all(name in columns for columns in covered)


def _without_doubles(words: Sequence[str]) -> list[str]:
    """A column may be called like a role that others have: the role comes first."""
    return [word for word in words if not (_is_column(word) and word.removeprefix(_COLUMN) in words)]


def _title(word: str) -> str:
    if _is_column(word):
        return word.removeprefix(_COLUMN)
    if word == ANY_REDSHIFT:
        return "redshift (z_spec, else z_phot)"
    if word.startswith("mag_"):
        return f"{word.removeprefix('mag_')} magnitude"
    return LABELS.get(word) or ROLES[word].title


def measured_word(table: CanonicalTable, roles: RoleMap, word: str) -> Measured:
    """The quantity a word of ``shared_quantities`` stands for in one table; InvalidInput when it has none."""
    band = next((one for one in magnitudes(roles) if word == f"mag_{one.band}"), None)
    found = any_redshift(roles) if word == ANY_REDSHIFT else band
    if found is None and word in ROLE_WORDS:
        found = measured_role(roles, word)
    if found is None and word not in table.names:
        raise InvalidInput(f'Not all of these tables have "{word[:60]}".', field="column")
    return found or measured_column(table, roles, word)
