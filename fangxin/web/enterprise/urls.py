"""The addresses of a company's desk."""

from django.urls import path

from fangxin.web.enterprise import desk

urlpatterns = [
    path("", desk.desk, name="enterprise_desk"),
    path("cases/<uuid:task_id>/", desk.task, name="enterprise_task"),
    path("orders/<uuid:order_id>/", desk.order, name="enterprise_order"),
    path("notices/", desk.notices, name="enterprise_notices"),
    path("files/<uuid:attachment_id>/", desk.attachment, name="enterprise_attachment"),
]
