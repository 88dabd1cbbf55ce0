"""Who is asking: an OpenID Connect provider's tokens, sign-in on the pages, and the sessions that follow from it.

provider.Provider      header Authorization → Identity (API)
sign_in.SignIn         browser → provider → Identity (pages)
sessions.SqlSessions   Identity → session, and back
demo.DemoUsers         header Authorization → Identity, in a demonstration
"""
