"""The people one can sign in as in the demo."""

from dataclasses import dataclass

DEMO_PASSWORD = "downstairs-demo"  # noqa: S105 - printed at every start; the demo never runs where others can reach it


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo and what it is for."""

    email: str
    name: str
    what: str
    group: str = ""
    is_superuser: bool = False
    person: str = ""
    is_subscriber: bool = False


DEMO_ACCOUNTS = (
    DemoAccount("mara@downstairs.example", "Mara Lindqvist", "editor-in-chief", is_superuser=True, person="mara-lindqvist"),
    DemoAccount("yiduo@downstairs.example", "Shen Yiduo", "author", group="Authors", person="shen-yiduo"),
    DemoAccount("tomas@downstairs.example", "Tomás Oyelaran", "contributor", group="Contributors", person="tomas-oyelaran"),
    DemoAccount("subscriber@example.com", "Sunniva Falk", "subscriber", is_subscriber=True),
    DemoAccount("reader@example.com", "Ravi Menon", "registered reader"),
)
