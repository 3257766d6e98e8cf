"""Names stand in one order on every database, and are found however they are typed."""

import pytest

from recipients.models import Customer
from recipients.models.naming import KEY_MAX, sort_key
from tests.factories import CustomerFactory, WorkspaceFactory


@pytest.mark.parametrize(
    "name, like",
    [
        ("ÅSA", "åsa"),
        ("A\u030asa", "Åsa"),  # typed as two characters
        ("  Eva   Lund ", "eva lund"),
        ("Zoë Étoile", "zoe etoile"),
        ("Bjørn", "Björn"),
        ("Ærø", "Ärö"),
        ("Żółw", "zolw"),
        ("Strauß", "STRAUSS"),
        ("Eva\0", "eva"),
    ],
)
def test_what_looks_the_same_to_a_searcher_has_one_key(name, like):
    assert sort_key(name) == sort_key(like)


def test_a_key_fits_its_column():
    assert len(sort_key("\ufdfa" * 120)) == KEY_MAX


@pytest.mark.django_db
def test_the_database_sorts_as_nordic_people_do():
    workspace = WorkspaceFactory()
    names = ["Aaro", "Anna Öst", "Anna-Lisa", "Annb", "Øst 1", "Ýr", "Zara", "Åsa", "Ærlig", "Ängla", "Öst 2", "Иван"]
    for name in reversed(names):
        CustomerFactory(workspace=workspace, name=name)
    found = list(Customer.objects.order_by("sort_name").values_list("name", flat=True))
    assert found == [
        "Aaro", "Anna Öst", "Anna-Lisa", "Annb", "Ýr", "Zara", "Åsa", "Ängla", "Ærlig", "Øst 1", "Öst 2", "Иван",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_new_name_has_a_new_key_also_when_it_alone_is_saved():
    card = CustomerFactory(name="Eva Lund")
    card.name = "Åsa Lund"
    card.save(update_fields=["name"])
    assert Customer.objects.get(sort_name=sort_key("åsa lund")) == card
    Customer.objects.bulk_create([Customer(workspace=card.workspace, name="Örjan")])
    assert Customer.objects.get(sort_name="}rjan").name == "Örjan"
