"""Login, the person, the company, its members, cards. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from recipients.views import (
    card_parts,
    cards,
    company,
    directory,
    factors,
    guide,
    members,
    merging,
    methods,
    passwords,
    profile,
    saved_views,
    session,
)

app_name = "recipients"
urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.login, name="login"),
    path("login/code/", session.second_step, name="second_step"),
    path("login/passkey/", session.passkey_login, name="passkey_login"),
    path("confirm/", session.confirm, name="confirm"),
    path("logout/", session.logout, name="logout"),
    path("password/", passwords.password, name="password"),
    path("password/<uidb64>/<token>/", passwords.ChoosePassword.as_view(), name="choose_password"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.profile_password, name="profile_password"),
    path("profile/sessions/", profile.profile_sessions, name="profile_sessions"),
    path("profile/app/", factors.app, name="profile_app"),
    path("profile/passkeys/new/", factors.passkey, name="profile_passkey"),
    path("profile/codes/", factors.codes, name="profile_codes"),
    path("profile/factors/<int:pk>/remove/", factors.remove, name="profile_factor_remove"),
    path("help/", guide.guide, name="help"),
    # The company
    path("c/<slug:company>/settings/company/", company.company, name="company"),
    path("c/<slug:company>/members/", members.members, name="members"),
    path("c/<slug:company>/members/second-factor/", members.members_factor, name="members_factor"),
    path("c/<slug:company>/members/invite/", members.invite, name="invite"),
    path("c/<slug:company>/members/<uuid:pk>/", members.member, name="member"),
    path("c/<slug:company>/members/<uuid:pk>/link/", members.member_link, name="member_link"),
    path("c/<slug:company>/members/<uuid:pk>/remove/", members.member_remove, name="member_remove"),
    path("c/<slug:company>/leave/", members.leave, name="leave"),
    # Saved views of its lists
    path("c/<slug:company>/views/", saved_views.views, name="views"),
    path("c/<slug:company>/views/new/", saved_views.view_new, name="view_new"),
    path("c/<slug:company>/views/<uuid:pk>/", saved_views.view, name="view"),
    path("c/<slug:company>/views/<uuid:pk>/delete/", saved_views.view_delete, name="view_delete"),
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
