"""The models of the magazine's content, by noun."""

from articles.models.article import Article, Credit
from articles.models.calls import CallToAction
from articles.models.files import File
from articles.models.front import FrontSlot
from articles.models.gifts import GiftLink
from articles.models.imported import ImportedItem
from articles.models.institutions import Institution, InstitutionDomain, InstitutionNetwork
from articles.models.media import Image, Rendition
from articles.models.metering import AnonymousMeter, MeteredRead, MeterNetwork
from articles.models.people import Person
from articles.models.private_feeds import PrivateFeed, PrivateFeedNetwork
from articles.models.reading import DailyReads, PaywallSettings
from articles.models.redirect import Redirect
from articles.models.saved import SavedArticle
from articles.models.taxonomy import Section, SectionPlan, Series, SeriesEntry, Tag

__all__ = [
    "AnonymousMeter",
    "Article",
    "CallToAction",
    "Credit",
    "DailyReads",
    "File",
    "FrontSlot",
    "GiftLink",
    "Image",
    "ImportedItem",
    "Institution",
    "InstitutionDomain",
    "InstitutionNetwork",
    "MeterNetwork",
    "MeteredRead",
    "PaywallSettings",
    "Person",
    "PrivateFeed",
    "PrivateFeedNetwork",
    "Redirect",
    "Rendition",
    "SavedArticle",
    "Section",
    "SectionPlan",
    "Series",
    "SeriesEntry",
    "Tag",
]
