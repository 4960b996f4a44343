"""Between simulated homes and real people nothing is ever sent, in either direction."""

import pytest

from server.notifications.rules import may_reach


@pytest.mark.parametrize(
    ("home_is_test", "person_is_test", "is_sent"),
    [(False, False, True), (True, True, True), (True, False, False), (False, True, False)],
)
def test_news_of_a_home_reach_people_of_its_own_sort(
    *, home_is_test: bool, person_is_test: bool, is_sent: bool
) -> None:
    assert may_reach(home_is_test=home_is_test, person_is_test=person_is_test) is is_sent
