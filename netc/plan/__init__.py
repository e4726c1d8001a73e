"""Topology to Plan: ordered steps, each with its undo."""
