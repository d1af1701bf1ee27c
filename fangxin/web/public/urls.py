"""The addresses of the public site."""

from django.urls import path

from fangxin.web.public.complaint import complain, complaint_received
from fangxin.web.public.follow import follow
from fangxin.web.public.home import home

urlpatterns = [
    path("", home, name="home"),
    path("complain/", complain, name="complain"),
    path("complain/received/", complaint_received, name="complaint_received"),
    path("follow/", follow, name="follow"),
]
