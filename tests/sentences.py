"""What source code says to people: the sentences of its errors, states and results, read from the code itself.

A sentence is a text of the code, with ``{}`` where facts stand. It is found where an error is made, where an error
builds its own text, and where a node tells its status; what is put into it is followed through names, functions and
tables of the package. What comes from elsewhere, such as the words of a broker, is a fact.
"""

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

HOLE: Final = re.compile(r"\{[\w.]*\}")
_WORDS: Final = re.compile(r"[a-z]{2,}'?[,:]? +[\w{'\"(]|\{\w*\} [a-z]{2,}|^[a-z]{4,}$")
# Whoever uses the editor cannot make these come.
_MISTAKES_OF_OURS: Final = frozenset({"AssertionError", "KeyError", "TypeError", "RuntimeError", "StopIteration"})
_TEXT: Final = re.compile(r"['\"]?(str\b|list\[tuple\[.*str\]|tuple\[.*str\b)")
_STATUS: Final = frozenset({"status", "_show"})
_SAYING: Final = _STATUS | {"not_found", "Difference", "differs", "_other", "_add", "__init__"}
_SAID_AS: Final = frozenset(
    {"advice", "hint", "message", "problem", "reason", "said", "sentence", "text", "why", "words"}
)
# What begins so is no sentence of its own.
_GOING_ON: Final = (" ", ";", ",")
_MOST_WAYS: Final = 24
_DEEPEST: Final = 8

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """The modules of a package.

    Args:
        folder: The folder of the package.
        without: Files and folders whose sentences nobody sees in the editor, by their paths in the package.
    """

    def __init__(self, folder: Path, without: Iterable[str] = ()) -> None:
        left_out = [folder / one for one in without]
        files = [file for file in sorted(folder.rglob("*.py")) if not any(map(file.is_relative_to, left_out))]
        self._modules = {file: ast.parse(file.read_text()) for file in files}
        self._functions: dict[str, list[_Function]] = defaultdict(list)
        for node in itertools.chain.from_iterable(map(ast.walk, self._modules.values())):
            if isinstance(node, _Function):
                self._functions[node.name].append(node)

    def sentences(self) -> dict[str, str]:
        """Return the sentences, each with a place where it stands."""
        found: dict[str, str] = {}
        for file, module in self._modules.items():
            for expression, around, is_phrase in self._said(module, [module]):
                for text in _Reader(self._functions, around).parts(expression):
                    if is_phrase and " " not in text:
                        continue
                    found.setdefault(text, f"{file.name}:{expression.lineno}")
        return found

    def _said(self, node: ast.AST, around: list[ast.AST]) -> Iterator[tuple[ast.expr, list[ast.AST], bool]]:
        """Yield the expressions that are said, each with what it stands in from outside, and whether it has words."""
        inside = [*around, node] if isinstance(node, _Function | ast.ClassDef) else around
        for child in ast.iter_child_nodes(node):
            yield from self._said(child, inside)
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in _SAYING or (name.endswith("Error") and name not in _MISTAKES_OF_OURS):
                told = node.args[:1] if name in _STATUS else node.args
                yield from ((each, inside, False) for at, each in enumerate(told) if at == 0 or not _is_word(each))
            yield from ((each, inside, True) for each in self._passed(name, node.args))
            if not name.startswith(("log", "Field")):
                yield from ((each.value, inside, True) for each in node.keywords if each.arg in _SAID_AS)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            yield from ((value, inside, True) for name, value in _assignments(node) if name in _SAID_AS)
        elif isinstance(node, _Function) and node.returns is not None and _TEXT.match(ast.unparse(node.returns)):
            returned = (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)
            yield from ((each, inside, True) for value in returned for each in _flat(value))

    def _passed(self, name: str, arguments: list[ast.expr]) -> Iterator[ast.expr]:
        """Yield what is passed to a function of the package as what it says."""
        functions = self._functions.get(name, [])
        if len(functions) == 1:
            named = [one.arg for one in functions[0].args.args if one.arg not in {"self", "cls"}]
            yield from (value for parameter, value in zip(named, arguments, strict=False) if parameter in _SAID_AS)


def untranslated(source: Source, catalogue: Iterable[str], left: Iterable[str] = ()) -> list[str]:
    """Return the sentences of a package that no catalogue has, each with where it stands.

    Args:
        source: The package.
        catalogue: The sentences that are there in the other language, in English.
        left: What looks like a sentence, and nobody sees.
    """
    known = {shape(one) for one in (*catalogue, *left)}
    return [f"{text}  ({place})" for text, place in source.sentences().items() if shape(text) not in known]


def unsaid(source: Source, catalogue: Iterable[str]) -> list[str]:
    """Return the sentences of a catalogue that a package never says; one may say more exactly what a fact is.

    Args:
        source: The package.
        catalogue: The sentences in English.
    """
    said = [re.compile(".*".join(map(re.escape, HOLE.split(one)))) for one in source.sentences()]
    return [one for one in catalogue if not any(pattern.fullmatch(one) for pattern in said)]


