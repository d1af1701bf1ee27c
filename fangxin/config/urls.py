"""Every address of the platform."""

from django.urls import include, path

from fangxin.web import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("fangxin.web.sign_in_urls")),
    path("", include("fangxin.web.public.urls")),
    path("enterprise/", include("fangxin.web.enterprise.urls")),
    path("office/", include("fangxin.web.office.urls")),
    path("api/v1/", include("fangxin.web.api.urls")),
]
handler400 = "fangxin.web.errors.bad_request"
handler403 = "fangxin.web.errors.forbidden"
handler404 = "fangxin.web.errors.not_found"
handler500 = "fangxin.web.errors.broken"
