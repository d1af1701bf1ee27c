"""The addresses of the office."""

from django.urls import path

from fangxin.web.office import case, desk, files, identity, intake, notices

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("cases/", desk.case_list, name="case_list"),
    path("cases/dispatch/", desk.dispatch_chosen, name="dispatch_chosen"),
    path("cases/<str:number>/", case.page, name="case"),
    path("cases/<str:number>/files/<uuid:attachment_id>/", files.attachment, name="attachment"),
    path("cases/<str:number>/identity/ask/", identity.ask, name="ask_for_identity"),
    path("cases/<str:number>/identity/", identity.look, name="open_identity"),
    path("cases/<str:number>/identity/<uuid:opening>/consent/", identity.consent, name="consent_to_identity"),
    path("cases/<str:number>/<str:verb>/", case.step, name="case_step"),
    path("intake/", intake.enter, name="intake"),
    path("filters/", desk.keep_filter, name="keep_filter"),
    path("notices/", notices.mine, name="notices"),
]
