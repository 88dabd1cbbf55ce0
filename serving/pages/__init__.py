"""Pages for people: caseworkers, reviewers, managers, and whom it all is about. On the rules of the API, and no others."""
