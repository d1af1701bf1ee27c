from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "fangxin.organisations"
    label = "organisations"
    verbose_name = "机构与人员"
