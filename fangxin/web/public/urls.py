"""The addresses of the public site."""

from django.urls import path

from fangxin.web.public.complaint import complain, complaint_received
from fangxin.web.public.follow import follow
from fangxin.web.public.home import home
from fangxin.web.public.register import agencies, agency, agency_picture, brokers, coverage
from fangxin.web.public.register_files import agencies_file, register_file

urlpatterns = [
    path("", home, name="home"),
    path("complain/", complain, name="complain"),
    path("complain/received/", complaint_received, name="complaint_received"),
    path("follow/", follow, name="follow"),
    path("agencies/", agencies, name="agencies"),
    path("agencies/search.csv", agencies_file, name="agencies_file"),
    path("agencies/coverage/", coverage, name="coverage"),
    path("agencies/pictures/<uuid:picture_id>/", agency_picture, name="agency_picture"),
    path("agencies/files/<str:table>.csv", register_file, name="public_register_file"),
    path("agencies/<str:code>/", agency, name="agency"),
    path("brokers/", brokers, name="brokers"),
]
