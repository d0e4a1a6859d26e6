"""The calls that writes become, and the search for the one that Odoo does not take."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

from flowengine.node import NodeError, TransientError
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.client.errors import OdooAwayError, OdooRefusedError, bad_field
from flowengine_nodes.odoo.writing.counts import Counts
from flowengine_nodes.odoo.writing.load import as_table, load
from flowengine_nodes.odoo.writing.lookup import Lookup
from flowengine_nodes.odoo.writing.record_write import Part, RecordWrite, values_by_ids

T = TypeVar("T")
Transport = Literal["auto", "addon", "rpc"]
#: 19 writes different values to many records by one call; who speaks to an older one gets by with others.
_SAVE_MANY: Final = "web_save_multi"
_STRANGER: Final = "unknown-device"


class Sender:
    """Send the writes of one batch to Odoo, and say of each part what became of it.

    Args:
        client: Odoo.
        lookup: Is told of records that are gone.
        counts: Counts what is done.
        clock: Monotonic time, in seconds.
        most: Most records of one call.
        transport: By which way: the addon's webhook, or calls of the model's own methods.
        context: Odoo's context of those calls.
    """

    def __init__(
        self,
        client: OdooClient,
        lookup: Lookup,
        counts: Counts,
        clock: Callable[[], float],
        *,
        most: int,
        transport: Transport,
        context: Mapping[str, Any],
    ) -> None:
        self._client = client
        self._lookup = lookup
        self._counts = counts
        self._clock = clock
        self._most = most
        self._transport = transport
        self._context = context
        self._away: NodeError | None = None

    async def send(self, writes: Sequence[RecordWrite]) -> None:
        """Send writes, those to one record in their order; a part that is not taken gets its ``error``.

        Args:
            writes: The writes.
        """
        try:
            by_addon = await self._uses_addon()
        except NodeError as error:
            for write in writes:
                write.fail(error)
            return
        if by_addon:
            for start in range(0, len(writes), self._most):
                await self._by_addon(list(writes[start : start + self._most]))
            return
        models: dict[str, list[RecordWrite]] = {}
        for write in writes:
            models.setdefault(write.record[0], []).append(write)
        for some in models.values():
            for start in range(0, len(some), self._most):
                await self._by_rpc(some[start : start + self._most])

    async def _uses_addon(self) -> bool:
        if self._transport == "auto":
            # The addon's webhook knows no context.
            return not self._context and bool((await self._client.about()).addon)
        return self._transport == "addon"

    async def _by_addon(self, writes: list[RecordWrite]) -> None:
        if self._away is not None:
            _fail(writes, self._away)
            return
        try:
            results = await self._timed(self._client.webhook_batch([self._item(write) for write in writes]))
        except NodeError as error:
            if isinstance(error, OdooRefusedError) and len(writes) > 1:
                # The request as a whole is refused: too large, say.
                middle = len(writes) // 2
                await self._by_addon(writes[:middle])
                await self._by_addon(writes[middle:])
            else:
                self._fail_all(writes, error)
            return
        strangers: list[RecordWrite] = []
        for write, problem in zip(writes, results, strict=True):
            if problem is None:
                self._counts.records += 1
            elif isinstance(problem, OdooAwayError):
                self._counts.conflicts += 1
                write.fail(problem)
            elif problem.name == _STRANGER and write.device not in self._client.strangers:
                strangers.append(write)
            else:
                await self._refused(write, problem, self._part_by_addon)
        if strangers:
            # The registry need not be Odoo's: then Odoo has the record, and no device to note the news of.
            self._client.strangers.update(write.device for write in strangers)
            await self._by_addon(strangers)

    async def _by_rpc(self, writes: list[RecordWrite]) -> None:
        """Write to records of one model."""
        if self._away is not None:
            _fail(writes, self._away)
            return
        try:
            await self._call(writes)
        except OdooRefusedError as error:
            await self._divide(writes, error)
        except OdooAwayError as error:
            if error.code == "odoo-conflict":
                self._counts.conflicts += 1
                await self._divide(writes, error)
            else:
                self._fail_all(writes, error)
        except NodeError as error:
            self._fail_all(writes, error)
        else:
            self._counts.records += len(writes)

    def _fail_all(self, writes: list[RecordWrite], error: NodeError) -> None:
        if isinstance(error, TransientError):
            # What cannot be reached now is left alone for the rest of the batch.
            self._away = error
        _fail(writes, error)

    async def _divide(self, writes: list[RecordWrite], error: OdooRefusedError | OdooAwayError) -> None:
        """Find those that Odoo does not take; the others are taken."""
        bad = bad_field(error)
        if any(bad in part.wanted.values for write in writes for part in write.parts):
            # Whoever has this field fails; to try them one by one would tell nothing new.
            await self._without(writes, bad, error)
        elif error.code == "odoo-not-found":
            _fail(writes, error)
        elif len(writes) > 1:
            middle = len(writes) // 2
            await self._by_rpc(writes[:middle])
            await self._by_rpc(writes[middle:])
        elif isinstance(error, OdooAwayError):
            _fail(writes, error)
        else:
            await self._refused(writes[0], error, self._part_by_rpc)

    async def _without(self, writes: list[RecordWrite], field: str, error: OdooRefusedError | OdooAwayError) -> None:
        rest: list[RecordWrite] = []
        for write in writes:
            good: list[Part] = []
            for part in write.parts:
                if field in part.wanted.values:
                    part.error = error
                else:
                    good.append(part)
            if good:
                values: dict[str, Any] = {}
                for part in good:
                    values.update(part.wanted.values)
                rest.append(RecordWrite(write.record, values, good))
        if rest:
            await self._by_rpc(rest)

    async def _refused(
        self,
        write: RecordWrite,
        error: OdooRefusedError,
        again: Callable[[RecordWrite, Part], Awaitable[None]],
    ) -> None:
        """Deal with the write of one record that Odoo has refused."""
        if error.code == "odoo-missing-record" and self._lookup.forget(write.record):
            # Another record may fit the domain by now.
            gone = TransientError(str(error), code=error.code, detail=error.detail)
            for part in write.parts:
                part.error = gone if part.by_domain else error
            return
        if len(write.parts) == 1:
            write.fail(error)
            return
        for part in write.parts:
            try:
                await again(write, part)
            except NodeError as problem:
                part.error = problem
            else:
                self._counts.records += 1

    async def _part_by_rpc(self, write: RecordWrite, part: Part) -> None:
        model, id = write.record
        await self._timed(self._client.write(model, [id], part.wanted.values, context=self._context))

    async def _part_by_addon(self, write: RecordWrite, part: Part) -> None:
        alone = RecordWrite(write.record, dict(part.wanted.values), [part])
        (error,) = await self._timed(self._client.webhook_batch([self._item(alone)]))
        if error is not None:
            raise error

    async def _call(self, writes: list[RecordWrite]) -> None:
        model = writes[0].record[0]
        groups = values_by_ids(writes)
        if len(groups) == 1:
            await self._timed(
                self._client.write(model, [write.record[1] for write in writes], groups[0][0], context=self._context)
            )
            return
        if _SAVE_MANY not in self._client.lacking:
            try:
                await self._save_many(model, writes)
            except OdooRefusedError as error:
                if error.code != "odoo-not-found" or _SAVE_MANY not in error.sentence:
                    raise
                self._client.lacking.add(_SAVE_MANY)
            else:
                return
        for one_round in _rounds(writes):
            for some in _alike(one_round):
                await self._write_alike(model, some)

    async def _save_many(self, model: str, writes: Sequence[RecordWrite]) -> None:
        call = self._client.call(
            model,
            _SAVE_MANY,
            ids=[write.record[1] for write in writes],
            context=self._context,
            vals_list=[write.values for write in writes],
            specification={},
        )
        await self._timed(call)

    async def _write_alike(self, model: str, writes: Sequence[RecordWrite]) -> None:
        """Write the same fields of different records."""
        groups = values_by_ids(writes)
        rows = await as_table(self._client, model, writes) if len(groups) > 1 else None
        if rows is not None:
            await self._timed(load(self._client, model, [".id", *writes[0].values], rows, self._context))
            return
        for values, some in groups:
            ids = [write.record[1] for write in some]
            await self._timed(self._client.write(model, ids, values, context=self._context))

    def _item(self, write: RecordWrite) -> dict[str, Any]:
        model, id = write.record
        item: dict[str, Any] = {"writes": [{"model": model, "id": id, "values": write.values}]}
        if write.device and write.device not in self._client.strangers:
            item["device"] = write.device
        if write.at:
            item["at"] = write.at
        return item

    async def _timed(self, call: Awaitable[T]) -> T:
        began = self._clock()
        self._counts.calls += 1
        try:
            return await call
        finally:
            self._counts.seconds += self._clock() - began


def _rounds(writes: Sequence[RecordWrite]) -> list[list[RecordWrite]]:
    """Return writes in rounds that have each record once, so that writes to one record keep their order."""
    rounds: list[list[RecordWrite]] = []
    seen: dict[int, int] = {}
    for write in writes:
        number = seen.get(write.record[1], 0)
        seen[write.record[1]] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(write)
    return rounds


def _alike(writes: Sequence[RecordWrite]) -> list[list[RecordWrite]]:
    """Return writes to the same fields together."""
    alike: dict[frozenset[str], list[RecordWrite]] = {}
    for write in writes:
        alike.setdefault(frozenset(write.values), []).append(write)
    return list(alike.values())


def _fail(writes: Sequence[RecordWrite], error: BaseException) -> None:
    for write in writes:
        write.fail(error)
