"""Addresses of articles."""

from django.urls import path, re_path

import articles.converters  # noqa: F401 - registers uslug
from articles.views import archives, article, contact, crawlers, feeds, files, front, gifts, lists, private_feeds, saving, search, unlocking

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
    path("search/", search.search, name="search"),
    path("feed/", feeds.rss, name="feed"),
    path("feed.json", feeds.json_feed, name="feed_json"),
    path("category/<slug:slug>/feed/", feeds.section, name="section_feed"),
    path("tag/<slug:slug>/feed/", feeds.tag, name="tag_feed"),
    path("author/<slug:slug>/feed/", feeds.person, name="person_feed"),
    path("series/<slug:slug>/feed/", feeds.series, name="series_feed"),
    path("sitemap.xml", crawlers.sitemap_index, name="sitemap"),
    re_path(r"^sitemap-articles-(?P<part>0|[1-9][0-9]{0,8})\.xml$", crawlers.sitemap_part, name="sitemap_part"),
    path("sitemap-lists.xml", crawlers.sitemap_lists, name="sitemap_lists"),
    path("news-sitemap.xml", crawlers.news_sitemap, name="news_sitemap"),
    path("contact/", contact.contact, name="contact"),
    path("robots.txt", crawlers.robots, name="robots"),
    # Gifts and feeds of one's own
    path("feed/private/<str:token>/", private_feeds.feed, name="private_feed"),
    path("account/feed/", private_feeds.address, name="private_feed_address"),
    path("account/feed/stop/", private_feeds.stop, name="stop_private_feed"),
    path("gift/<str:token>/", gifts.gift, name="gift"),
    path("account/gifts/", gifts.given, name="gifts"),
    path("account/gifts/<int:pk>/revoke/", gifts.revoke, name="revoke_gift"),
    path("account/saved/", saving.saved, name="saved"),
    path("files/<uuid:key>/<str:name>", files.file, name="file"),
    # Articles: last, because an article's slug is the first segment of its address.
    path("<uslug:slug>/card.jpg", article.card, name="card"),
    path("<uslug:slug>/unlock/", unlocking.unlock, name="unlock"),
    path("<uslug:slug>/save/", saving.save, name="save"),
    path("<uslug:slug>/", article.article, name="article"),
]
