"""Find the subscribers of a topic among many filters, at a cost that does not grow with their number."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from flowengine_nodes.network.mqtt.topics import TopicFilter

S = TypeVar("S", bound=Hashable)


class _Level(Generic[S]):
    """One level of the tree: what follows it, and who ends here."""

    __slots__ = ("children", "ending", "multi")

    def __init__(self) -> None:
        self.children: dict[str, _Level[S]] = {}
        self.ending: dict[tuple[TopicFilter, S], None] = {}
        self.multi: dict[tuple[TopicFilter, S], None] = {}

    def is_empty(self) -> bool:
        return not (self.children or self.ending or self.multi)


class TopicIndex(Generic[S]):
    """A tree of topic filters, each with its subscribers."""

    __slots__ = ("_root", "_size")

    def __init__(self) -> None:
        self._root: _Level[S] = _Level()
        self._size = 0

    def __len__(self) -> int:
        """Return how many pairs of filter and subscriber there are."""
        return self._size

    def add(self, topic_filter: TopicFilter, subscriber: S) -> None:
        """Add a subscriber under a filter; adding the same pair again changes nothing."""
        level = self._root
        for name in _path(topic_filter):
            following = level.children.get(name)
            if following is None:
                following = level.children[name] = _Level()
            level = following
        bucket = level.multi if topic_filter.levels[-1] == "#" else level.ending
        pair = (topic_filter, subscriber)
        if pair not in bucket:
            bucket[pair] = None
            self._size += 1

    def discard(self, topic_filter: TopicFilter, subscriber: S) -> None:
        """Remove a subscriber from a filter, if it is there."""
        trail: list[tuple[_Level[S], str]] = []
        level = self._root
        for name in _path(topic_filter):
            following = level.children.get(name)
            if following is None:
                return
            trail.append((level, name))
            level = following
        bucket = level.multi if topic_filter.levels[-1] == "#" else level.ending
        pair = (topic_filter, subscriber)
        if pair not in bucket:
            return
        del bucket[pair]
        self._size -= 1
        for parent, name in reversed(trail):
            if not parent.children[name].is_empty():
                break
            del parent.children[name]

    def matching(self, topic: str) -> Iterator[tuple[TopicFilter, S]]:
        """Yield every pair of matching filter and subscriber, the most exact filter first.

        Filters are compared level by level from the left: a name is more exact than ``+``, ``+`` than ``#``.
        """
        reached = [self._root]
        multi: list[_Level[S]] = []
        wildcards = not topic.startswith("$")
        for name in topic.split("/"):
            following: list[_Level[S]] = []
            for level in reached:
                if level.multi and wildcards:
                    multi.append(level)
                exact = level.children.get(name)
                if exact is not None:
                    following.append(exact)
                if wildcards:
                    single = level.children.get("+")
                    if single is not None:
                        following.append(single)
            wildcards = True
            reached = following
            if not reached:
                break
        for level in reached:
            yield from level.ending
            yield from level.multi
        for level in reversed(multi):
            yield from level.multi

    def covering(self, topic_filter: TopicFilter) -> Iterator[tuple[TopicFilter, S]]:
        """Yield the pairs whose filter covers the given one, which may be among them."""
        reached = [self._root]
        wildcards = not topic_filter.levels[0].startswith("$")
        for name in topic_filter.levels:
            if wildcards:
                for level in reached:
                    yield from level.multi
            if name == "#":
                return
            names = {name, "+"} if wildcards else {name}
            reached = [level.children[each] for level in reached for each in names if each in level.children]
            wildcards = True
        for level in reached:
            yield from level.ending
            yield from level.multi

    def covered(self, topic_filter: TopicFilter) -> Iterator[tuple[TopicFilter, S]]:
        """Yield the pairs whose filter the given one covers; it may be among them itself."""
        reached = [self._root]
        for depth, name in enumerate(topic_filter.levels):
            if name not in {"+", "#"}:
                reached = [level.children[name] for level in reached if name in level.children]
                continue
            if name == "#":
                for level in reached:
                    yield from level.ending
                    yield from level.multi
            reached = [
                child
                for level in reached
                for text, child in level.children.items()
                if depth > 0 or not text.startswith("$")
            ]
            if name == "#":
                yield from _below(reached)
                return
        for level in reached:
            yield from level.ending

    def subscribers(self, topic: str) -> dict[S, TopicFilter]:
        """Return each subscriber of a topic once, with its most exact matching filter."""
        found: dict[S, TopicFilter] = {}
        for topic_filter, subscriber in self.matching(topic):
            found.setdefault(subscriber, topic_filter)
        return found


def _below(levels: list[_Level[S]]) -> Iterator[tuple[TopicFilter, S]]:
    """Yield every pair in some subtrees."""
    waiting = levels
    while waiting:
        level = waiting.pop()
        yield from level.ending
        yield from level.multi
        waiting.extend(level.children.values())


def _path(topic_filter: TopicFilter) -> tuple[str, ...]:
    levels = topic_filter.levels
    return levels[:-1] if levels[-1] == "#" else levels
