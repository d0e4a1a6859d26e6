"""What can go wrong with the store, each with what to do about it."""

from flowengine.errors import FlowEngineError


class StorageError(FlowEngineError):
    """The store could not do what it was asked.

    Args:
        place: File or address of the store, without a password.
        reason: What the database itself said; may be empty.
    """

    code = "storage"
    #: Whether the store as a whole is in trouble, so that trying the rest of a batch one by one is no use.
    whole = True
    #: What is wrong and what to do.
    sentence = "the store could not do this; look at what the database says"

    def __init__(self, place: str, reason: str = "") -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        said = f" (the database says: {self.reason})" if self.reason else ""
        return f"store {self.place}: {self.sentence}{said}"


class StorageAddressError(StorageError):
    """The address names no store that we know."""

    code = "storage-address"
    sentence = "this is no address of a store; write sqlite:///path/to/file.db or postgresql://user@host/database"


class StorageDriverError(StorageError):
    """The database driver is not installed."""

    code = "storage-driver"
    sentence = 'the PostgreSQL driver is not installed; run: pip install "flowengine-iiot[postgresql]"'


class NotADatabaseError(StorageError):
    """The file holds something else."""

    code = "storage-not-a-database"
    sentence = "this file is not an SQLite database; name another file, or move this one away"


class NotWritableError(StorageError):
    """The file or its directory cannot be written."""

    code = "storage-not-writable"
    sentence = (
        "the file cannot be opened for writing; "
        "create its directory and let this user write to the directory and the file"
    )


class NewerSchemaError(StorageError):
    """A newer flowengine has used this store.

    Args:
        place: File or address of the store.
        found: Schema version in the store.
        known: Newest schema version that this program knows.
    """

    code = "storage-newer-schema"

    def __init__(self, place: str, found: int, known: int) -> None:
        super().__init__(place)
        self.found = found
        self.known = known

    def __str__(self) -> str:
        return (
            f"store {self.place}: its schema has version {self.found}, this flowengine knows {self.known}; "
            "install the flowengine that wrote it, or a newer one"
        )


class StorageFullError(StorageError):
    """There is no room for more."""

    code = "storage-full"
    sentence = "the disk, or what this user may use of it, is full, nothing was written; make room, it is tried again"


class StorageLimitError(StorageError):
    """The file may not become larger."""

    code = "storage-limit"
    sentence = (
        "the file has reached the largest size that this process or the file system allows, nothing was written; "
        'raise the limit ("ulimit -f", LimitFSIZE of systemd), or use another file system'
    )


class StorageLockedError(StorageError):
    """Another process has kept the database locked for too long."""

    code = "storage-locked"
    sentence = "another process keeps the database locked; end it, or give each engine a store of its own"


class StorageDamagedError(StorageError):
    """The database file or its disk is broken."""

    code = "storage-damaged"
    sentence = "the database or its disk is damaged; stop the engine, check the disk and restore a backup"


class StorageUnreachableError(StorageError):
    """There is no connection to the database server."""

    code = "storage-unreachable"
    sentence = "the database server cannot be reached; check that it runs, and the address, user and password"


class StorageClosedError(StorageError):
    """The store has been closed."""

    code = "storage-closed"
    sentence = "the store is closed"


class StorageBacklogError(StorageError):
    """More writes wait than may wait."""

    code = "storage-backlog"
    sentence = "too many writes are waiting for the disk; await room before writing more"


class StorageCollisionError(StorageError):
    """Other processes changed the same rows at the same time, again and again."""

    code = "storage-collision"
    sentence = "other processes kept changing the same rows; try again"


class StorageRefusedError(StorageError):
    """The database refused one write; others are not concerned."""

    code = "storage-refused"
    whole = False
    sentence = "the database refused this one write"


class StateValueError(FlowEngineError):
    """A state value is not JSON.

    Args:
        key: Name of the value.
        reason: What is not JSON in it.
    """

    code = "state-value"

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key = key
        self.reason = reason

    def __str__(self) -> str:
        return f'state "{self.key}" cannot be stored, its value is not JSON: {self.reason}'


class StateSizeError(FlowEngineError):
    """A state value is too large.

    Args:
        key: Name of the value.
        size: Its size in bytes, as JSON.
        limit: What is allowed, in bytes.
    """

    code = "state-size"

    def __init__(self, key: str, size: int, limit: int) -> None:
        super().__init__(key, size, limit)
        self.key = key
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        return (
            f'state "{self.key}" cannot be stored, it takes {self.size:,} bytes of {self.limit:,}; '
            "keep less in it, or split it over several keys"
        )


class MissingDeadLetterError(FlowEngineError):
    """There is no such dead letter to edit.

    Args:
        id: Its id.
    """

    code = "missing-dead-letter"

    def __init__(self, id: int) -> None:
        super().__init__(id)
        self.id = id

    def __str__(self) -> str:
        return f"there is no dead letter {self.id} to edit: it was dropped or replayed, or is being replayed now"
