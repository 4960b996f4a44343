"""How far the server has a stream: over what is stored, and over what will never come."""

from hypothesis import given
from hypothesis import strategies as st

from server.observations.rules import walk


@given(
    stored=st.sets(st.integers(1, 40)),
    gone=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair))), max_size=6),
    mark=st.integers(0, 10),
)
def test_the_mark_goes_to_just_before_the_first_number_that_may_still_come(
    stored: set[int], gone: list[tuple[int, int]], mark: int
) -> None:
    never = {number for first, last in gone for number in range(first, last + 1)}

    moved_to, lost = walk(mark, stored, gone)

    passed = set(range(mark + 1, moved_to + 1))
    assert passed <= stored | never
    assert moved_to + 1 not in stored | never
    assert lost == len(passed - stored)
