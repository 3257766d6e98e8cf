"""Login, companies, cards. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from recipients.views import card_parts, cards, directory, merging, methods, session

app_name = "recipients"
urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
    # The directory: each kind of card has the same pages
    *(
        path(f"c/<slug:company>/{kind}s/{rest}", view, {"kind": kind}, name=name.replace("#", kind))
        for kind in ("customer", "organisation")
        for rest, view, name in (
            ("", directory.cards, "#s"),
            ("new/", card_parts.new, "new_#"),
            ("methods/", methods.change, "#_methods"),
            ("<uuid:pk>/", cards.distribution, "#"),
            ("<uuid:pk>/details/", card_parts.details, "#_details"),
            ("<uuid:pk>/history/", card_parts.history, "#_history"),
            ("<uuid:pk>/merge/", merging.merge, "#_merge"),
            ("<uuid:pk>/delete/", card_parts.delete, "#_delete"),
        )
    ),
    path(
        "c/<slug:company>/organisations/<uuid:pk>/references/",
        cards.references,
        {"kind": "organisation"},
        name="organisation_references",
    ),
    path(
        "c/<slug:company>/organisations/<uuid:pk>/people/",
        card_parts.people,
        {"kind": "organisation"},
        name="organisation_people",
    ),
]
