import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from andon.cli.account import Account
from andon.cli.formats import read

DATA = Path(os.environ.get("ANDON_DATA", Path(__file__).parents[3] / "shared" / "data"))


def account_of(path, format):
    file = DATA / path
    if not file.is_file():
        pytest.skip(f"{file} is missing: set ANDON_DATA to the folder with the public data")
    account = Account()
    with gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="") as text:
        for row in read(text, format, None, with_items=False):
            account.enter(row)
    return account


@pytest.mark.slow
def test_every_row_of_online_retail_is_accounted_for():
    account = account_of("online_retail/online_retail.csv.gz", "online-retail")
    known = account.as_dict()
    parts = known["sales"] + known["returns"] + known["skipped"] + known["dead_letters"]
    assert parts == known["rows"] == 541_909
    assert account.balanced
    assert (known["sales"], known["returns"]) == (528_180, 8_704)
    assert known["units_sold"] == 5_594_162
    assert known["units_returned"] == 272_030
    assert account.skipped == Counter(non_stock=2_946, stock_correction=2_079)


@pytest.mark.slow
def test_every_row_of_scms_is_accounted_for():
    account = account_of("scms/deliveries.csv.gz", "scms")
    assert account.rows == 10_324
    assert account.published == Counter(shipment=10_319)
    assert account.dead_letters == Counter(dates=5)
    assert account.balanced
