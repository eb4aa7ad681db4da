"""YAML as people expect it (the core schema of YAML 1.2), with the line on which every key stands.

`1e-4` is a number, `yes` and `on` are text, a key that appears twice is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.problems import Location, Origin, Problem, dotted

_PREFIX = "tag:yaml.org,2002:"
_IMPLICIT = (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+0123456789."),
    ),
)


class _Loader(yaml.SafeLoader):
    """Reads scalars by the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}


class _Dumper(yaml.SafeDumper):
    """Quotes the text that `_Loader` would take for something else."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal parts out in full: anchors help nobody who reads a resolved recipe."""
        return True


for _name, _pattern, _first in _IMPLICIT:
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(_PREFIX + _name, re.compile(_pattern), _first)


@dataclass
class Document:
    """A recipe as plain data, and where each part of it was written.

    Attributes:
        data: nested dicts, lists and scalars.
        origins: the place in which the value at a location was written; `()` is the whole document.
        problems: what is wrong with the text itself.
    """

    data: Any
    origins: dict[Location, Origin]
    problems: list[Problem] = field(default_factory=list)


def read_yaml(text: str, name: str) -> Document:
    """Read one YAML document.

    Args:
        text: the document.
        name: what messages call it, usually a path.

    Raises:
        UserError: it is not YAML, with the line.
    """
    try:
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{name}{line}: {_syntax_message(error)}") from None
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        raise UserError(f"{name}:{number}: a control character (code {error.character}) is not text") from None
    document = Document(None, {(): Origin(name)})
    if root is not None:
        document.data = _Builder(name, document).build(root, ())
    return document


def parse_value(text: str) -> Any:
    """Parse the value of an override.

    Raises:
        ValueError: it is not YAML.
    """
    try:
        document = read_yaml(text, "the value")
    except UserError as error:
        raise ValueError(f"the value is not valid YAML ({str(error).split(': ', 1)[-1]}): put it in quotes") from None
    if document.problems:
        raise ValueError("; ".join(problem.message for problem in document.problems))
    commented_out = document.data is None and text.startswith("#")
    return text if commented_out else document.data


def write_yaml(data: Any) -> str:
    """Write plain data as YAML that `read_yaml` reads back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not valid YAML"
    if "'\\t'" in problem:
        return "a tab at the start of a line or value: indent with spaces"
    if "expected a single document" in (error.context or ""):
        return "a second document starts here ('---'): a recipe is one document"
    if "mapping values are not allowed" in problem:
        return "a ':' in the wrong place: check the indentation, or put the text in quotes"
    return f"{error.context}: {problem}" if error.context else problem


class _Builder:
    """Turns YAML nodes into plain data, and notes the line of every key."""

    def __init__(self, name: str, document: Document) -> None:
        self._name = name
        self._document = document
        self._open: list[yaml.Node] = []

    def build(self, node: yaml.Node, location: Location) -> Any:
        if any(node is ancestor for ancestor in self._open):
            self._complain(node, f"'{dotted(location)}' contains itself")
            return None
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, location)
            if isinstance(node, yaml.SequenceNode):
                return self._sequence(node, location)
            return self._scalar(node, location)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be a plain word")
                continue
            key = str(key_node.value)
            here = (*location, key)
            if key in result:
                first = self._document.origins[here].line
                self._complain(key_node, f"key '{dotted(here)}' appears twice (first on line {first})")
                continue
            self._document.origins[here] = self._origin(key_node)
            result[key] = self.build(value_node, here)
        return result

    def _sequence(self, node: yaml.SequenceNode, location: Location) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            here = (*location, index)
            self._document.origins[here] = self._origin(item)
            items.append(self.build(item, here))
        return items

    def _scalar(self, node: yaml.Node, location: Location) -> Any:
        kind = node.tag.removeprefix(_PREFIX)
        try:
            return _SCALARS[kind](str(node.value))
        except KeyError:
            self._complain(node, f"the YAML tag '{node.tag}' of '{dotted(location)}' has no meaning in a recipe")
        except ValueError:
            self._complain(node, f"'{dotted(location)}': '{node.value}' is not of the YAML type '{kind}'")
        return None

    def _origin(self, node: yaml.Node) -> Origin:
        return Origin(self._name, node.start_mark.line + 1)

    def _complain(self, node: yaml.Node, message: str) -> None:
        self._document.problems.append(Problem(self._origin(node), message))


def _integer(text: str) -> int:
    return int(text, 0) if text.lower().startswith(("0o", "0x")) else int(text)


def _number(text: str) -> float:
    return float(re.sub(r"\.(?=inf|nan)", "", text, flags=re.IGNORECASE))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": _number,
    "str": str,
}
