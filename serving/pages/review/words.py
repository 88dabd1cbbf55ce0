"""What the review calls by a key or says in English, as people read it on its pages."""

from __future__ import annotations

from collections.abc import Mapping

from ml.governance.desk import CLOCK, WITNESS
from ml.governance.review.conditions import AUDIT, RETRAIN, TASK
from ml.governance.review.openings import CARD, KEY, ROLE, STATE
from ml.governance.review.states import Step
from ml.governance.signing.role import Role
from serving.language import Language, marked

STEPS: Mapping[str, str] = {  # on a button
    Step.SUBMIT: marked("Submit for review"),
    Step.RETURN: marked("Return for correction"),
    Step.ASSESS: marked("Assess"),
    Step.APPROVE: marked("Approve"),
    Step.REJECT: marked("Reject"),
    Step.FULFIL: marked("Show that a condition is met"),
    Step.REVOKE: marked("Withdraw the approval"),
}
MEANING: Mapping[str, str] = {
    Step.SUBMIT: marked(
        "You hand the version to review and become its author. Assessing and approving are then for others."
    ),
    Step.RETURN: marked(
        "The version becomes a draft again and can be corrected. If it was approved, its approval ends at once."
    ),
    Step.ASSESS: marked(
        "You say that the card is complete and that the ethical dialogue was held. Its author cannot say so."
    ),
    Step.APPROVE: marked(
        "You let the version be used for hints, until a day and on conditions. A third person does this: neither its "
        "author nor who assessed it."
    ),
    Step.REJECT: marked("The version is refused for good. A corrected model is trained anew, as a new version."),
    Step.FULFIL: marked("You say how a task that the approval asks for was done."),
    Step.REVOKE: marked("The version is out of use within seconds: no more hints are made with it."),
}
TAKEN: Mapping[str, str] = {  # in the history, and after a step
    Step.SUBMIT: marked("Submitted for review"),
    Step.RETURN: marked("Returned for correction"),
    Step.ASSESS: marked("Assessed"),
    Step.APPROVE: marked("Approved"),
    Step.REJECT: marked("Rejected"),
    Step.FULFIL: marked("Shown that a condition is met"),
    Step.REVOKE: marked("Approval withdrawn"),
}
ROLES: Mapping[str, str] = {
    Role.AUTHOR: marked("author"),
    Role.ASSESSOR: marked("assessor"),
    Role.APPROVER: marked("approver"),
}
PERMISSION, NOBODY, NO_KEY = "permission", "nobody", "no_key"
RULES: Mapping[str, str] = {  # why a step is closed, or what is wrong with its answers
    STATE: marked("This step is not open as the version stands now."),
    ROLE: marked("Your role in the trust file does not include this step."),
    KEY: marked("None of your signing keys is valid today."),
    CARD: marked("The model card cannot be read."),
    CLOCK: marked("The clock of the service was set back; whoever runs it must set it right first."),
    WITNESS: marked(
        "The review log cannot be held against what MLflow remembers of it. Only a withdrawal is taken now."
    ),
    PERMISSION: marked("Your role here does not include this step."),
    NOBODY: marked("Your account is nobody's in the trust file, so your signature does not count."),
    NO_KEY: marked("Your signing key is not kept on this server."),
    "not_author": marked("You submitted this version or trained it; somebody else must take this step."),
    "not_assessor": marked("You assessed this version; somebody else must approve it."),
    "reasons": marked("Say why, in at least three words."),
    "documented": marked("The model card has gaps that its author must fill first."),
    "complete": marked("The model card has gaps that must be filled first."),
    "whole": marked("A file of the model card is not as it was made."),
    "same_policy": marked("The card was judged by another policy than the one in force; train the model again."),
    "as_assessed": marked("The model, its card or the policy has changed since the assessment."),
    "understood": marked("Say it in your own words, in at least one whole sentence."),
    "deviations_accepted": marked("Each deviation from the policy needs a written acceptance."),
    "failures_accepted": marked("Each failing finding needs a written acceptance, and a condition with a day."),
    "watched": marked("This condition cannot be asked for as it is written."),
    "ends_in_time": marked("The last day is in the past, or later than the policy allows."),
    "supersedes": marked("Another version was approved meanwhile."),
    "is_condition": marked("There is no condition that can be shown as met here."),
}
KINDS: Mapping[str, str] = {
    RETRAIN: marked("train a newer version"),
    AUDIT: marked("audit again, of newer people"),
    TASK: marked("do something else"),
}
VERDICTS: Mapping[str, str] = {
    "fail": marked("outside the limits"),
    "insufficient": marked("too little evidence to say"),
    "pass": marked("within the limits"),
}
SECTIONS: Mapping[str, str] = {  # of a card that people fill in
    "mitigation": marked("What was weighed against unequal errors"),
    "made_by": marked("Who made it and who answers for it"),
    "data": marked("The data"),
    "inputs": marked("Why each input is needed"),
    "oversight": marked("Human oversight"),
    "risks": marked("Risks"),
    "impact": marked("Impact assessments"),
    "dialogue": marked("The ethical dialogue"),
    "notice": marked("What was noticed"),
    "description": marked("What it is about"),
    "heard": marked("Who was heard"),
    "weighing": marked("Each norm, weighed"),
    "recommendation": marked("What is recommended"),
}
METRICS: Mapping[str, str] = {
    "selection_rate": marked("Share flagged"),
    "false_positive_rate": marked("Flagged in vain"),
    "false_negative_rate": marked("Missed"),
    "precision": marked("Right when flagged"),
    "calibration_gap": marked("Predicted beside observed share"),
    "calibration_intercept": marked("Calibration, intercept"),
    "auc": marked("How well people are told apart (AUC)"),
    "direct_use": marked("Is an input of the model"),
    "agreement": marked("Agreement with caseworkers"),
    "answer_skills": marked("Answer: skills and career guidance"),
    "answer_rehabilitation": marked("Answer: work-rehabilitative services"),
    "answer_integration": marked("Answer: integration services"),
    "answer_interview_first": marked("Answer: interview first"),
}
SCOPES: Mapping[str, str] = {
    "attribute": marked("Each group of one attribute"),
    "intersection": marked("Groups of two attributes together"),
    "searched": marked("The worst off of three attributes"),
    "cut": marked("Each group at other cuts"),
    "landmark": marked("Each group by how long people had been unemployed"),
    "period": marked("Each group by quarter"),
}
WHY: Mapping[str, str] = {  # as the audit says it
    "the interval reaches across a limit": marked("The interval reaches across a limit."),
    "too few people": marked("There are too few people."),
    "the interval has no end": marked("The interval has no end."),
    "by the exact counts, which are not shown": marked("By the exact counts, which are not shown."),
    "the interval of the exact counts, which is not shown, reaches across a limit": marked(
        "The interval of the exact counts, which is not shown, reaches across a limit."
    ),
    "may be chance, of so many that were compared": marked("It may be chance, of so many that were compared."),
}


def word_of(words: Mapping[str, str], key: str, language: Language) -> str:
    """Return the words of a key; the key itself, in plain letters, where it is of a newer model than these words."""
    return language.gettext(words[key]) if key in words else key.replace("_", " ")
