"""How figures are said to a buyer."""

import pytest

from andon.planning.alerting.sentences import is_money, money, price, rate, sells


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (21.09, "EUR", "21.09 EUR"),
        (2149.2, "EUR", "2,149 EUR"),
        (21.09, "JPY", "21 JPY"),
        (2149.2, "JPY", "2,149 JPY"),
        (1.2504, "KWD", "1.250 KWD"),
    ],
)
def test_an_amount_is_said_in_the_coins_of_its_currency(amount, currency, said):
    assert money(amount, currency) == said


@pytest.mark.parametrize(
    ("amount", "currency", "is_any"),
    [(0.004, "EUR", False), (0.006, "EUR", True), (0.4, "JPY", False), (0.6, "JPY", True)],
)
def test_less_than_half_a_coin_is_no_money(amount, currency, is_any):
    assert is_money(amount, currency) is is_any
    assert is_any is any(digit in "123456789" for digit in money(amount, currency))


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (3.5, "EUR", "3.50 EUR"),
        (0.0375, "EUR", "0.0375 EUR"),
        (300.0, "JPY", "300 JPY"),
        (0.1 + 0.2, "EUR", "0.30 EUR"),
        (1 / 3, "EUR", "0.3333 EUR"),
        (2.0, "", "2.00"),
    ],
)
def test_a_price_of_a_unit_is_not_rounded_to_coins(amount, currency, said):
    assert price(amount, currency) == said


@pytest.mark.parametrize(
    ("daily", "said", "clause"),
    [
        (6.04, "6.0 a day", "6.0 a day sell"),
        (0.2, "0.2 a day", "0.2 a day sell"),
        (1 / 91, "1 in 91 days", "1 sells in 91 days"),
        (0.0, "0.0 a day", "0.0 a day sell"),
    ],
)
def test_a_slow_rate_is_said_in_days(daily, said, clause):
    assert rate(daily) == said
    assert sells(daily) == clause
