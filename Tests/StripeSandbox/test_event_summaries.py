import pytest
import stripe

from sandbox import HOUR


@pytest.fixture
def meter(seeded):
    return next(meter["id"] for meter in seeded.state()["meters"] if meter["event_name"] == "tokens")


def summaries(sandbox, meter, **question):
    question = {"customer": "cus_acme", **question}
    return sandbox.sdk()[0].v1.billing.meters.event_summaries.list(meter, question)


def test_events_are_summed_over_the_range_without_its_end(seeded, hour, meter):
    for timestamp in (hour, hour + 59, hour + 60, hour + 120):
        assert seeded.event("10", name="tokens", timestamp=timestamp).status == 200
    assert seeded.event("5", name="tokens", customer="cus_globex", timestamp=hour).status == 200
    found = summaries(seeded, meter, start_time=hour, end_time=hour + 120)
    assert [(row.aggregated_value, row.start_time, row.end_time) for row in found.data] == [(30, hour, hour + 120)]
    nothing = summaries(seeded, meter, start_time=hour - HOUR, end_time=hour)
    assert [row.aggregated_value for row in nothing.data] == [0]


def test_grouped_summaries_are_newest_first_and_paged(seeded, hour, meter):
    for back in range(5):
        assert seeded.event(str(back + 1), name="tokens", timestamp=hour - back * HOUR).status == 200
    question = {"start_time": hour - 10 * HOUR, "end_time": hour + HOUR, "value_grouping_window": "hour", "limit": 2}
    first = summaries(seeded, meter, **question)
    assert [row.aggregated_value for row in first.data] == [1, 2] and first.has_more
    assert [row.aggregated_value for row in first.auto_paging_iter()] == [1, 2, 3, 4, 5]


def test_a_day_group_holds_its_hours(seeded, hour, meter):
    day = hour - hour % 86_400
    for start in (day - 86_400, day - 3_600):
        assert seeded.event("3", name="tokens", timestamp=start).status == 200
    found = summaries(seeded, meter, start_time=day - 86_400, end_time=day, value_grouping_window="day")
    assert [(row.aggregated_value, row.start_time) for row in found.data] == [(6, day - 86_400)]


@pytest.mark.parametrize(
    "change, param",
    [
        ({"start_time": 30}, "start_time"),
        ({"end_time": 3_601}, "end_time"),
        ({"start_time": 60, "value_grouping_window": "hour"}, "start_time"),
        ({"value_grouping_window": "day"}, "end_time"),
        ({"start_time": 3_600}, "start_time"),
        ({"value_grouping_window": "week"}, "value_grouping_window"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"starting_after": "nothing"}, "starting_after"),
    ],
)
def test_a_wrong_question_is_refused(seeded, meter, change, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        summaries(seeded, meter, **{"start_time": 0, "end_time": 3_600, **change})
    assert (refused.value.http_status, refused.value.param) == (400, param)


def shown(sandbox, meter, hour):
    found = summaries(sandbox, meter, start_time=hour, end_time=hour + HOUR, value_grouping_window="hour")
    return [row.aggregated_value for row in found.data]


def test_delayed_summaries_show_what_was_received_so_long_ago(seeded, hour, meter):
    seeded.settings(summary_delay_seconds=120)
    seeded.event("10", name="tokens", timestamp=hour)
    assert shown(seeded, meter, hour) == [] and len(seeded.usage()) == 1
    seeded.advance(60)
    seeded.event("5", name="tokens", timestamp=hour)
    seeded.advance(60)
    assert shown(seeded, meter, hour) == [10]
    seeded.advance(60)
    assert shown(seeded, meter, hour) == [15]
    seeded.event("1", name="tokens", timestamp=hour)
    seeded.settings(summary_delay_seconds=0)
    assert shown(seeded, meter, hour) == [16]


def test_a_delayed_window_shows_the_event_that_was_replaced(seeded, hour):
    window = next(meter["id"] for meter in seeded.state()["meters"] if meter["event_name"] == "messages")
    seeded.event("10", timestamp=hour)
    seeded.settings(summary_delay_seconds=60)
    seeded.event("20", timestamp=hour)
    seeded.event("30", timestamp=hour)
    assert shown(seeded, window, hour) == [10]
    seeded.advance(60)
    assert shown(seeded, window, hour) == [30]
