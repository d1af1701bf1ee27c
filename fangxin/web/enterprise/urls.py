"""The addresses of a company's desk."""

from django.urls import path

from fangxin.web.enterprise import (
    complaints,
    conduct,
    desk,
    evaluation,
    quarter,
    queries,
    register,
    register_check,
    register_tables,
    register_workbook,
)

urlpatterns = [
    path("", desk.desk, name="enterprise_desk"),
    path("cases/<uuid:task_id>/", desk.task, name="enterprise_task"),
    path("orders/<uuid:order_id>/", desk.order, name="enterprise_order"),
    path("register/quarter/", quarter.quarter, name="enterprise_quarter"),
    path("complaints/", complaints.complaints, name="enterprise_complaints"),
    path("complaints/<uuid:transfer_id>/", complaints.complaint, name="enterprise_complaint"),
    path("queries/", queries.queries, name="enterprise_queries"),
    path("evaluation/", evaluation.evaluation, name="enterprise_evaluation"),
    path("evaluation/<int:score_id>/objection/", evaluation.objection, name="enterprise_objection"),
    path("conduct/", conduct.overview, name="own_conduct"),
    path("conduct/bad/<uuid:record_id>/", conduct.bad_record, name="own_bad_record"),
    path("conduct/bad/<uuid:record_id>/<str:verb>/", conduct.step, name="own_bad_record_step"),
    path("conduct/good/new/", conduct.new_honour, name="declare_honour"),
    path("conduct/good/<uuid:record_id>/", conduct.good_record, name="own_good_record"),
    path("notices/", desk.notices, name="enterprise_notices"),
    path("files/<uuid:attachment_id>/", desk.attachment, name="enterprise_attachment"),
    path("register/", register.overview, name="register"),
    path("register/begin/", register.begin, name="register_begin"),
    path("register/recall/", register.recall, name="register_recall"),
    path("register/correct/", register.correct, name="register_correct"),
    path("register/tables/<slug:code>/", register_tables.table, name="register_table"),
    path("register/tables/<slug:code>/new/", register_tables.new_row, name="register_new_row"),
    path("register/tables/<slug:code>/<slug:key>/", register_tables.row, name="register_row"),
    path("register/tables/<slug:code>/<slug:key>/drop/", register_tables.drop_row, name="register_drop_row"),
    path("register/check/", register_check.check, name="register_check"),
    path("register/workbook/", register_workbook.workbook, name="register_workbook"),
    path("register/workbook/file/", register_workbook.workbook_file, name="register_workbook_file"),
    path("register/record/", register.record, name="register_record"),
    path("register/pictures/<uuid:picture_id>/", register.picture, name="register_picture"),
    path("register/declarations/<uuid:declaration_id>/", register.declaration, name="register_declaration"),
]
