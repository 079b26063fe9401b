"""A database by the words that name it: what is shown of them, and that no password ever is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shapetui.errors import UsageError
from shapetui.tui.databases import Database

SECRET = "hunter2-and-more"
KNOWN = {"staging": "service=staging", "here": "embedded:here"}


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("embedded:synthetic", "embedded:synthetic"),
        ("  embedded:chat-2 ", "embedded:chat-2"),
        ("postgresql://ann@db.example:6000/chat", "chat@db.example:6000"),
        (f"postgresql://ann:{SECRET}@db.example/chat", "chat@db.example:5432"),
        (f"host=db.example dbname=chat password={SECRET}", "chat@db.example:5432"),
        ("service=staging", "service staging"),
    ],
)
def test_a_database_is_shown_by_its_label(words: str, label: str) -> None:
    found = Database.named(words)
    assert found.label == label
    assert SECRET not in repr(found)
    assert found.target().label == label


@pytest.mark.parametrize("words", ["", "embedded:", "embedded:a b", "nonsense", "postgresql://a@b@c/d", "port=x"])
def test_what_names_none_is_refused_without_being_repeated(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Database.named(words)
    assert caught.value.hint
    if len(words) > 9:
        assert words not in f"{caught.value.message} {caught.value.hint}"


def test_a_person_may_type_a_name_of_the_settings() -> None:
    assert Database.chosen(" staging ", KNOWN) == Database("service staging", "service=staging")
    assert Database.chosen("here", KNOWN).url == "embedded:here"
    assert Database.chosen("embedded:there", KNOWN).url == "embedded:there"


@pytest.mark.parametrize(
    "words",
    [
        f"postgresql://ann:{SECRET}@db.example/chat",
        f"host=db.example password={SECRET}",
        f"dbname=a sslpassword={SECRET}",
    ],
)
def test_a_typed_password_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(UsageError, match="a password was typed") as caught:
        Database.chosen(words, KNOWN)
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"


def test_naming_one_on_the_embedded_server_waits_for_no_driver() -> None:
    """The first frame of the workbench does not wait for it."""
    code = (
        "import sys; from shapetui.tui.databases import Database; Database.named('embedded:synthetic');"
        " assert 'psycopg' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
