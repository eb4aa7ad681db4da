"""The series domain: tables of numbers in time order, cut into windows, and back to tables."""
