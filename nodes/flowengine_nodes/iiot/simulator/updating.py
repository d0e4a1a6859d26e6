"""A simulated device takes firmware: it fetches, checks, installs and restarts, and says how far it is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from flowengine.node import Clock
from flowengine_nodes.iiot.ota.signing import is_signed
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.simulator.behaviour import Behaviour, Dice
from flowengine_nodes.iiot.simulator.downloads import Download, Downloads
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.iiot.simulator.totals import Totals

STAGES = ("downloading", "downloaded", "verified", "installing", "rebooting")


class RefusedImageError(Exception):
    """An image is not what the notice says.

    Args:
        code: Word code of the report.
        message: Sentence of the report.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Fate:
    """What goes wrong with one update, in whatever attempt.

    Args:
        update: Its id.
        silent: Whether the device says nothing of it.
        fails: Whether no image of it verifies.
        reverts: Whether the new version does not start, and the device goes back to the one it had.
        dark_at: The stage in which the device loses its power, once; empty for none.
        ended: How it ended, or stands; empty before that.
    """

    update: str = ""
    silent: bool = False
    fails: bool = False
    reverts: bool = False
    dark_at: str = ""
    ended: str = ""


class Updating:
    """Take one update at a time; the same notice again changes nothing.

    Args:
        version: What the device runs at first.
        site: How long each part takes, and whose signature counts.
        behaviour: What goes wrong.
        dice: Decides when.
        totals: Where it is counted.
        clock: What waits.
        downloads: Fetches firmware.
        report: Sends a report.
        lose_power: Breaks the device's connection off.

    Attributes:
        version: What the device runs.
        is_dark: Whether the device is without power, or restarts.
    """

    def __init__(
        self,
        version: str,
        site: Site,
        behaviour: Behaviour,
        dice: Dice,
        totals: Totals,
        clock: Clock,
        downloads: Downloads,
        report: Callable[[dict[str, Any]], None],
        lose_power: Callable[[], None],
    ) -> None:
        self._site = site
        self._behaviour = behaviour
        self._dice = dice
        self._totals = totals
        self._clock = clock
        self._downloads = downloads
        self._report = report
        self._lose_power = lose_power
        self._task: asyncio.Task[None] | None = None
        self._seen: tuple[str, int] = ("", 0)
        self._fate = Fate()
        self._said = ""
        self.version = version
        self.is_dark = False

    def notified(self, payload: bytes) -> None:
        """Take a notice; what is none is left alone."""
        try:
            notice = orjson.loads(payload)
            known = (str(notice["update"]), int(notice["attempt"]))
        except (ValueError, KeyError, TypeError):
            return
        if notice.get("cancel"):
            self._cancel(known[0])
            return
        if known == self._seen:
            return
        if self._task is not None:
            self._task.cancel()
        self._seen = known
        self._said = ""
        if known[0] != self._fate.update:
            self._fate = self._decide(known[0])
        if self._fate.silent:
            self._end("silent")
            return
        self._task = asyncio.create_task(self._update(notice), name=f"simulated update {known[0]}")

    @property
    def ended(self) -> str:
        """How the last update ended, or stands after its last attempt; empty before that."""
        return self._fate.ended

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _decide(self, update: str) -> Fate:
        dice, behaviour = self._dice, self._behaviour
        return Fate(
            update=update,
            silent=dice.happens(behaviour.silent_updates),
            fails=dice.happens(behaviour.failing_updates),
            reverts=dice.happens(behaviour.reverted_updates),
            dark_at=STAGES[dice.choice(len(STAGES))] if dice.happens(behaviour.power_loss) else "",
        )

    def _end(self, how: str) -> None:
        """Count how an update ended, instead of how its attempt before did."""
        counts, fate = self._totals.updates, self._fate
        if fate.ended:
            counts[fate.ended] -= 1
        counts[how] += 1
        self._totals.updates = +counts
        fate.ended = how

    def _cancel(self, update: str) -> None:
        if self._task is not None and update == self._fate.update and not self._task.done():
            self._task.cancel()
            self._end("cancelled")

    async def _update(self, notice: dict[str, Any]) -> None:
        try:
            if not await self._take(notice):
                self._end("lost power")
                # What it had begun is gone; it says which version it runs, and waits to be told again.
                self._report({"version": self.version})
            elif self._fate.reverts:
                self._end("rolled_back")
                error = {"code": "does-not-start", "message": f"version {notice['version']} does not start"}
                self._say(notice, "rolled_back", error=error)
            else:
                self._end("succeeded")
                self._say(notice, "succeeded")
        except RefusedImageError as refused:
            self._end("failed")
            self._say(notice, "failed", error={"code": refused.code, "message": str(refused)})
        except (aiohttp.ClientError, TimeoutError) as error:
            self._end("failed")
            self._say(notice, "failed", error={"code": "download-failed", "message": str(error) or repr(error)})
        except (KeyError, TypeError, ValueError) as error:
            self._end("failed")
            self._say(notice, "failed", error={"code": "bad-notice", "message": f"the notice lacks {error}"})

    async def _take(self, notice: dict[str, Any]) -> bool:
        """Go through an update; return whether the device got to its end without losing its power."""
        download = Download(notice["url"], notice["size"])
        for stage in STAGES:
            self._say(notice, stage, **({"progress": 0} if stage == "downloading" else {}))
            goes_dark = self._fate.dark_at == stage
            if goes_dark:
                self._fate.dark_at = ""
                self._totals.power_losses += 1
            if stage == "downloading":
                if goes_dark:
                    await self._downloads.fetch(download, at_most=download.size // 2)
                    await self._restart()
                # A device remembers how much it has, and fetches the rest.
                await self._downloads.fetch(download)
            elif stage == "downloaded":
                self._check(notice, download)
            if goes_dark and stage != "downloading":
                await self._restart()
                return False
            if stage == "rebooting":
                if not self._fate.reverts:
                    self.version = notice["version"]
                await self._restart()
            await self._clock.sleep(self._site.update_seconds)
        return True

    def _check(self, notice: dict[str, Any], download: Download) -> None:
        if self._fate.fails or download.received != notice["size"] or download.sha256 != notice["sha256"]:
            raise RefusedImageError("bad-digest", "the image is not what the notice says")
        key = self._site.firmware_key
        if key and not is_signed(_firmware(notice), key):
            raise RefusedImageError("bad-signature", "the image is not signed by the key that the device trusts")

    async def _restart(self) -> None:
        self.is_dark = True
        try:
            self._lose_power()
            await self._clock.sleep(self._site.update_seconds)
        finally:
            self.is_dark = False

    def _say(self, notice: dict[str, Any], state: str, **more: Any) -> None:
        report = {"update": notice["update"], "attempt": notice["attempt"], "state": state, "version": self.version}
        if self._said:
            report["expected"] = self._said
        self._report(report | more)
        self._said = state


def _firmware(notice: dict[str, Any]) -> Firmware:
    return Firmware(
        id="",
        version=notice["version"],
        size=notice["size"],
        sha256=notice["sha256"],
        hardware=tuple(notice["hardware"]),
        min_version=notice["min_version"],
        signature=notice.get("signature", {}).get("value", ""),
    )
