"""Where Stripe tells us that something happened."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.stripe_client import ForgedEventError
from billing.webhooks import WrongModeError, receive_event


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Keep an event, and answer 200 only once it is kept."""
    try:
        receive_event(request.body, request.headers.get("Stripe-Signature", ""))
    except ForgedEventError:
        return HttpResponseBadRequest("The signature doesn't match.", content_type="text/plain")
    except WrongModeError:
        return HttpResponseBadRequest("This event's livemode is not that of the site.", content_type="text/plain")
    return HttpResponse("Kept.", content_type="text/plain")
