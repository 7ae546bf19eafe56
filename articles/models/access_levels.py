"""Who an article is for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Access(models.TextChoices):
    """The levels of access, from the openest."""

    FREE = "free", _("free")
    REGISTERED = "registered", _("registered readers")
    METERED = "metered", _("metered")
    PREMIUM = "premium", _("premium")
