"""Cells, generators, discriminators and their parts. Nothing here reads a recipe."""
