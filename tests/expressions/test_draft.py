import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import MISSING, Draft, PathWriteError, compile_path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(["$", "$.a", "$.b", "$.a.b", "$.a.c", "$.a.b.c", "$.b.a", "$.a[0]", "$.b[-1].a", "$..c", "$.*"])
ACTIONS = st.one_of(
    st.tuples(st.just("set"), PATHS, JSON),
    st.tuples(st.just("copy"), PATHS, PATHS),
    st.tuples(st.just("delete"), PATHS, st.none()),
    st.tuples(st.just("move"), PATHS, PATHS),
)


def by_path(fields: dict[str, Any], action: str, path: str, other: Any) -> dict[str, Any]:
    compiled = compile_path(path)
    match action:
        case "set":
            return compiled.set(fields, other)
        case "delete":
            return compiled.delete(fields) if compiled.first(fields) is not MISSING else fields
    value = compiled.first(fields)
    if value is MISSING:
        return fields
    return compile_path(other).set(compiled.delete(fields) if action == "move" else fields, value)


def by_draft(draft: Draft, action: str, path: str, other: Any) -> None:
    compiled = compile_path(path)
    match action:
        case "set":
            draft.set(compiled, other)
        case "delete":
            draft.delete(compiled)
        case "copy":
            value = compiled.first(draft.fields)
            if value is not MISSING:
                draft.set(compile_path(other), value)
        case "move":
            value = draft.delete(compiled)
            if value is not MISSING:
                draft.set(compile_path(other), value)


@given(st.dictionaries(st.sampled_from("abc"), JSON), st.lists(ACTIONS, max_size=6))
def test_draft_does_what_the_paths_do_one_by_one_and_changes_nothing_it_was_given(
    fields: dict[str, Any], actions: list[tuple[str, str, Any]]
) -> None:
    before = copy.deepcopy((fields, actions))
    draft = Draft(fields)
    expected = fields
    for action in actions:
        try:
            expected = by_path(expected, *action)
        except PathWriteError as error:
            try:
                by_draft(draft, *action)
            except PathWriteError as same:
                assert str(same) == str(error)  # noqa: PT017 - both must fail, and alike
                break
            raise AssertionError(f"the draft did what the path refused: {action}") from error
        by_draft(draft, *action)
        assert draft.fields == expected
    assert (fields, actions) == before


def test_draft_does_not_change_a_value_that_is_seen_in_two_places() -> None:
    draft = Draft({"a": {"x": 1}})
    draft.set(compile_path("$.a.y"), 2)
    draft.set(compile_path("$.b"), compile_path("$.a").first(draft.fields))
    draft.set(compile_path("$.a.x"), 9)
    assert draft.fields == {"a": {"x": 9, "y": 2}, "b": {"x": 1, "y": 2}}
