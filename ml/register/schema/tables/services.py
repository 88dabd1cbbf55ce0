"""Which employment services a jobseeker has had."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.column import RegisterColumn, Table, ValueType, Words
from ml.register.schema.tables.shared import EVERYWHERE, end, end_entered, entered, identity_code, start, uses

SERVICE_KINDS = {
    "job_coaching": Words("job coaching", "työhönvalmennus", "jobbcoachning"),
    "training": Words("labour-market training", "työvoimakoulutus", "arbetskraftsutbildning"),
    "start_up_grant": Words("start-up grant", "starttiraha", "startpeng"),
    "self_motivated_study": Words("self-motivated study", "omaehtoinen opiskelu", "frivilliga studier"),
    "wage_subsidy": Words("wage-subsidised work", "palkkatuettu työ", "lönesubventionerat arbete"),
    "work_trial": Words("work trial", "työkokeilu", "arbetsprövning"),
    "rehabilitative_work": Words(
        "rehabilitative work", "kuntouttava työtoiminta", "arbetsverksamhet i rehabiliteringssyfte"
    ),
    "guidance_centre": Words("guidance centre for the young", "Ohjaamo", "Navigatorn"),
}
SERVICE_ENDINGS = {
    "completed": Words("completed", "suoritettu loppuun", "slutförd"),
    "interrupted": Words("interrupted", "keskeytynyt", "avbruten"),
    "found_work": Words("ended because work was found", "päättynyt työllistymiseen", "avslutad på grund av arbete"),
}

SERVICES = Table(
    name="services",
    words=Words(
        "Employment services, from the first day to the last",
        "Työllistymistä edistävät palvelut alkamis- ja päättymispäivineen",
        "Sysselsättningsfrämjande service med första och sista dag",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "kind",
            ValueType.CODE,
            Words("Service", "Palvelu", "Service"),
            roles=uses(Role.FEATURE, *EVERYWHERE),
            kind=Kind.SERVICE_CAN_CHANGE,
            codes=SERVICE_KINDS,
        ),
        start(EVERYWHERE),
        end(EVERYWHERE),
        RegisterColumn(
            "ended",
            ValueType.CODE,
            Words("How it ended", "Miten päättyi", "Hur den avslutades"),
            roles=uses(Role.FEATURE),
            kind=Kind.CONTEXT,
            required=False,
            codes=SERVICE_ENDINGS,
        ),
        entered(EVERYWHERE),
        end_entered(EVERYWHERE),
    ),
    key=("identity_code", "kind", "start"),
    happened="start",
    entered="entered",
    end="end",
    end_entered="end_entered",
)
