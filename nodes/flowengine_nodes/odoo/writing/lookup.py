"""Which records a domain means: asked once, and remembered for a while."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flowengine.node import NodeError, TransientError
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.client.errors import OdooRefusedError
from flowengine_nodes.odoo.writing.wanted import Record, Wanted

Asked = tuple[str, bytes]
"""A domain of a model."""

#: Domains that are asked for in one call.
_TOGETHER: Final = 1_000
#: A record that was not there may be made at any moment.
_MISSING_FOR: Final = 30.0


class Lookup:
    """Find the records that domains mean.

    Args:
        client: Whom to ask.
        clock: Monotonic time, in seconds.
        keep: Seconds that an answer is good for.
        size: Most answers kept; the one that was used longest ago goes first.
    """

    def __init__(self, client: OdooClient, clock: Callable[[], float], keep: float, size: int) -> None:
        self._client = client
        self._clock = clock
        self._keep = keep
        self._size = size
        self._known: OrderedDict[Asked, tuple[float, tuple[int, ...]]] = OrderedDict()
        self._meant_by: defaultdict[Record, set[Asked]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._known)

    async def find(self, wanted: Iterable[Wanted]) -> dict[Asked, tuple[int, ...] | NodeError]:
        """Return the ids of the records that each domain means, or why Odoo does not take the domain.

        Args:
            wanted: Those with a domain.

        Raises:
            TransientError: Odoo cannot be asked now.
        """
        found: dict[Asked, tuple[int, ...] | NodeError] = {}
        missing: dict[Asked, Sequence[Any]] = {}
        now = self._clock()
        for one in wanted:
            asked = (one.model, one.key)
            known = self._known.get(asked)
            if known is not None and now < known[0]:
                self._known.move_to_end(asked)
                found[asked] = known[1]
            else:
                assert one.domain is not None
                missing[asked] = one.domain
        for (model, field), some in _alike(missing).items():
            found |= await self._find_alike(model, field, some)
        for asked, domain in missing.items():
            if asked not in found:
                try:
                    ids = tuple(await self._client.search(asked[0], domain, order="id"))
                except TransientError:
                    raise
                except NodeError as error:
                    found[asked] = error
                else:
                    found[asked] = self._remember(asked, ids)
        return found

    def forget(self, record: Record) -> bool:
        """Forget the domains that meant a record, and return whether there were any: it is gone."""
        meant_by = self._meant_by.pop(record, set())
        for asked in meant_by:
            self._drop(asked)
        return bool(meant_by)

    async def _find_alike(
        self, model: str, field: str, some: dict[str, Asked]
    ) -> dict[Asked, tuple[int, ...] | NodeError]:
        """Find by one call what several domains mean that ask for one field to be equal to a text."""
        found: dict[Asked, tuple[int, ...] | NodeError] = {}
        texts = list(some)
        for start in range(0, len(texts), _TOGETHER):
            part = texts[start : start + _TOGETHER]
            try:
                rows = await self._client.search_read(model, [[field, "in", part]], [field], order="id")
            except OdooRefusedError:
                # One by one, Odoo says which of them is wrong.
                continue
            ids: defaultdict[str, list[int]] = defaultdict(list)
            for row in rows:
                if isinstance(row[field], str):
                    ids[row[field]].append(row["id"])
            for text in part:
                # What is not there as it stands may still be meant: a many2one, say, is equal to a name.
                if text in ids:
                    found[some[text]] = self._remember(some[text], tuple(ids[text]))
        return found

    def _remember(self, asked: Asked, ids: tuple[int, ...]) -> tuple[int, ...]:
        self._drop(asked)
        self._known[asked] = (self._clock() + (self._keep if ids else min(self._keep, _MISSING_FOR)), ids)
        for id in ids:
            self._meant_by[asked[0], id].add(asked)
        while len(self._known) > self._size:
            self._drop(next(iter(self._known)))
        return ids

    def _drop(self, asked: Asked) -> None:
        _, ids = self._known.pop(asked, (0.0, ()))
        for id in ids:
            meant_by = self._meant_by.get((asked[0], id))
            if meant_by is not None:
                meant_by.discard(asked)
                if not meant_by:
                    del self._meant_by[asked[0], id]


def _alike(missing: dict[Asked, Sequence[Any]]) -> dict[tuple[str, str], dict[str, Asked]]:
    """Return the domains of the form ``[[field, "=", text]]``, by model and field, where there are several."""
    alike: defaultdict[tuple[str, str], dict[str, Asked]] = defaultdict(dict)
    for asked, domain in missing.items():
        term = domain[0] if len(domain) == 1 else None
        if isinstance(term, list) and len(term) == 3 and term[1] == "=" and isinstance(term[2], str):
            field = term[0]
            if isinstance(field, str) and "." not in field:
                alike[asked[0], field][term[2]] = asked
    return {place: some for place, some in alike.items() if len(some) > 1}
