from collections import Counter

import pytest
from support.data import data_file

from andon.connect.account import Account
from andon.connect.formats import read
from andon.connect.tables.input_file import InputFile


def account_of(path, format):
    file = data_file(path)
    account = Account()
    with InputFile(file) as source:
        for row in read(source, format, None, with_items=False):
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
