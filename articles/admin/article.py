"""Articles in the newsroom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from articles.admin.body import BodyWidget
from articles.admin.permissions import PUBLISH_ANY, may_change, may_publish, own
from articles.admin.transitions import TRANSITIONS, take_all
from articles.models import Article, Credit, FrontSlot, SeriesEntry
from articles.publishing import save_edited
from articles.querysets import HEAVY_FIELDS
from articles.search.index import index_article
from articles.slugs import slug_for
from magazine.public_pages import forget_public_pages_on_commit

STATUS_COLOURS = {
    "draft": "info",
    "in_review": "warning",
    "scheduled": "warning",
    "published": "success",
    "unpublished": "danger",
    "trashed": "danger",
}


class CreditInline(TabularInline):
    """Who made the article."""

    model = Credit
    fields = ("person", "role", "position")
    autocomplete_fields = ("person",)
    ordering_field = "position"
    hide_ordering_field = True
    extra = 0
    tab = True


class SeriesEntryInline(TabularInline):
    """The series an article is part of."""

    model = SeriesEntry
    fields = ("series", "position")
    autocomplete_fields = ("series",)
    extra = 0
    tab = True


class FrontSlotInline(StackedInline):
    """The article's place on the front page."""

    model = FrontSlot
    fields = ("rank", "position")
    extra = 0
    tab = True


class ArticleForm(forms.ModelForm):
    """An article as the newsroom edits it."""

    class Meta:
        model = Article
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        widgets = {"body": BodyWidget}

    def clean_slug(self) -> str:
        """Return the slug, made from the title when left empty; the row's own checks want one."""
        slug, title = self.cleaned_data["slug"], self.cleaned_data.get("title")
        if slug or not title:
            return slug
        others = Article.objects.exclude(pk=self.instance.pk)
        return slug_for(title, taken=lambda candidate: others.filter(slug=candidate).exists())


class MomentForm(forms.Form):
    """When a scheduled article is to appear."""

    at = forms.SplitDateTimeField(label=_("Date and time"), widget=UnfoldAdminSplitDateTimeWidget)


