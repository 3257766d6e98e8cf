"""What lists and the top bar show of the person at the screen: saved views, help about the page."""

from django import template
from django.template.loader import select_template
from django.urls import reverse
from django.utils.http import urlencode

from recipients import saved_views as views

register = template.Library()


@register.inclusion_tag("recipients/_saved_views.html", takes_context=True)
def saved_views(context, name):
    """The menu of a list's saved views."""
    request = context["request"]
    kept = urlencode({"list": name, "query": views.cleaned(name, request.GET.urlencode())})
    return {
        "views": views.of_list(request, name),
        "new_url": f"{reverse('recipients:view_new', args=[request.company.slug])}?{kept}",
        "all_url": reverse("recipients:views", args=[request.company.slug]),
    }


@register.simple_tag(takes_context=True)
def with_saved_views(context, name, tabs):
    """The tabs of a list, and its pinned views behind them."""
    pinned = [view for view in views.of_list(context["request"], name) if view.is_pinned]
    if any(view.is_open for view in pinned):
        tabs = [{**tab, "current": False} for tab in tabs]
    return [*tabs, *({"label": v.name, "url": v.url, "current": v.is_open, "is_view": True} for v in pinned)]


@register.simple_tag(takes_context=True)
def page_help(context):
    """The help of this page, templates/help/<app>.<url name>.html, rendered; "" where there is none."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None:
        return ""
    names = [f"help/{match.view_name.replace(':', '.')}.html", "help/none.html"]
    return select_template(names).render({"company": context.get("company")})
