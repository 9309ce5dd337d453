"""`andon place`: a table of stages in, promises and safety stock out."""

import json
import math

import pytest
from support.command import andon

CHAIN = """stage;sources;days;cost;sd;service_level
plant;;10;1;;
warehouse;plant;2;1,1;;
north;warehouse;1;1,5;20;0,95
south;warehouse;1;1,5;30;0,95
"""


@pytest.fixture
def chain(tmp_path):
    def written(text):
        path = tmp_path / "chain.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_stock_goes_where_it_serves_all_that_are_fed(chain):
    code, out, err = andon("place", chain(CHAIN), "--json")
    assert code == 0, err
    found = json.loads(out)
    stages = {row["stage"]: row for row in found["stages"]}
    assert {name: row["promised_days"] for name, row in stages.items()} == {
        "plant": 10,
        "warehouse": 0,
        "north": 0,
        "south": 0,
    }
    pooled = 1.6449 * math.hypot(20, 30) * math.sqrt(12)
    assert stages["warehouse"]["safety_stock"] == pytest.approx(pooled, rel=1e-3)
    assert found["cost"] < found["cost_if_each_covers_its_own_time"]


def test_it_says_in_a_table_what_it_costs(chain):
    code, out, _ = andon("place", chain(CHAIN))
    assert code == 0
    assert "warehouse" in out
    assert "It costs 349" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stage,days\na,1\n", "no column 'cost'"),
        ("stage,days,cost\na,1,2\n", "'a' feeds nothing: it needs the sd"),
        ("stage,days,cost,sd\na,1.5,2,3\n", "days: expected whole days"),
        ("stage,days,cost,sd\na,-1,2,3\n", "line 2: days: expected 0 or more"),
        ("stage,days,cost,sd\na,1,x,3\n", "'x' is no number"),
        ("stage,days,cost,sd\na,1,2,3\na,1,2,3\n", "line 3: 'a' stands there twice"),
        ("stage,days,cost,sd,sources\na,1,2,3,b\n", "comes from b, which is no stage"),
        ("stage,days,cost,sources\na,1,2,b\nb,1,2,a\n", "in a circle"),
        ("stage,days,cost,sd,service_level\na,1,2,3,95\n", "service_level: expected 0.5 or more"),
        ("stage,days,cost,sd,sources\na,1,1,,\nb,1,1,,a\nc,1,1,,a\nd,1,1,2,b;c\n", "no tree"),
        ("stage,days,cost,sd\n", "no tree"),
    ],
)
def test_a_table_that_is_no_chain_is_refused_with_what_is_wrong(chain, text, said):
    code, _, err = andon("place", chain(text))
    assert code != 0
    assert said in " ".join(err.split())
