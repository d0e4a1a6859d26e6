import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from flowengine.node import Config, ConfigNode, InvalidNodeTypeError, Message, Node, Output, node_type
from flowengine.registry import DuplicateNodeTypeError, Registry, discovery, load_folder, load_node_packs

NODE = '''
from flowengine.node import Config, Message, Node, Output, node_type


@node_type("{name}", category="mine")
class Mine(Node[Config]):
    """Pass messages on."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        self.send(self.out, message)
'''


@node_type("one", category="test")
class One(Node[Config]):
    """Do one thing.

    And say more about it.
    """

    first = Output("The first port.")
    second = Output("The second port.", name="other")

    def receive(self, message: Message) -> None:
        self.send(self.first, message)


def test_registry_is_a_value_that_can_be_cloned() -> None:
    registry = Registry([One.__node_type__])
    clone = registry.clone()
    assert [each.name for each in clone] == ["one"]

    @node_type("two", category="test")
    class Two(Node[Config]):
        """Do another."""

        def receive(self, message: Message) -> None:
            """Take it."""

    clone.add(Two)
    assert "two" in clone
    assert "two" not in registry


def test_registry_refuses_a_second_class_of_one_name() -> None:
    @node_type("one", category="test")
    class Other(Node[Config]):
        """Do something else."""

        def receive(self, message: Message) -> None:
            """Take it."""

    registry = Registry([One.__node_type__])
    with pytest.raises(DuplicateNodeTypeError, match=r'node type "one" is declared by .*One and by .*Other'):
        registry.add(Other)


def test_registry_finds_the_name_that_was_meant() -> None:
    registry = Registry([One.__node_type__])
    assert registry.similar("onne") == "one"
    assert registry.similar("quite-different") is None


def test_node_type_follows_from_its_class() -> None:
    declared = One.__node_type__
    assert (declared.summary, declared.has_input, declared.is_stage, declared.is_source) == (
        "Do one thing.",
        True,
        False,
        False,
    )
    assert declared.help == "Do one thing.\n\nAnd say more about it."
    assert [port.name for port in declared.ports(Config())] == ["first", "other"]


def test_declaration_refuses_what_cannot_be_a_node_type() -> None:
    with pytest.raises(InvalidNodeTypeError, match="lower-case words"):
        node_type("Not A Name", category="test")(One)
    with pytest.raises(InvalidNodeTypeError, match="no docstring"):

        @node_type("silent", category="test")
        class Silent(Node[Config]):
            def receive(self, message: Message) -> None: ...

    with pytest.raises(InvalidNodeTypeError, match="exactly"):

        @node_type("greedy", category="test")
        class Greedy(Node[Config]):
            """Take too much."""

            def receive(self, message: Message, more: int) -> None: ...

    with pytest.raises(InvalidNodeTypeError, match="config node cannot receive"):

        @node_type("server", category="test")
        class Server(ConfigNode[Config]):
            """Receive all the same."""

            def receive(self, message: Message) -> None: ...


def test_folder_of_node_files_is_loaded_and_a_broken_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(NODE.format(name="good"))
    (tmp_path / "bad.py").write_text("import flowengine\n\nraise RuntimeError('not today')\n")
    (tmp_path / "test_good.py").write_text("raise AssertionError('tests are no nodes')\n")
    registry = Registry()
    (problem,) = load_folder(registry, tmp_path)
    assert "good" in registry
    assert str(problem) == f"cannot load nodes from {tmp_path / 'bad.py'}: RuntimeError: not today (line 3)"


def test_folder_that_is_missing_is_said() -> None:
    (problem,) = load_folder(Registry(), Path("no-such-folder"))
    assert "there is no such folder" in str(problem)


def test_built_in_pack_is_found_through_its_entry_point() -> None:
    registry = Registry()
    assert load_node_packs(registry) == []
    assert {"mqtt-in", "mqtt-out", "mqtt-broker", "change", "switch", "inject", "http-request", "join"} <= {
        each.name for each in registry
    }


def test_node_pack_that_cannot_be_imported_is_named_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    packs = [
        EntryPoint("broken", "no_such_package_at_all", discovery.ENTRY_POINTS),
        EntryPoint("builtin", "flowengine_nodes", discovery.ENTRY_POINTS),
    ]
    monkeypatch.setattr(discovery, "entry_points", lambda **_: packs)
    registry = Registry()
    (problem,) = load_node_packs(registry)
    assert problem.place == "no_such_package_at_all"
    assert "change" in registry


def make_pack(folder: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    """Install a pack named after the folder."""
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder.parent))
    entry = EntryPoint("mine", folder.name, discovery.ENTRY_POINTS)
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == discovery.ENTRY_POINTS else [])


def test_node_pack_is_loaded_a_module_at_a_time_when_its_types_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = {name: NODE.format(name=f"lazy-{name}") for name in ("one", "two", "broken")}
    texts["broken"] = "import there_is_no_such_thing\n" + texts["broken"]
    # A name that the text does not tell: the module is loaded at once.
    texts["hidden"] = NODE.format(name="lazy-hidden").replace('"lazy-hidden"', 'name="-".join(("lazy", "hidden"))')
    make_pack(tmp_path / "lazy_pack", monkeypatch, **texts)
    registry = Registry()
    assert load_node_packs(registry, when_used=True) == []
    assert registry.names == {"lazy-one", "lazy-two", "lazy-broken", "lazy-hidden"}
    assert "lazy_pack.one" not in sys.modules
    assert registry.similar("lazy-tvo") == "lazy-two"
    found = registry.get("lazy-one")
    assert found is not None
    assert found.name == "lazy-one"
    assert "lazy_pack.two" not in sys.modules
    assert registry.get("lazy-broken") is None
    assert "cannot load nodes from lazy_pack.broken: ModuleNotFoundError" in caplog.text
    assert [one.name for one in registry] == ["lazy-hidden", "lazy-one", "lazy-two"]


def test_node_type_of_a_folder_cannot_take_the_name_of_one_that_is_not_loaded_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pack(tmp_path / "later_pack", monkeypatch, one=NODE.format(name="taken"))
    registry = Registry()
    load_node_packs(registry, when_used=True)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.py").write_text(NODE.format(name="taken"))
    (error,) = load_folder(registry, folder)
    assert "DuplicateNodeTypeError" in error.reason
