"""What every page on which a reader changes their subscription has in common."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Subscription
from billing.running import NothingRunningError, UnsettledError, running_subscription
from billing.stripe_client import StripeCallError
from billing.views.selling import RETRY_SECONDS

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def for_subscribers(view: View) -> View:
    """Let a view be for signed-in readers whose subscription runs, and answer in words what may go wrong in it."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NothingRunningError as error:
            raise Http404 from error
        except UnsettledError:
            messages.info(request, _("This can’t be done at the moment: look below for what is under way with your subscription."))
            return redirect("billing:account")
        except StripeCallError as error:
            logger.warning("A change of reader %s failed: %s", request.user.pk, error)
            response = render(request, "billing/change_unavailable.html", status=503)
            response.headers["Retry-After"] = str(RETRY_SECONDS)
            return response

    return guarded


def reader_of(request: HttpRequest) -> User:
    """Return who is signed in."""
    if not isinstance(request.user, User):
        raise TypeError("for_subscribers lets nobody else in.")
    return request.user


def subscription_of(request: HttpRequest) -> Subscription:
    """Return the subscription that this reader may change; raises NothingRunningError."""
    row = running_subscription(reader_of(request))
    if row is None:
        raise NothingRunningError
    return row