def shape(sentence: str) -> str:
    """Return a sentence without the names of its facts."""
    return HOLE.sub("{}", sentence)


class _Reader:
    """Follow an expression to the texts that it is made of.

    Args:
        functions: The functions of the package by their names.
        around: What the expression stands in, from outside.
    """

    def __init__(self, functions: dict[str, list[_Function]], around: list[ast.AST]) -> None:
        self._functions = functions
        self._around = around

    def parts(self, expression: ast.expr, depth: int = 0) -> Iterator[str]:
        """Yield the sentence that an expression is, and those that are put into it."""
        for text in self._texts(expression, depth):
            if _WORDS.search(text) and not text.startswith(_GOING_ON):
                yield text
        for one in _holes(expression):
            yield from self.parts(one, depth + 1)
        if depth < _DEEPEST:
            for each, reader in self._followed(expression):
                yield from reader.parts(each, depth + 1)

    def _texts(self, expression: ast.expr, depth: int) -> list[str]:
        match expression:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=values):
                pieces = [
                    [str(one.value)] if isinstance(one, ast.Constant) else self._put_in(one, depth) for one in values
                ]
                return ["".join(way) for way in itertools.islice(itertools.product(*pieces), _MOST_WAYS)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return ["".join(way) for way in itertools.product(self._side(left, depth), self._side(right, depth))]
        return []

    def _side(self, expression: ast.expr, depth: int) -> list[str]:
        return self._texts(expression, depth) or self._put_in(expression, depth)

    def _put_in(self, hole: ast.expr, depth: int) -> list[str]:
        """Return what a fact may be: what goes on with the sentence, or nothing, is part of it."""
        value = hole.value if isinstance(hole, ast.FormattedValue) else hole
        going_on = {text for text in self._all_texts(value, depth + 1) if text.startswith(_GOING_ON) and text.strip()}
        return ["", *sorted(going_on)] if going_on else [f"{{{_name(value)}}}"]

    def _all_texts(self, expression: ast.expr, depth: int) -> Iterator[str]:
        yield from self._texts(expression, depth)
        if depth < _DEEPEST:
            for each, reader in self._followed(expression):
                yield from reader._all_texts(each, depth + 1)

    def _followed(self, expression: ast.expr) -> Iterator[tuple[ast.expr, "_Reader"]]:  # noqa: C901 - one way for each kind
        match expression:
            case ast.IfExp(body=one, orelse=other):
                yield from ((one, self), (other, self))
            case ast.BoolOp(values=values):
                yield from ((one, self) for one in values)
            case ast.Dict(values=values):
                yield from ((one, self) for one in values)
            case ast.Name(id=name):
                yield from ((one, self) for one in self._assigned(name))
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield from ((one, self) for one in self._assigned(f"self.{name}"))
                yield from self._returned(name)
            case ast.Subscript(value=table):
                yield table, self
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=arguments):
                yield from ((one, self) for one in (table, *arguments[1:]))
            case ast.Call(func=ast.Attribute(value=text, attr="format" | "removeprefix" | "rstrip"), args=arguments):
                yield from ((one, self) for one in (text, *arguments))
            case ast.Call(func=function, args=arguments):
                if _name(function) in {"str", "cast", "MappingProxyType"}:
                    yield from ((one, self) for one in arguments)
                yield from self._returned(_name(function))
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                yield value, self

    def _assigned(self, name: str) -> Iterator[ast.expr]:
        # The nearest function or class that gives the name a value.
        for place in reversed(self._around):
            found = [value for node in ast.walk(place) for target, value in _assignments(node) if target == name]
            if found:
                yield from found
                return

    def _returned(self, name: str) -> Iterator[tuple[ast.expr, "_Reader"]]:
        functions = self._functions.get(name, [])
        if len(functions) == 1:
            reader = _Reader(self._functions, [*self._around[:1], functions[0]])
            for each in ast.walk(functions[0]):
                if isinstance(each, ast.Return) and each.value is not None:
                    yield each.value, reader


def _flat(expression: ast.expr) -> Iterator[ast.expr]:
    if isinstance(expression, ast.Tuple | ast.List):
        for each in expression.elts:
            yield from _flat(each)
    else:
        yield expression


def _holes(expression: ast.expr) -> Iterator[ast.expr]:
    if isinstance(expression, ast.JoinedStr):
        yield from (one.value for one in expression.values if isinstance(one, ast.FormattedValue))
    elif isinstance(expression, ast.BinOp):
        for one in (expression.left, expression.right):
            yield from _holes(one) if isinstance(one, ast.JoinedStr | ast.BinOp) else [one]


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    yield from zip(map(_dotted, target.elts), value.elts, strict=False)
                else:
                    yield _dotted(target), value
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            yield _dotted(target), value
        case ast.NamedExpr(target=target, value=value):
            yield target.id, value


def _dotted(target: ast.expr) -> str:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return f"{target.value.id}.{target.attr}"
    return target.id if isinstance(target, ast.Name) else ""


def _is_word(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and " " not in str(expression.value)


def _name(expression: ast.expr) -> str:
    match expression:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
