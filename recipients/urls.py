"""Login, companies, cards. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from recipients.views import cards, session

app_name = "recipients"
urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
    # Cards
    path("c/<slug:company>/customers/<uuid:pk>/", cards.customer, name="customer"),
    path("c/<slug:company>/organisations/<uuid:pk>/", cards.organisation, name="organisation"),
]
