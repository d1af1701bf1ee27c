"""Where sign-in and its like are reached."""

from django.urls import path

from fangxin.web import sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("password/", sign_in.change_password, name="change_password"),
    path("password/set/<str:uid>/<str:token>/", sign_in.set_password, name="set_password"),
    path("memberships/", sign_in.switch_membership, name="switch_membership"),
]
