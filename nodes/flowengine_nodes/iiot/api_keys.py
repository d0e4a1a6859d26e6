"""The config node that admits HTTP requests by API key."""

from typing import Final

from flowengine.node import Config, Context, Field, HttpRequest, node_type
from flowengine_nodes.iiot.pairing.tries import Standing, Tries
from flowengine_nodes.iiot.registry.api_key import ApiKey, KeyText
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.network.http_access import AccessDeniedError, HttpAccess, is_local, shown_key

LOCAL: Final = "local"
"""Who asks where no key is needed."""
_NOTE_EVERY: Final = 60.0
_WINDOW: Final = 60.0
_PASSES: Final = 10_000


class ApiKeysConfig(Config):
    """Admit by API key."""

    registry: RegistryId = Field("registry", description="Registry that keeps the keys.")
    wrong_tries: int = Field(
        20, ge=1, description="Wrong keys from one address within a minute, after which it is told to wait."
    )


@node_type("api-keys", category="iiot", label="API keys", icon="key")
class ApiKeysNode(HttpAccess[ApiKeysConfig]):
    """Let in whoever shows an API key, at the paths of the HTTP in nodes that refer to this.

    Keys are made with `flowengine token add NAME --scope command`; each opens the scopes that it was made for. They
    come as `Authorization: Bearer …` or `X-API-Key`, are kept as hashes, and can expire and be revoked at any time.

    | what comes | answer |
    |---|---|
    | a key that opens the scope | the path's own |
    | no key, or one that is wrong, expired or revoked | 401, `unauthorized` |
    | a key that does not open the scope | 403, `missing-scope` |
    | one more wrong key from an address that has shown many | 429, `too-many-tries` |

    As long as no key was ever made, whoever is on this machine is let in, and the node says so; everybody else gets
    401.
    """

    def __init__(self, config: ApiKeysConfig, context: Context) -> None:
        super().__init__(config, context)
        self._tries = Tries(context.clock, per_serial=config.wrong_tries, per_source=config.wrong_tries, window=_WINDOW)
        self._passed: dict[str, float] = {}
        # Until a key is seen to exist.
        self._is_open = True

    async def start(self) -> None:
        """Find the keys."""
        self._keys = self.context.resource(self.config.registry, Registry).api_keys

    async def run(self) -> None:
        """Say so if there are no keys."""
        # A test, whose store is in memory, is nobody's to break into.
        if self.context.database.shared and not await self._keys.exist():
            self.context.log.warning(
                "there is no API key: whoever is on this machine may use the API, and nobody else; "
                "make one with: flowengine token add NAME --scope '*'"
            )
            self.context.status("open to this machine", "warning")

    async def admit(self, request: HttpRequest, scope: str) -> str:
        """Return the name of the key that a request shows.

        Raises:
            AccessDeniedError: It shows none that opens the scope.
        """
        shown = shown_key(request.headers)
        if not shown:
            return await self._admit_local(request)
        key = await self._key(shown, request.client)
        if not key.opens(scope):
            reason = f'the key "{key.name}" does not open "{scope}", only {", ".join(key.scopes)}'
            raise AccessDeniedError(403, "missing-scope", reason, "header")
        return key.name

    async def _key(self, shown: str, client: str) -> ApiKey:
        text = KeyText.parse(shown)
        now = self.context.clock.time()
        # Whoever guesses is told to wait before the database is asked; a key that was right lately is no guess.
        if text is None or (text.digest not in self._passed and self._tries.is_beyond("", client)):
            raise self._wrong(client)
        try:
            key = await self._keys.get(text.id)
        except UnknownRecordError:
            raise self._wrong(client) from None
        if not text.is_of(key) or not key.is_valid(now):
            raise self._wrong(client)
        noted = self._passed.pop(text.digest, None)
        while len(self._passed) >= _PASSES:
            del self._passed[next(iter(self._passed))]
        if noted is None or now - noted >= _NOTE_EVERY:
            self._passed[text.digest] = now
            await self._keys.used(key.id, now)
        else:
            self._passed[text.digest] = noted
        return key

    async def _admit_local(self, request: HttpRequest) -> str:
        if self._is_open:
            self._is_open = not await self._keys.exist()
            if not self._is_open:
                self.context.status("keys are needed")
        if self._is_open and is_local(request):
            return LOCAL
        reason = "this needs an API key: send the header 'Authorization: Bearer KEY'"
        if self._is_open:
            reason += "; make one with: flowengine token add NAME --scope '*'"
        raise _unauthorized(reason)

    def _wrong(self, client: str) -> AccessDeniedError:
        standing = self._tries.count("", client)
        if standing is Standing.LAST:
            self.context.log.warning("%s has shown %d wrong API keys within a minute", client, self.config.wrong_tries)
        if standing is Standing.BEYOND:
            wait = str(max(1, round(self._tries.retry_after("", client))))
            reason = "too many wrong keys came from your address; wait before you try again"
            return AccessDeniedError(429, "too-many-tries", reason, "header", {"Retry-After": wait})
        return _unauthorized("the API key is wrong, expired or revoked")


def _unauthorized(reason: str) -> AccessDeniedError:
    return AccessDeniedError(401, "unauthorized", reason, "header", {"WWW-Authenticate": "Bearer"})
