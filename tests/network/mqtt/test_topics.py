import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.network.mqtt.errors import TopicFilterError, TopicNameError
from flowengine_nodes.network.mqtt.topic_index import TopicIndex
from flowengine_nodes.network.mqtt.topics import TopicFilter, check_topic

# A small alphabet, so that filters and topics meet often.
NAMES = st.sampled_from(["", "a", "b", "$SYS", "{", "{x y}", "a{b}"])
TOPICS = st.lists(NAMES, min_size=1, max_size=5).map("/".join).filter(bool)
FILTERS = (
    st.tuples(st.lists(st.one_of(NAMES, st.just("+")), max_size=4), st.sampled_from(["", "a", "+", "#", "{cap}"]))
    .map(lambda parts: "/".join([*parts[0], parts[1]]))
    .filter(bool)
)


def naive_match(topic_filter: str, topic: str) -> bool:
    """The words of MQTT 5.0 §4.7, level by level."""

    def levels_match(wanted: list[str], given: list[str]) -> bool:
        if wanted == ["#"]:
            return True
        if not wanted or not given:
            return wanted == given
        head = wanted[0] in {"+", "{cap}"} or wanted[0] == given[0]
        rest = wanted[1:]
        return head and ((rest == ["#"] and len(given) == 1) or levels_match(rest, given[1:]))

    if topic[0] == "$" and topic_filter[0] in "+#":
        return False
    if topic[0] == "$" and topic_filter.startswith("{cap}"):
        return False
    return levels_match(topic_filter.split("/"), topic.split("/"))


def naive_covers(wide: TopicFilter, narrow: TopicFilter) -> bool:
    """Whether every topic that the narrow filter matches is matched by the wide one, level by level."""
    mine, theirs = wide.levels, narrow.levels
    if theirs[0].startswith("$") and mine[0] in {"+", "#"}:
        return False
    for at, level in enumerate(mine):
        if level == "#":
            return True
        if at == len(theirs) or theirs[at] == "#" or level not in {"+", theirs[at]}:
            return False
    return len(mine) == len(theirs)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("x/+/y", "x//y", True),
        ("x/+/y", "x/a/b/y", False),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("{root}/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("$SYS/+", "$SYS/uptime", True),
        ("a/#", "a", True),
        ("a/#", "a/", True),
        ("a/#", "ab", False),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("$share/g/a/#", "a/b", True),
        ("$share/g/#", "$SYS/x", False),
        ("$shared/a", "$shared/a", True),
        ("a/{b}c", "a/{b}c", True),
        ("a/{b}c", "a/xc", False),
        ("a/{b c}", "a/{b c}", True),
        ("a/{}", "a/x", False),
        ("telemetry/{device}/data", "telemetry/d1/data", True),
    ],
)
def test_filter_matches_as_the_standard_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert TopicFilter(topic_filter).matches(topic) is expected
    index: TopicIndex[str] = TopicIndex()
    index.add(TopicFilter(topic_filter), "subscriber")
    assert bool(index.subscribers(topic)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/#/b",
        "a#",
        "a/b#",
        "a+/b",
        "+a",
        "a/\0",
        "\ud800",
        "a" * 65_536,
        "$share",
        "$share/",
        "$share/g",
        "$share/g/",
        "$share//a",
        "$share/g+/a",
        "$share/#/a",
        "a/{x}/{x}",
    ],
)
def test_filter_refuses_what_the_standard_forbids(text: str) -> None:
    with pytest.raises(TopicFilterError, match="topic filter"):
        TopicFilter(text)


@pytest.mark.parametrize("text", ["", "a/+", "#", "a\0", "\udfff", "é" * 40_000])
def test_topic_name_refuses_what_the_standard_forbids(text: str) -> None:
    with pytest.raises(TopicNameError):
        check_topic(text)


@pytest.mark.parametrize("text", ["/", "a", "a//b", "$SYS/x", "a" * 65_535, "{device}"])
def test_topic_name_accepts_what_the_standard_allows(text: str) -> None:
    check_topic(text)


def test_filter_yields_captures() -> None:
    topic_filter = TopicFilter("$share/g/plant/{site}/+/{device}/#")
    assert topic_filter.wire == "$share/g/plant/+/+/+/#"
    assert topic_filter.group == "g"
    assert topic_filter.captures("plant/north/x/d7/data/1") == {"site": "north", "device": "d7"}
    assert topic_filter.captures("plant//x//") == {"site": "", "device": ""}
    assert TopicFilter("a/+").captures("a/b") == {}


