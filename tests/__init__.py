"""Tests of Tingwen, laid out like the tree that they test."""
