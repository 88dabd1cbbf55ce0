"""Service needs: a rule for integration first, then which of three entities caseworkers would choose.

Nothing here has a parameter that could receive a protected attribute, but for the rule, which reads whether an
integration plan is in force: the law names it, and no score sees it.
"""
