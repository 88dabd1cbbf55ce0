"""What the forms of a card ask, marked for the catalogues: the questions stand in ml/governance/people, in English."""

from __future__ import annotations

from collections.abc import Mapping

from serving.language import marked

CHOICES: Mapping[str, str] = {
    "": marked("Not said yet"),
    "low": marked("low"),
    "medium": marked("medium"),
    "high": marked("high"),
    "unequal_treatment": marked("unequal treatment"),
    "privacy": marked("privacy"),
    "over_reliance": marked("caseworkers who rely on it too much"),
    "wrong_advice": marked("wrong advice"),
    "other": marked("something else"),
    "jobseekers": marked("jobseekers"),
    "jobseekers_representatives": marked("representatives of jobseekers"),
    "caseworkers": marked("caseworkers"),
    "service_managers": marked("service managers"),
    "service_providers": marked("service providers"),
    "employers": marked("employers"),
    "experts": marked("experts"),
    "others": marked("others"),
    "keeps": marked("keeps the norm"),
    "strains": marked("strains the norm"),
    "breaks": marked("breaks the norm"),
    "approve": marked("to approve"),
    "approve_with_conditions": marked("to approve with conditions"),
    "reject": marked("to reject"),
}
OTHERWISE_ASKED = {  # what a form in a file asks in its own way
    'The SHA-256 of the document; or write document = "path" and leave this empty.': marked(
        "The SHA-256 of the document, if it is at hand: sha256: and 64 hexadecimal digits."
    ),
    'The digest of the data-quality report ("sha256:…"), or why there is none.': marked(
        "The digest of the data-quality report (sha256:…), or why there is none."
    ),
}
QUESTIONS = (
    marked("The organisation that uses the model."),
    marked("The unit that had it made."),
    marked("The role or person who answers for it in use."),
    marked("Where a jobseeker can write: the address of a role, not of a person."),
    marked("Where the data comes from. The public page shows it."),
    marked("What the data was collected for, and that this use is within it."),
    marked("The law that allows this use: act, section, article of the GDPR."),
    marked("The controller of the personal data."),
    marked("What is known to be missing, late or wrong in the data, and for whom."),
    marked("What is known of how people fared in each service, and how that was looked at."),
    marked("What else than caseworkers' own choices the model was held against."),
    marked("Who watches how the model does."),
    marked("How often they look."),
    marked("What a caseworker learns before seeing a hint."),
    marked("How to stop the model at once, and who may."),
    marked("What the risk is about."),
    marked("What may go wrong, and for whom."),
    marked("How likely it is."),
    marked("How bad it would be for the person."),
    marked("What is done about it."),
    marked("Who sees to it."),
    marked("Its number in the case register, or where it is kept."),
    marked("The day on which it was accepted."),
    marked("Article 35 of the GDPR."),
    marked("Article 27 of the AI Act."),
    marked("Why no mitigation was weighed against unequal errors. Leave it empty where one was: the card shows it."),
    marked("In Finnish, as you would say it to a jobseeker."),
    marked("In Swedish."),
    marked("In English."),
    marked("The name of the person who writes this."),
    marked("The day on which it was written."),
    marked("What in this use of a model calls for an ethical look."),
    marked("Who is touched, how, and what is at stake; what data is used, and of what kind."),
    marked("The group that was heard."),
    marked("The name of the person who heard them."),
    marked("The day on which they were heard."),
    marked("What they said, also against the model."),
    marked("What was answered, or changed because of it."),
    marked("The norm."),
    marked("The name of the person who weighs."),
    marked("The day on which it was weighed."),
    marked("Duty: what is one bound to do or not to do? May be left empty, if another says something."),
    marked("Consequences: what comes of it, and for whom? May be left empty."),
    marked("Virtue: what would a good official do? May be left empty."),
    marked("Does the model keep the norm, strain it, or break it?"),
    marked("The name of the person who recommends."),
    marked("The day of the recommendation."),
    marked("What is recommended."),
    marked("Why."),
)
