"""Login, companies, cards. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from recipients.views import session

app_name = "recipients"
urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
]
