"""Whom a message may reach. Pure."""

# Written at a message that was not sent, and in the audit.
ACROSS = "refused: it would cross between simulated homes and real people"


def may_reach(*, home_is_test: bool, person_is_test: bool) -> bool:
    """Return whether news of a home may go to a person: of test homes to test people only, of real homes to real ones.

    The last guard, whoever queued the message and for whatever reason.
    """
    return home_is_test == person_is_test
