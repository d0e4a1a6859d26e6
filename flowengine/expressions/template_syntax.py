"""From the text of a template to a tree that keeps within its bounds, or to the place of a mistake."""

import re
from typing import Any, cast

from jinja2 import Environment, TemplateAssertionError, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream, ignored_tokens
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from flowengine.expressions import sandbox
from flowengine.expressions.errors import TemplateError

_FILES = {nodes.Extends: "extends", nodes.FromImport: "from", nodes.Import: "import", nodes.Include: "include"}
_SILENT_TOKENS = ignored_tokens | {"raw_begin", "raw_end"}
_NEWLINE = re.compile(r"\r\n|\r")


def parse(environment: Environment, text: str, *, json: bool) -> nodes.Template:
    """Parse a template and put the bounds into its tree.

    Args:
        environment: Where it will run.
        text: The template.
        json: Whether the result must be JSON, so that template text and values are to be told apart.

    Raises:
        TemplateError: The template does what none may do here.
        TemplateSyntaxError: Jinja2 cannot parse it.
    """
    tree = environment.parse(text)
    for node in tree.find_all(tuple(_FILES)):
        word = _FILES[type(node)]
        raise _error_at_word(text, f"a template stands alone: there is no '{word}'", node.lineno, word)
    if json and (switch := tree.find(nodes.ScopedEvalContextModifier)):
        raise _error_at_word(text, "a template for JSON always escapes", switch.lineno, "autoescape")
    (_JsonBounds() if json else _Bounds()).visit(tree)
    tree.set_environment(environment)
    return tree


def syntax_error(environment: Environment, text: str, error: TemplateSyntaxError) -> TemplateError:
    """Find the column of a mistake for which Jinja2 gives the line only."""
    text = _NEWLINE.sub("\n", text)
    reason = re.sub(r" at \d+$", "", str(error.message).rstrip("."))
    reason = reason[:1].lower() + reason[1:]
    if not isinstance(error, TemplateAssertionError):
        offset = _offset(environment, text)
        line = text.count("\n", 0, offset) + 1
        if line == error.lineno:
            return TemplateError(text, reason, line=line, column=offset - text.rfind("\n", 0, offset))
    word = re.search(r"'([^']+)'", reason)
    return _error_at_word(text, reason, error.lineno, word[1] if word else "")


def _error_at_word(text: str, reason: str, line: int, word: str) -> TemplateError:
    content = [*_NEWLINE.sub("\n", text).split("\n"), ""][line - 1]
    column = content.find(word) if word else -1
    if column < 0:
        column = len(content) - len(content.lstrip())
    return TemplateError(text, reason, line=line, column=column + 1)


def _offset(environment: Environment, text: str) -> int:
    """Return where the parser stops: at its current token, or where the lexer knows no further."""
    offsets: list[int] = []
    end = 0
    try:
        for _, kind, value in environment.lexer.tokeniter(text, None):
            # White space that a tag strips belongs to no token.
            start = text.find(value, end)
            end = start + len(value)
            if kind not in _SILENT_TOKENS:
                offsets.append(start)
    except TemplateSyntaxError:
        return end
    pulled = 0

    def count(stream: TokenStream) -> Any:
        nonlocal pulled
        for token in stream:
            pulled += 1
            yield token

    parser = Parser(environment, "")
    try:
        parser.stream = TokenStream(count(environment.lexer.tokenize(text)), None, None)
        parser.parse()
    except TemplateSyntaxError:
        if 0 < pulled <= len(offsets) and parser.stream.current.type != "eof":
            return offsets[pulled - 1]
    return len(text)


class _Bounds(NodeTransformer):
    """Counts the passes of loops, and joins text within the bound on its size."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), sandbox.COUNT)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named by Jinja
        self.generic_visit(node)
        return self._joined(node.nodes, node.lineno)

    def _joined(self, parts: list[nodes.Expr], line: int) -> nodes.Filter:
        return _filtered(nodes.List(parts, lineno=line), sandbox.JOIN)


class _JsonBounds(_Bounds):
    """Marks what comes from the template itself; whatever else is printed is a value."""

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 - named by Jinja
        self.generic_visit(node)
        node.nodes = [self._marked(child) for child in node.nodes]
        return node

    def _joined(self, parts: list[nodes.Expr], line: int) -> nodes.Filter:
        return super()._joined([self._marked(part) for part in parts], line)

    def _marked(self, node: Any) -> Any:
        match node:
            case nodes.TemplateData():
                return _filtered(nodes.Const(node.data, lineno=node.lineno), sandbox.SOURCE)
            case nodes.Const() if isinstance(node.value, str):
                return _filtered(node, sandbox.CONSTANT)
            case nodes.CondExpr():
                node.expr1 = self._marked(node.expr1)
                node.expr2 = node.expr2 and self._marked(node.expr2)
        return node


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
