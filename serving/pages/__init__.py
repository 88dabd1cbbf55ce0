"""Pages for people: caseworkers, reviewers, managers, jobseekers; on the rules of the API, and no others."""
