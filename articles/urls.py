"""Addresses of articles."""

from django.urls import path, re_path, register_converter

from articles.converters import UnicodeSlugConverter
from articles.views import archives, article, front, lists

register_converter(UnicodeSlugConverter, "uslug")

app_name = "articles"
urlpatterns = [
    path("", front.front, name="front"),
    # Lists
    path("category/<slug:slug>/", lists.section, name="section"),
    path("tag/<slug:slug>/", lists.tag, name="tag"),
    path("author/<slug:slug>/", lists.person, name="person"),
    path("series/", lists.series_index, name="series_index"),
    path("series/<slug:slug>/", lists.series, name="series"),
    path("popular/", lists.popular, name="popular"),
    path("archive/", archives.archive, name="archive"),
    re_path(r"^archive/(?P<year>[0-9]{4})/$", archives.year, name="archive_year"),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])/$", archives.month, name="archive_month"),
    # Search, feeds and sitemaps
    # Articles: last, because an article's slug is the first segment of its address.
    path("<uslug:slug>/card.jpg", article.card, name="card"),
    path("<uslug:slug>/", article.article, name="article"),
]
