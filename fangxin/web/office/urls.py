"""The addresses of the office."""

from django.urls import path

from fangxin.web.gallery import gallery
from fangxin.web.office import audit, case, companies, desk, files, identity, imports, intake, notices, people, rulebook

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
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<uuid:run_id>/", imports.import_run, name="import_run"),
    path("imports/<uuid:run_id>/report/", imports.import_report, name="import_report"),
    path("companies/", companies.companies, name="companies"),
    path("companies/new/", companies.new_company, name="new_company"),
    path("companies/<int:company_id>/", companies.company, name="company"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:membership_id>/end/", people.end_membership, name="end_membership"),
    path("filters/", desk.keep_filter, name="keep_filter"),
    path("notices/", notices.mine, name="notices"),
    path("rulebook/", rulebook.index, name="rulebook"),
    path("rulebook/books/<str:name>/<str:chapter>/", rulebook.chapter, name="rulebook_chapter"),
    path("rulebook/calendar/<int:year>/", rulebook.year, name="rulebook_year"),
    path("rulebook/violations/", rulebook.violations, name="violations"),
    path("rulebook/interpretations/", rulebook.interpretations, name="rulebook_interpretations"),
    path("rulebook/sources/<str:key>/", rulebook.source, name="rulebook_source"),
    path("rulebook/workflow/", rulebook.workflow, name="rulebook_workflow"),
    path("audit/", audit.looks, name="audit"),
    path("audit/export/", audit.export, name="audit_export"),
    path("audit/people/<int:user_id>/", audit.doings, name="audit_doings"),
    path("gallery/", gallery, name="gallery"),
]
