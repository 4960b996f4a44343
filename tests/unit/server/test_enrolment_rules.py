"""Codes can be read aloud, and guessing at them takes for ever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.enrolment.rules import ALPHABET, CODE_LENGTH, plain, wait_after, written


@given(st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_code_is_the_same_however_it_is_typed(code: str) -> None:
    assert plain(f" {written(code).lower()} ") == code


def test_a_code_is_handed_out_in_groups_of_four() -> None:
    assert written("ABCDEFGHJKMNPQRS") == "ABCD-EFGH-JKMN-PQRS"


def test_there_are_no_signs_that_look_alike() -> None:
    assert not set(ALPHABET) & set("01OIL")


def test_the_first_mistakes_cost_nothing_and_then_each_doubles_the_wait() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(1, 9)]

    assert waits == [0, 0, 0, 0, 2, 4, 8, 16]
    assert wait_after(10_000) == timedelta(hours=1)