@admin.register(Article)
class ArticleAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Articles: write, review, publish."""

    form = ArticleForm
    list_display = ("headline", "status_label", "kind", "section", "names", "published_at", "comment_count", "popularity")
    list_filter = ("status", "kind", "section", "access", ("published_at", RangeDateFilter), "language")
    list_filter_submit = True
    list_select_related = ("section",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "slug", "standfirst", "credits__person__name")
    date_hierarchy = "published_at"
    ordering = ("-saved_at",)
    actions = ("submit_selected", "publish_selected", "unpublish_selected", "bin_selected")
    inlines = (CreditInline, SeriesEntryInline, FrontSlotInline)
    autocomplete_fields = ("section", "tags", "lead_image", "social_image", "translation_of", "call_to_action")
    readonly_fields = ("way", "words", "reading_minutes")
    warn_unsaved_form = True
    compressed_fields = False
    change_form_template = "admin/articles/article/change_form.html"
    fieldsets = (
        (None, {"fields": ("way", "title", "standfirst", "body")}),
        (
            _("Place and time"),
            {
                "classes": ["tab"],
                "fields": (
                    ("kind", "section"),
                    "tags",
                    ("language", "translation_of"),
                    "access",
                    "premium_from",
                    "free_from",
                    "call_to_action",
                    "slug",
                    "published_at",
                    "updated_at",
                    "first_published_at",
                    ("words", "reading_minutes"),
                    "pronunciation",
                ),
            },
        ),
        (_("Lead picture"), {"classes": ["tab"], "fields": ("lead_image", "lead_alt", "lead_caption", "lead_credit")}),
        (
            _("Search engines and social media"),
            {
                "classes": ["tab"],
                "fields": (
                    "seo_title",
                    "seo_description",
                    "social_title",
                    "social_description",
                    "social_image",
                    "canonical_url",
                    "is_hidden_from_search_engines",
                ),
            },
        ),
    )

    # Who

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Return what somebody may see here: without the right to publish, their own."""
        articles = super().get_queryset(request).prefetch_related("credits__person")
        if request.resolver_match and request.resolver_match.url_name == "articles_article_changelist":
            articles = articles.defer(*HEAVY_FIELDS)
        return articles if request.user.has_perm(PUBLISH_ANY) else own(articles, request.user)

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Say whether somebody may edit; with an article, that one."""
        return super().has_change_permission(request, obj) and (obj is None or may_change(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Say whether an article may be deleted for good: from the bin only."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.status == Article.Status.TRASHED)

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> tuple[str, ...]:
        """Keep the dates of publication from those who may not publish."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is None or not may_publish(obj, request.user):
            return (*fields, "published_at", "first_published_at")
        return fields

    # Saving

    def save_model(self, request: HttpRequest, obj: Article, form: forms.ModelForm, change: bool) -> None:
        """Save a revision; a changed address leaves a redirect."""
        if change:
            _keep_place(obj, form)
        save_edited(obj, old_slug=form.initial.get("slug", "") if change else "")

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """Save what belongs to the article, and let the search know the names and tags."""
        super().save_related(request, form, formsets, change)
        article = Article.objects.get(pk=form.instance.pk)
        if not change and not article.credits.exists() and hasattr(request.user, "byline"):
            Credit.objects.create(article=article, person=request.user.byline)
        index_article(article)
        forget_public_pages_on_commit()

    # Revisions: simple_history asks for them past get_queryset, and takes what is sent from whoever may look.

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the revisions of an article to those who may see it."""
        self._of_history(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a revision to those who may see the article, and let those bring it back who may change it."""
        article = self._of_history(request, object_id)
        if request.method == "POST" and not self.has_change_permission(request, article):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _of_history(self, request: HttpRequest, object_id: str) -> Article:
        """Return the article whose revisions are asked for. Raises Http404 for one that this person doesn't see, or that is gone."""
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        return article

    # What the list shows

    @display(description=_("article"), header=False, ordering="title")
    def headline(self, article: Article) -> SafeString:
        """Return the title, and whether it is on the front page."""
        return format_html("<strong>{}</strong>", article.title)

    @display(description=_("status"), label=STATUS_COLOURS, ordering="status")
    def status_label(self, article: Article) -> tuple[str, str]:
        """Return the status in its colour."""
        return article.status, article.get_status_display()

    @display(description=_("by"))
    def names(self, article: Article) -> str:
        """Return the authors."""
        return ", ".join(person.name for person in article.authors)

    @display(description=_("where it is"))
    def way(self, article: Article) -> SafeString | str:
        """Return the status, with a link to the page as readers or the newsroom see it."""
        if article.pk is None:
            return Article.Status.DRAFT.label
        return format_html(
            '<strong>{}</strong> · <a class="text-primary-600" href="{}">{}</a> · <a class="text-primary-600" href="{}?as=anybody">{}</a>',
            article.get_status_display(),
            article.get_absolute_url(),
            _("See the page"),
            article.get_absolute_url(),
            _("as a stranger"),
        )

    # Steps

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks before a step."""
        step = path("<path:object_id>/step/<slug:name>/", self.admin_site.admin_view(self.step_view), name="articles_article_step")
        return [step, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form with the steps that can be taken from here."""
        article = self.get_object(request, object_id)
        steps = [step for step in TRANSITIONS.values() if article is not None and step.is_offered(article, request.user)]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "steps": steps})

    def step_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask before a step, and take it on POST."""
        article, step = self.get_object(request, object_id), TRANSITIONS.get(name)
        if article is None or step is None:
            raise Http404
        form = (
            MomentForm(request.POST if request.method == "POST" else None, initial={"at": article.published_at})
            if step.needs_moment
            else None
        )
        if request.method == "POST" and (form is None or form.is_valid()):
            arguments = form.cleaned_data if form is not None else {}
            take_all(request, step, [article], request.user, **arguments)  # type: ignore[arg-type]
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
        return self._ask(request, step, [article], form=form)

    @admin.action(description=_("Submit for review"))
    def submit_selected(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        """Submit the selected articles."""
        return self._step_for_selected(request, "submit", queryset)

    @admin.action(description=_("Publish"))
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        """Publish the selected articles."""
        return self._step_for_selected(request, "publish", queryset)

    @admin.action(description=_("Unpublish"))
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        """Take the selected articles from readers."""
        return self._step_for_selected(request, "unpublish", queryset)

    @admin.action(description=_("Move to the bin"))
    def bin_selected(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        """Put the selected articles in the bin."""
        return self._step_for_selected(request, "bin", queryset)

    def _step_for_selected(self, request: HttpRequest, name: str, queryset: QuerySet[Article]) -> HttpResponse | None:
        """Ask before a step with several articles; the answer comes back as the same action."""
        if "confirmed" in request.POST:
            take_all(request, TRANSITIONS[name], queryset, request.user)  # type: ignore[arg-type]
            return None
        return self._ask(request, TRANSITIONS[name], list(queryset), action=f"{name}_selected")

    def _ask(self, request: HttpRequest, step: Any, articles: list[Article], **context: Any) -> HttpResponse:
        """Show the question."""
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "step": step, "articles": articles, "title": step.label}
        return TemplateResponse(request, "admin/articles/article/step.html", context)


def _keep_place(article: Article, form: forms.ModelForm) -> None:
    """Leave an article where it is on its way: that moves by steps only, not by bringing back a revision of another day."""
    stored = Article.objects.only("status", "published_at", "first_published_at").get(pk=article.pk)
    article.status = stored.status
    for name in ("published_at", "first_published_at"):
        if name not in form.fields:
            setattr(article, name, getattr(stored, name))
    if article.status in (Article.Status.PUBLISHED, Article.Status.SCHEDULED):
        article.published_at = article.published_at or stored.published_at
