"""Profiles: how devices of one kind communicate, and a try of what becomes of what they say."""

from typing import Any, Final

from flowengine.node import NodeError
from flowengine.server.access import Role
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError
from flowengine_nodes.iiot.admin.forms import DocumentCheck, check_document, form_schema, read_document, written
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.telemetry.codec import decode_json, decode_scalar
from flowengine_nodes.iiot.telemetry.counts import Counts
from flowengine_nodes.iiot.telemetry.failure import Failure
from flowengine_nodes.iiot.telemetry.mapping import Mapping
from flowengine_nodes.iiot.telemetry.readings import take_apart


class ProfileSummary(Answer):
    """A profile in a list."""

    id: str
    name: str
    description: str
    codec: str
    rules: int
    actions: int
    devices: int
    """How many devices have it."""


class ProfileList(Answer):
    """All profiles, by id."""

    profiles: list[ProfileSummary]


class ProfileDetail(Answer):
    """A profile."""

    id: str
    profile: dict[str, Any]
    """The document, without what is as it is by default."""
    actions: dict[str, Any]
    """The actions that its devices know, each with the `description` and the JSON Schema `params`."""


class FormSchema(Answer):
    """The JSON Schema of a document."""

    form: dict[str, Any]


class ProfileDraft(Body):
    """A profile, as it is to be."""

    profile: dict[str, Any]


class ProfileTrial(Body):
    """A payload to try a profile on."""

    profile: dict[str, Any]
    payload: str
    """What a device sends."""
    device: str = ""
    """The device that sends it; empty for one that stands for record 1 of what the rules write to."""


class TrialReading(Answer):
    """What becomes of one reading."""

    at: float
    """When it counts as measured."""
    writes: list[dict[str, Any]]
    matched: bool
    """Whether any rule found a value."""


class TrialFailure(Answer):
    """A rule that fails."""

    rule: str
    """Its name; empty where it is the whole payload."""
    code: str
    message: str


class TrialResult(Answer):
    """What becomes of a payload."""

    decoded: Any
    readings: list[TrialReading]
    failures: list[TrialFailure]


async def list_profiles(call: Call, query: RegistryQuery) -> ProfileList:
    """List the profiles."""
    registry = registry_of(call, query)
    return ProfileList(
        profiles=[
            ProfileSummary(
                id=one.id,
                name=one.name,
                description=one.description,
                codec=one.codec,
                rules=len(one.rules),
                actions=len(one.actions),
                devices=await registry.devices.count(DeviceFilter(profile=one.id)),
            )
            for one in await registry.profiles.list()
        ]
    )


@refusing
async def get_profile(call: Call, profile: str, query: RegistryQuery) -> ProfileDetail:
    """Return a profile."""
    return _detail(await registry_of(call, query).profiles.get(profile))


async def get_profile_form(call: Call) -> FormSchema:
    """Return the JSON Schema of profiles, from which a form is made."""
    return FormSchema(form=form_schema(Profile))


@refusing
async def save_profile(call: Call, profile: str, query: RegistryQuery, body: ProfileDraft) -> ProfileDetail:
    """Save a profile, new or changed; it counts from the next message on."""
    draft = read_document(Profile, body.profile)
    if draft.id != profile:
        raise ApiError(422, "wrong-id", f'the profile has the id "{draft.id}", the path "{profile}"', "id")
    await registry_of(call, query).profiles.save(draft, asker(call))
    return _detail(draft)


@refusing
async def remove_profile(call: Call, profile: str, query: RegistryQuery) -> None:
    """Remove a profile that no device has."""
    await registry_of(call, query).profiles.remove(profile, asker(call))


async def check_profile(call: Call, body: ProfileDraft) -> DocumentCheck:
    """Return everything that is wrong with a profile, without saving it."""
    return check_document(Profile, body.profile)


@refusing
async def try_profile(call: Call, query: RegistryQuery, body: ProfileTrial) -> TrialResult:
    """Tell what would become of a payload; nothing is written."""
    profile = read_document(Profile, body.profile)
    registry = registry_of(call, query)
    if body.device:
        device = await registry.devices.get(body.device)
        member = Member(device.id, profile, device.business, takes_part=True, serial=device.serial)
    else:
        model = next((rule.model for rule in profile.rules if rule.model), "maintenance.equipment")
        member = Member("device", profile, BusinessObject(model, 1), takes_part=True, serial="serial")
    if profile.codec == "sparkplug-b":
        raise ApiError(
            422, "binary-codec", "payloads of Sparkplug B are no text, so they cannot be tried here", "payload"
        )
    failures: list[Failure] = []
    try:
        decoded = (decode_json if profile.codec == "json" else decode_scalar)(body.payload)
    except NodeError as error:
        failure = TrialFailure(rule="", code=error.code, message=str(error))
        return TrialResult(decoded=None, readings=[], failures=[failure])
    mapping = Mapping(profile, Counts()).of(member)
    readings = []
    for reading, at, _ in take_apart(decoded, profile.reading, call.backend.engine.world.clock.time(), failures):
        writes = mapping.apply(reading, at, failures)
        readings.append(TrialReading(at=at, writes=writes or [], matched=writes is not None))
    return TrialResult(
        decoded=decoded,
        readings=readings,
        failures=[TrialFailure(**failure._asdict()) for failure in failures],
    )


def _detail(profile: Profile) -> ProfileDetail:
    return ProfileDetail(
        id=profile.id,
        profile=written(profile),
        actions={name: action.model_dump(mode="json") for name, action in profile.actions.items()},
    )


_ALL: Final = "/admin/api/iiot/profiles"
_ONE: Final = "/admin/api/iiot/profiles/{profile}"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_profiles, "List profiles"),
    Endpoint("GET", _ONE, get_profile, "Show a profile"),
    Endpoint("PUT", _ONE, save_profile, "Save a profile", role=Role.EDITOR),
    Endpoint("DELETE", _ONE, remove_profile, "Remove a profile", role=Role.EDITOR),
    Endpoint("GET", "/admin/api/iiot/profile-form", get_profile_form, "Describe profiles"),
    Endpoint("POST", "/admin/api/iiot/profile-check", check_profile, "Check a profile"),
    Endpoint("POST", "/admin/api/iiot/profile-trial", try_profile, "Try a profile on a payload", max_body=2 * MIB),
)
