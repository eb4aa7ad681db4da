"""English as the built-in source has it: things seen in pictures, in 110 rules and 235 words.

A rule is `LEFT -> WEIGHT SYMBOLS`: capitalised symbols are expanded further, all others are words. Rules with one left
side compete in proportion to their weights. A letter in braces stands for a feature, and a rule holds for each of its
values (the same in all its places); that is how agreement is written:

    {g} who acts: m man, f woman, a animal, p people, q animals; {w} the humans of these; {k} the singular ones;
    {u} the plural ones. Beside any of these, {n} is its number
    {n} number: s or p      {v} verb form: s or p, or i for the -ing form      {c} first sound: c or v
    {x} noun classes of which there is one or many; {y} these and `group`, of which there are only many; {z} places

The rules leave every sentence one derivation. What English leaves open is settled by these habits:
a place after an object belongs to the verb, and a verb takes none after an object that ends in a relative clause;
"and" joins main verbs, and nouns with no modifier behind them; "while", ", and" and ", but" join clauses.
"""

from __future__ import annotations

FEATURES: dict[str, tuple[str, ...]] = {
    "g": ("m", "f", "a", "p", "q"),
    "w": ("m", "f", "p"),
    "k": ("m", "f", "a"),
    "u": ("p", "q"),
    "n": ("s", "p"),
    "v": ("s", "p", "i"),
    "c": ("c", "v"),
    "x": ("m", "f", "a", "thing", "garment", "area", "line", "mark"),
    "y": ("m", "f", "a", "thing", "garment", "area", "line", "mark", "group"),
    "z": ("area", "line", "mark"),
}

NUMBER_OF = {"m": "s", "f": "s", "a": "s", "p": "p", "q": "p"}
"""The number {n} of whoever acts."""

RULES = """
S -> 94 Sentence .
S -> 6 At , Sentence .
Sentence -> 91 Clause
Sentence -> 5 Clause while Clause
Sentence -> 2 Clause , and Clause
Sentence -> 2 Clause , but Clause

Clause -> 16 Subject.{k} Predicate.{k}
Clause -> 18 Subject.{u} Predicate.{u}
Clause -> 5 Matter.{n} Be.{n} State
Clause -> 3 there is Scene.{k}
Clause -> 4 there are Scene.{u}

Subject.{g} -> 36 Simple.{g}
Subject.{g} -> 11 Simple.{g} At
Subject.{g} -> 12 Simple.{g} Relative.{g}
Subject.{w} -> 8 Simple.{w} wearing Clothes.{n}
Subject.{k} -> 5 Pronoun.{k}
Subject.p -> 5 Pronoun.p
Subject.{u} -> 10 Pair.{u}
Pair.p -> 1 Human and Human
Pair.q -> 2 Basic.a and Basic.a
Pair.q -> 1 Basic.{w} and Possessive.{w} Nominal.a
Human -> 2 Basic.m
Human -> 2 Basic.f
Human -> 1 Basic.p

Scene.{g} -> 5 Some.{g} At
Scene.{g} -> 6 Some.{g} Act.i.{g}
Scene.{g} -> 4 Some.{g} Relative.{g}
Scene.{w} -> 3 Some.{w} wearing Clothes.{n}

Predicate.{g} -> 38 Be.{n} Act.i.{g}
Predicate.{g} -> 7 Be.{n} Act.i.{g} and Act.i.{g}
Predicate.{g} -> 24 Act.{n}.{g}
Predicate.{g} -> 4 Act.{n}.{g} and Act.{n}.{g}
Predicate.{g} -> 6 Be.{n} Mood
Predicate.{g} -> 4 Be.{n} At

Act.{v}.{g} -> 64 Plain.{v}
Act.{v}.{g} -> 9 Groom.{v} Self.{g}
Act.{v}.{w} -> 6 Meet.{v} Possessive.{w} Nominal.a
Act.{v}.{g} -> 8 Handle.{v} Possessive.{g} Nominal.thing
Act.{v}.{g} -> 4 Handle.{v} Possessive.{g} Many.thing
Plain.{v} -> 13 Stay.{v} At
Plain.{v} -> 4 Stay.{v} Calmly
Plain.{v} -> 10 Go.{v} Path
Plain.{v} -> 4 Go.{v} At
Plain.{v} -> 4 Go.{v} Calmly
Plain.{v} -> 12 Meet.{v} Other
Plain.{v} -> 5 Meet.{v} Other At
Plain.{v} -> 5 Meet.{v} Known
Plain.{v} -> 10 Handle.{v} Item
Plain.{v} -> 4 Handle.{v} Item At
Plain.{v} -> 3 Handle.{v} Item that Handled

Other -> 6 Simple.{k}
Other -> 5 Simple.{u}
Other -> 1 Simple.{w} wearing Clothes.{n}
Other -> 2 Pair.{u}
Known -> 3 Simple.{k} Relative.{k}
Known -> 2 Simple.{u} Relative.{u}
Item -> 3 Item.s
Item -> 2 Item.p

Relative.{g} -> 6 Who.{g} Be.{n} Act.i.{g}
Relative.{g} -> 5 Who.{g} Act.{n}.{g}
Relative.{g} -> 6 Who.{g} Met
Met -> 3 Agent.{g} Be.{n} Meet.i
Met -> 3 Agent.{g} Meet.{n}
Handled -> 3 Agent.{g} Be.{n} Handle.i
Handled -> 3 Agent.{g} Handle.{n}
Agent.{g} -> 6 Simple.{g}
Agent.{g} -> 1 Simple.{g} At
Agent.{k} -> 1 Pronoun.{k}
Agent.p -> 1 Pronoun.p

Matter.{n} -> 3 Item.{n}
Matter.{n} -> 2 Item.{n} At
Matter.{n} -> 4 Item.{n} that Handled
State -> 1 Adjective.thing
State -> 1 At

Simple.{g} -> 30 Basic.{g}
Simple.{k} -> 4 Every Nominal.{k}
Simple.{k} -> 4 One of the Many.{k}
Basic.{g} -> 5 Some.{g}
Basic.{k} -> 4 the Nominal.{k}
Basic.{k} -> 1 this Nominal.{k}
Basic.{u} -> 4 the Crowd.{u}
Basic.{u} -> 1 these Crowd.{u}
Some.{x} -> 3 a Nominal.{x}.c
Some.{x} -> 1 an Nominal.{x}.v
Some.{u} -> 1 Number Crowd.{u}
Crowd.p -> 3 Many.m
Crowd.p -> 3 Many.f
Crowd.p -> 2 Many.group
Crowd.q -> 1 Many.a
Item.s -> 5 Some.thing
Item.s -> 4 the Nominal.thing
Item.p -> 2 Number Many.thing
Item.p -> 3 the Many.thing
Clothes.s -> 1 Some.garment
Clothes.p -> 1 Many.garment

At -> 1 Near.{z} Spot.{z}
Path -> 1 Towards.{z} Spot.{z}
Spot.{z} -> 5 Some.{z}
Spot.{z} -> 7 the Nominal.{z}
Spot.{z} -> 4 the Many.{z}

Nominal.{x} -> 3 Nominal.{x}.c
Nominal.{x} -> 1 Nominal.{x}.v
Nominal.{x}.{c} -> 5 Noun.{x}.{c}
Nominal.{x}.{c} -> 3 Adjective.{x}.{c} Noun.{x}
Noun.{x} -> 3 Noun.{x}.c
Noun.{x} -> 1 Noun.{x}.v
Many.{y} -> 5 Nouns.{y}
Many.{y} -> 3 Adjective.{y} Nouns.{y}
Adjective.{y} -> 3 Adjective.{y}.c
Adjective.{y} -> 1 Adjective.{y}.v
"""

