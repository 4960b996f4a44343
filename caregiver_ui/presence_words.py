"""The words for where the resident is. For staff only: a relative is never told this."""

from datetime import datetime, tzinfo

from caregiver_ui.language import Speech
from caregiver_ui.words import in_room
from models.presence import Present, Where


def presence_words(speech: Speech, present: Present, zone: tzinfo, now: datetime) -> str:
    """Return where the resident is, and since when. `zone`: the home's."""
    if present.where is Where.UNKNOWN or present.since is None:
        return speech.gettext("Where the resident is now is not known.")
    moment = speech.moment(present.since, zone, now)
    texts = {
        Where.IN_BED: speech.gettext("In bed since {moment}."),
        Where.IN_BATHROOM: speech.gettext("In the bathroom since {moment}."),
        Where.AT_HOME: speech.gettext("At home{where} since {moment}."),
        Where.OUT: speech.gettext("Probably out since {moment}."),
    }
    return texts[present.where].format(moment=moment, where=in_room(speech, present.room))
