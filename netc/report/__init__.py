"""Findings for those who read them: as text for a person, in other forms for other tools."""

from netc.report.text import COLOUR, PLAIN, report

__all__ = ["COLOUR", "PLAIN", "report"]
