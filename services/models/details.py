"""What the workbench shows beyond the first look: computed when somebody looks, over all rows or under a cut."""

from __future__ import annotations

from services.models.statistics import Statistic


class Detail:
    """Base of the value objects that only details have. Subclasses are frozen dataclasses with slots."""

    __slots__ = ()


AnyStatistic = Statistic | Detail
"""Result of a statistic of either registry."""
