"""What every section of a recipe is made from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, field_validator

CellKind = Literal["rnn", "lstm", "gru"]
FrameCell = Literal["rnn", "lstm", "gru", "mingru"]
TokenCell = Literal["rnn", "lstm", "gru", "mingru", "rmc", "transformer"]
NUM_HEADS = 2
"""Heads of attention of a cell where the recipe says nothing."""
Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


class DataSection(Section):
    """What every section of data says of the sequences that it becomes."""

    kind: str

    @field_validator("source", check_fields=False)
    @classmethod
    def _one_name_of_a_folder(cls, source: str) -> str:
        # A shell's completion writes the slash, a hand does not: both are one recipe.
        return source.rstrip("/") or source

    @property
    def makes_tokens(self) -> bool:
        """Whether its sequences are tokens; frames where not."""
        return False

    @property
    def described(self) -> str:
        """What its sequences are, in words."""
        return self.kind


class Custom(Section):
    """A third party's part: `kind: package.module:Class`, built with `args`."""

    kind: str = Field(pattern=r"^[\w.]+:\w+$")
    args: dict[str, Any] = {}


def kind_or_custom(kinds: tuple[str, ...]) -> Discriminator:
    """Choose among sections by their `kind`; one with a colon is a third party's dotted path."""

    def choose(value: Any) -> str | None:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return "custom" if isinstance(kind, str) and ":" in kind else kind

    return Discriminator(choose, custom_error_type="unknown_kind", custom_error_message=f"kind is none of {kinds}")