NOUNS = {
    "m": "man men, boy boys, father fathers, waiter waiters, uncle uncles, actor actors",
    "f": "woman women, girl girls, mother mothers, waitress waitresses, aunt aunts, actress actresses",
    "a": "dog dogs, cat cats, horse horses, bear bears, rabbit rabbits, elephant elephants, owl owls",
    "thing": "ball balls, book books, basket baskets, kite kites, apple apples, umbrella umbrellas",
    "garment": "hat hats, scarf scarves, jacket jackets, apron aprons, overcoat overcoats",
    "area": "field fields, park parks, garden gardens, forest forests, orchard orchards",
    "line": "road roads, street streets, path paths, beach beaches, avenue avenues",
    "mark": "house houses, church churches, barn barns, tower towers, inn inns",
}
"""Singular and plural of every noun. Every word's first letter tells its first sound, so that a or an can be chosen."""

GROUP_NOUNS = "people children friends players"

ADJECTIVES = {
    "m f group": "tall young happy tired hungry kind old angry elderly",
    "a": "small black white brown hungry tired old angry enormous",
    "thing garment": "red blue yellow green new pretty old expensive",
    "area line mark": "small quiet sunny narrow green old empty",
}

VERBS = {
    "Stay": "sit sits sitting, stand stands standing, sleep sleeps sleeping, wait waits waiting",
    "Go": "run runs running, walk walks walking, wander wanders wandering, hurry hurries hurrying",
    "Meet": "watch watches watching, chase chases chasing, follow follows following, greet greets greeting, "
    "guard guards guarding",
    "Handle": "hold holds holding, carry carries carrying, drop drops dropping, lift lifts lifting, "
    "clean cleans cleaning",
    "Groom": "wash washes washing, dry dries drying, scratch scratches scratching",
}
"""The forms of every verb: plural, singular and -ing."""

WORDS = {
    "Be.s": "is",
    "Be.p": "are",
    "Who.m Who.f Who.p": "who",
    "Who.a Who.q": "that",
    "Pronoun.m": "he",
    "Pronoun.f": "she",
    "Pronoun.a": "it",
    "Pronoun.p": "they",
    "Possessive.m": "his",
    "Possessive.f": "her",
    "Possessive.a": "its",
    "Possessive.p Possessive.q": "their",
    "Self.m": "himself",
    "Self.f": "herself",
    "Self.a": "itself",
    "Self.p Self.q": "themselves",
    "Every": "every each",
    "One": "one each",
    "Number": "two three four several many some",
    "Mood": "happy tired hungry angry",
    "Calmly": "quietly calmly happily patiently",
    "Near.area": "in near beside",
    "Near.line": "on near beside",
    "Near.mark": "behind near beside",
    "Towards.area": "through across towards past",
    "Towards.line": "along across towards past",
    "Towards.mark": "around towards past",
}
"""Symbols and the words that each of them stands for, all equally likely."""
