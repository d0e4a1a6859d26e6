"""Keep the broker's accounts as the registry wants them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from flowengine.node import Clock, NodeError
from flowengine_nodes.iiot.dynamic_security.changes import (
    Command,
    changing,
    devices_among,
    looking,
    removing,
)
from flowengine_nodes.iiot.dynamic_security.console import Answer, Console, ConsoleError
from flowengine_nodes.iiot.dynamic_security.rules import Account

MOST_AT_A_TIME = 20
"""Accounts in one batch: the broker serves nobody else meanwhile."""
MOST_CHANGES = 200
"""Accounts that are reconciled before those that wait to be put in place get their turn."""
AGAIN = 1.0


class NotInPlaceError(NodeError):
    """The broker has not taken an account over as it was told to.

    Args:
        username: The account.
        said: What it said to that.
    """

    def __init__(self, username: str, said: str) -> None:
        super().__init__(
            f'the broker has not taken over the account "{username}" ({said or "it is other than it should be"})',
            code="credentials-not-in-place",
        )
        self.username = username
        self.said = said


Fate = Literal["keep", "cut-off", "remove"]
"""What becomes of an account: it is left as it is, or nobody may log in with it, or it goes."""


@dataclass(slots=True, eq=False)
class _Wish:
    account: Account
    done: "asyncio.Future[None]"


class AccountKeeper:
    """Put accounts in place in batches, and read back what the broker made of it.

    Args:
        console: Reaches the plugin.
        clock: Measures waits.
        told: Told of every problem that is tried again, and of its end (``None``).
    """

    def __init__(self, console: Console, clock: Clock, told: Callable[[NodeError | None], None]) -> None:
        self._console = console
        self._clock = clock
        self._told = told
        self._wishes: dict[str, _Wish] = {}
        self._wanted = asyncio.Event()
        self._turn = asyncio.Lock()

    async def put(self, account: Account) -> None:
        """Return once an account is in place, however long the broker is away.

        Raises:
            TakenNameError: The broker has such a user, who is no device.
            UnsafeNameError: The name cannot be used in rules.
            NotInPlaceError: The broker refuses it.
        """
        wish = self._wishes.get(account.username)
        if wish is None or wish.account != account:
            old, wish = wish, _Wish(account, asyncio.get_running_loop().create_future())
            self._wishes[account.username] = wish
            wish.done.add_done_callback(_note)
            if old is not None and not old.done.done():
                # What was wished for last counts for both.
                wish.done.add_done_callback(lambda done: _pass_on(done, old.done))
        self._wanted.set()
        await asyncio.shield(wish.done)

    async def run(self) -> None:
        """Put in place what is wished for, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._wishes:
                batch = list(self._wishes.values())[:MOST_AT_A_TIME]
                try:
                    async with self._turn:
                        problems = await self._put([wish.account for wish in batch])
                except ConsoleError as error:
                    self._told(error)
                    await self._clock.sleep(AGAIN)
                    continue
                self._told(None)
                for wish in batch:
                    self._end(wish, problems.get(wish.account.username))

    async def reconcile(self, wanted: Callable[[], Awaitable[Sequence[Account]]], fate: Callable[[str], Fate]) -> int:
        """Make accounts of devices at the broker what they should be.

        Args:
            wanted: Tells which there should be; asked after the broker, so that none is taken for superfluous that
                came in between.
            fate: Tells what becomes of the account of a device that is not wanted.

        Returns:
            How many were not; there may be more of them if it is :data:`MOST_CHANGES`.

        Raises:
            ConsoleError: The broker does not answer.
        """
        async with self._turn:
            clients = await self._console.listed("listClients", "clients", "username")
            roles = await self._console.listed("listRoles", "roles", "rolename")
            accounts = {account.username: account for account in await wanted()}
            superfluous = (
                _ending(username, clients[username], fate(username))
                for username in devices_among(clients)
                if username not in accounts
            )
            differing = (self._differing(account, clients, roles) for account in accounts.values())
            changes = [*islice(filter(None, chain(superfluous, differing)), MOST_CHANGES)]
            for start in range(0, len(changes), MOST_AT_A_TIME):
                await self._console.run([*chain.from_iterable(changes[start : start + MOST_AT_A_TIME])])
            return len(changes)

    def _differing(self, account: Account, clients: Mapping[str, Answer], roles: Mapping[str, Answer]) -> list[Command]:
        try:
            return changing(account, clients.get(account.username), roles.get(account.role))
        except NodeError as error:
            self._told(error)
            return []

    async def _put(self, accounts: Sequence[Account]) -> dict[str, NodeError]:
        """Put accounts in place, and return what is wrong with those that are not."""
        problems: dict[str, NodeError] = {}
        said: dict[str, str] = {}
        changed: list[Account] = []
        commands: list[Command] = []
        owners: list[str] = []
        for account, found in zip(accounts, await self._look(accounts), strict=True):
            try:
                needed = changing(account, *found)
            except NodeError as error:
                problems[account.username] = error
                continue
            if needed:
                changed.append(account)
                commands += needed
                owners += [account.username] * len(needed)
        for owner, answer in zip(owners, await self._console.run(commands), strict=True):
            if "error" in answer:
                said[owner] = str(answer["error"])
        for account, found in zip(changed, await self._look(changed), strict=True):
            if changing(account, *found):
                problems[account.username] = NotInPlaceError(account.username, said.get(account.username, ""))
        return problems

    async def _look(self, accounts: Sequence[Account]) -> list[tuple[Answer | None, Answer | None]]:
        answers = await self._console.run([command for account in accounts for command in looking(account)])
        found = [answer.get("data", {}) for answer in answers]
        return [(client.get("client"), role.get("role")) for client, role in zip(found[::2], found[1::2], strict=True)]

    def _end(self, wish: _Wish, problem: NodeError | None) -> None:
        if self._wishes.get(wish.account.username) is not wish:
            return
        del self._wishes[wish.account.username]
        if not wish.done.done():
            if problem is None:
                wish.done.set_result(None)
            else:
                wish.done.set_exception(problem)


def _ending(username: str, client: Answer, fate: Fate) -> list[Command]:
    if fate == "remove":
        return removing(username)
    if fate == "keep" or client.get("disabled", False):
        return []
    return [{"command": "disableClient", "username": username}]


def _note(done: "asyncio.Future[None]") -> None:
    """Take note of an error that nobody waits for any more."""
    if not done.cancelled():
        done.exception()


def _pass_on(done: "asyncio.Future[None]", to: "asyncio.Future[None]") -> None:
    if to.done() or done.cancelled():
        return
    error = done.exception()
    if error is None:
        to.set_result(None)
    else:
        to.set_exception(error)
