"""No operation of the stand-in goes unchecked."""

from pathlib import Path

from tests.stripe_operations import check_all, unchecked


def test_every_operation_is_held_against_the_sdk(tmp_path: Path):
    checked = check_all(tmp_path)

    assert (unchecked(checked), checked.problems) == ([], [])
