"""Everything durable: outbox, dead letters, state, shelf, locks and audit, on SQLite or PostgreSQL."""

from flowengine.storage.api_tokens import ApiToken, ApiTokens
from flowengine.storage.audit import Audit, AuditRecord
from flowengine.storage.dead_letters import DeadLetters
from flowengine.storage.errors import (
    MissingDeadLetterError,
    NewerSchemaError,
    NotADatabaseError,
    NotWritableError,
    StateSizeError,
    StateValueError,
    StorageAddressError,
    StorageBacklogError,
    StorageClosedError,
    StorageCollisionError,
    StorageDamagedError,
    StorageDriverError,
    StorageError,
    StorageFullError,
    StorageLimitError,
    StorageLockedError,
    StorageRefusedError,
    StorageUnreachableError,
)
from flowengine.storage.letter import DeadLetter, Failure, LetterCount, LetterFilter, NewLetter, Origin
from flowengine.storage.locks import Lock, Locks
from flowengine.storage.outbox import Outbox, QueueCount, Waiting
from flowengine.storage.outbox_claim import company
from flowengine.storage.outbox_lot import Entry, Lot
from flowengine.storage.outbox_rows import Claimed
from flowengine.storage.sessions import Session, Sessions
from flowengine.storage.shelf import Shelf, ShelfEntry, ShelvedRow
from flowengine.storage.state import Scope, State
from flowengine.storage.store import Store
from flowengine.storage.users import AdminNeededError, UnknownUserError, User, UserExistsError, Users
from flowengine.storage.writer import Done

__all__ = [
    "AdminNeededError",
    "ApiToken",
    "ApiTokens",
    "Audit",
    "AuditRecord",
    "Claimed",
    "DeadLetter",
    "DeadLetters",
    "Done",
    "Entry",
    "Failure",
    "LetterCount",
    "LetterFilter",
    "Lock",
    "Locks",
    "Lot",
    "MissingDeadLetterError",
    "NewLetter",
    "NewerSchemaError",
    "NotADatabaseError",
    "NotWritableError",
    "Origin",
    "Outbox",
    "QueueCount",
    "Scope",
    "Session",
    "Sessions",
    "Shelf",
    "ShelfEntry",
    "ShelvedRow",
    "State",
    "StateSizeError",
    "StateValueError",
    "StorageAddressError",
    "StorageBacklogError",
    "StorageClosedError",
    "StorageCollisionError",
    "StorageDamagedError",
    "StorageDriverError",
    "StorageError",
    "StorageFullError",
    "StorageLimitError",
    "StorageLockedError",
    "StorageRefusedError",
    "StorageUnreachableError",
    "Store",
    "UnknownUserError",
    "User",
    "UserExistsError",
    "Users",
    "Waiting",
    "company",
]
