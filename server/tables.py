"""Every table of the service, gathered for migrations."""

from sqlmodel import SQLModel

import server.absences.tables
import server.access.tables
import server.alerting.tables
import server.audit.tables
import server.board.tables
import server.detection.tables
import server.duty.tables
import server.enrolment.tables
import server.escalation.tables
import server.follow_up.tables
import server.handovers.tables
import server.house_rules.tables
import server.ingest.tables
import server.live.tables
import server.liveness.tables
import server.notifications.tables
import server.observations.tables
import server.overview.tables
import server.relatives.tables
import server.residents.tables
import server.rounds.tables
import server.sensitivity.tables
import server.simulations.tables
import server.visits.tables
import server.vitals.tables  # noqa: F401 - importing is what registers them

METADATA = SQLModel.metadata
