"""Proofs that a migration keeps what it must: each compares what a program does before and after."""
