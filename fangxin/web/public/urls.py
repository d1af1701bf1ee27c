"""The addresses of the public site."""

from django.urls import path

from fangxin.web.public import agency_complaint, query, rules
from fangxin.web.public.claim import claim, claim_followed, claim_received
from fangxin.web.public.complaint import complain, complaint_received
from fangxin.web.public.evaluation import evaluation, evaluations
from fangxin.web.public.follow import follow
from fangxin.web.public.home import home
from fangxin.web.public.publicity import feed, publicity, records_file
from fangxin.web.public.register import agencies, agency, agency_picture, brokers, coverage
from fangxin.web.public.register_files import agencies_file, register_file
from fangxin.web.public.sitemap import sitemap, sitemap_part
from fangxin.web.public.verify import verify

urlpatterns = [
    path("", home, name="home"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemap_part, name="sitemap_part"),
    path("complain/", agency_complaint.where, name="complain_where"),
    path("complain/beijing/", complain, name="complain"),
    path("complain/fujian/", agency_complaint.complain, name="complain_about_agency"),
    path("complain/received/", complaint_received, name="complaint_received"),
    path("follow/", follow, name="follow"),
    path("complain/published/", agency_complaint.published, name="published_complaints"),
    path("agencies/", agencies, name="agencies"),
    path("agencies/search.csv", agencies_file, name="agencies_file"),
    path("agencies/coverage/", coverage, name="coverage"),
    path("agencies/pictures/<uuid:picture_id>/", agency_picture, name="agency_picture"),
    path("agencies/files/<str:table>.csv", register_file, name="public_register_file"),
    path("agencies/claim/", claim, name="claim"),
    path("agencies/claim/received/", claim_received, name="claim_received"),
    path("agencies/claim/follow/", claim_followed, name="follow_claim"),
    path("agencies/<str:code>/", agency, name="agency"),
    path("publicity/", publicity, name="publicity"),
    path("publicity/feed.atom", feed, name="publicity_feed"),
    path("publicity/records.csv", records_file, name="publicity_file"),
    path("evaluation/", evaluations, name="evaluations"),
    path("evaluation/<uuid:round_id>/", evaluation, name="evaluation_round"),
    path("brokers/", brokers, name="brokers"),
    path("query/", query.follow, name="authorised_query"),
    path("query/apply/", query.apply, name="apply_for_query"),
    path("query/received/", query.received, name="query_received"),
    path("query/result/", query.result, name="query_result"),
    path("query/result.pdf", query.sheet, name="query_sheet"),
    path("verify/", verify, name="verify"),
    path("rules/", rules.rules, name="management_rules"),
    path("rules/<str:topic>/", rules.rule, name="management_rule"),
]