@given(FILTERS, TOPICS)
def test_filter_agrees_with_a_naive_matcher(topic_filter: str, topic: str) -> None:
    assert TopicFilter(topic_filter).matches(topic) == naive_match(topic_filter, topic)


@given(st.lists(st.tuples(FILTERS, st.integers(0, 3))), st.data(), TOPICS)
def test_index_agrees_with_a_naive_matcher(pairs: list[tuple[str, int]], data: st.DataObject, topic: str) -> None:
    index: TopicIndex[int] = TopicIndex()
    kept = dict.fromkeys(pairs)
    for text, subscriber in pairs:
        index.add(TopicFilter(text), subscriber)
    removed = data.draw(st.lists(st.sampled_from(pairs))) if pairs else []
    for text, subscriber in removed:
        index.discard(TopicFilter(text), subscriber)
        kept.pop((text, subscriber), None)
    expected = {(text, subscriber) for text, subscriber in kept if naive_match(text, topic)}
    found = [(topic_filter.text, subscriber) for topic_filter, subscriber in index.matching(topic)]
    assert sorted(found) == sorted(expected)
    assert index.subscribers(topic).keys() == {subscriber for _, subscriber in expected}
    assert len(index) == len(kept)


@given(FILTERS, FILTERS, TOPICS)
def test_filter_that_covers_another_matches_all_its_topics(wide: str, narrow: str, topic: str) -> None:
    index: TopicIndex[int] = TopicIndex()
    index.add(TopicFilter(wide), 1)
    if list(index.covering(TopicFilter(narrow))) and TopicFilter(narrow).matches(topic):
        assert TopicFilter(wide).matches(topic)


@given(st.lists(FILTERS), FILTERS)
def test_index_finds_covering_and_covered_filters(texts: list[str], text: str) -> None:
    index: TopicIndex[int] = TopicIndex()
    filters = {TopicFilter(each) for each in texts}
    for each in filters:
        index.add(each, 1)
    given_filter = TopicFilter(text)
    covering = [each for each, _ in index.covering(given_filter)]
    assert set(covering) == {each for each in filters if naive_covers(each, given_filter)}
    assert len(covering) == len(set(covering))
    covered = [each for each, _ in index.covered(given_filter)]
    assert set(covered) == {each for each in filters if naive_covers(given_filter, each)}
    assert len(covered) == len(set(covered))


def test_index_gives_a_subscriber_its_most_exact_filter_once() -> None:
    index: TopicIndex[str] = TopicIndex()
    for text in ("#", "a/#", "a/+", "a/b", "+/b"):
        index.add(TopicFilter(text), "node")
        assert len(index.subscribers("a/b")) == 1
    assert index.subscribers("a/b")["node"].text == "a/b"
    assert index.subscribers("a/c")["node"].text == "a/+"
    assert index.subscribers("a/c/d")["node"].text == "a/#"
    assert index.subscribers("x/y")["node"].text == "#"


def test_index_is_empty_again_after_everything_is_discarded() -> None:
    index: TopicIndex[int] = TopicIndex()
    filters = [TopicFilter(f"a/{n}/+/#") for n in range(100)]
    for topic_filter in filters:
        index.add(topic_filter, 1)
    for topic_filter in filters:
        index.discard(topic_filter, 1)
        index.discard(topic_filter, 1)
    assert len(index) == 0
    assert index._root.is_empty()


def test_index_takes_filters_deeper_than_the_recursion_limit() -> None:
    deep = "/".join("a" * 20_000)
    index: TopicIndex[int] = TopicIndex()
    index.add(TopicFilter(deep), 1)
    assert index.subscribers(deep).keys() == {1}
    index.discard(TopicFilter(deep), 1)
    assert len(index) == 0
    assert sys.getrecursionlimit() < 20_000


def test_index_costs_the_same_for_a_hundred_times_more_filters() -> None:
    def cost(filters: int) -> float:
        index: TopicIndex[int] = TopicIndex()
        for n in range(filters):
            index.add(TopicFilter(f"plant/line{n % 100}/device{n}/+"), n)
        topics = [f"plant/line{n % 100}/device{n}/data" for n in range(0, filters, filters // 1000)]
        best = float("inf")
        for _ in range(5):
            begin = time.perf_counter()
            for topic in topics:
                assert len(index.subscribers(topic)) == 1
            best = min(best, (time.perf_counter() - begin) / len(topics))
        return best

    # Growth with the number of filters would make this 100; caches of the processor explain a little.
    assert cost(100_000) < 8 * cost(1_000)
