"""From a recipe to objects: the only room that reads a recipe and calls constructors."""
