"""Fills in and checks the answers of time-cases.json with Python's zoneinfo: none of our own code decides them.

    python3 time-cases.py            says which answers differ
    python3 time-cases.py --write    writes them

It is slow on purpose: a window is found by looking at every minute.
"""

import json
import re
import sys
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

here = Path(__file__).parent
weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def written(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(moment, zone):
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def when(local, zone):
    """fold=0: the first of two, and in a gap the offset before it, which is later by the length of the gap."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(timezone.utc)


def duration(text):
    match = re.fullmatch(
        r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text
    )
    sign = -1 if match[1] else 1
    years, months, weeks, days, hours, minutes, seconds = (sign * int(part or 0) for part in match.groups()[1:])
    return years * 12 + months, weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds)


def shift(local, months, days):
    count = local.year * 12 + local.month - 1 + months
    year, month = divmod(count, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day) + timedelta(days=days)


def add(at, text, zone):
    months, days, exact = duration(text)
    if months == 0 and days == 0:
        return at + exact
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return when(shift(local, months, days), zone) + exact


def moment(rule, zone):
    text = rule["at"]
    months, days, exact = duration(rule.get("offset", "PT0S"))
    is_exact = text.endswith("Z") or re.search(r"T.*[+-]\d\d:\d\d$", text)
    if is_exact and "time" not in rule:
        return add(instant(text), rule.get("offset", "PT0S"), zone)
    local = (
        instant(text).astimezone(ZoneInfo(zone)).replace(tzinfo=None) if is_exact else datetime.fromisoformat(text)
    )
    moved = shift(local, months, days)
    if "time" not in rule:
        return when(moved, zone) + exact
    if exact:
        moved = (when(moved, zone) + exact).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    hour, minute = map(int, rule["time"].split(":"))
    return when(moved.replace(hour=hour, minute=minute, second=0), zone)


class UnknownYear(Exception):
    pass


def begins_on(day, rule, calendar):
    named = rule.get("days", weekdays if calendar is None else weekdays[:5])
    is_named = weekdays[day.weekday()] in named
    if calendar is None:
        return is_named
    business = set(named) == set(weekdays[:5])
    if not is_named and not business:
        return False
    if day.year not in calendar["years"]:
        raise UnknownYear(day.year)
    if str(day) in calendar["holidays"]:
        return False
    return is_named or str(day) in calendar["workdays"]


def is_inside(at, rule, zone, calendar):
    today = at.astimezone(ZoneInfo(zone)).date()
    start, end = rule.get("from", "00:00"), rule.get("to", "24:00")
    for back in (2, 1, 0):
        day = today - timedelta(days=back)
        noon = datetime(day.year, day.month, day.day, 12)
        if when(noon, zone).astimezone(ZoneInfo(zone)).date() != day:
            continue  # a day that the zone skipped
        midnight = datetime(day.year, day.month, day.day)
        minutes = lambda text: timedelta(hours=int(text[:2]), minutes=int(text[3:]))
        opens = when(midnight + minutes(start), zone)
        closes = when(midnight + minutes(end) + timedelta(days=0 if end > start else 1), zone)
        if opens <= at < closes and begins_on(day, rule, calendar):
            return True
    return False


def window(at, rule, zone):
    calendar = None
    if "calendar" in rule:
        calendar = json.loads((here / f"../../../schemas/calendars/{rule['calendar']}.json").read_text())
    if is_inside(at, rule, zone, calendar):
        return at
    at = at.replace(second=0)
    while True:
        at += timedelta(minutes=1)
        if is_inside(at, rule, zone, calendar):
            return at


def zone_of(case):
    """The subject's zone, else the journey's, else the deployment's."""
    return case.get("subjectZone") or case.get("journeyZone") or case["deploymentZone"]


def is_zone(name):
    try:
        ZoneInfo(name)
        return True
    except Exception:
        return False


def wait(case):
    alternative, entered, zone = case["for"], instant(case["at"]), zone_of(case)
    if not is_zone(zone):
        return "incident unknown-zone"
    if "after" in alternative:
        return add(entered, alternative["after"], zone)
    if "window" in alternative:
        return window(entered, alternative["window"], zone)
    return max(entered, moment(alternative, zone))


def answer(case):
    try:
        if case["kind"] == "add":
            return add(instant(case["at"]), case["duration"], case["zone"])
        if case["kind"] == "moment":
            return moment(case["rule"], case["zone"])
        if case["kind"] == "window":
            return window(instant(case["at"]), case["window"], case["zone"])
        return wait(case)
    except UnknownYear as year:
        return f"incident calendar-unknown-year {year}"


path = here / "time-cases.json"
document = json.loads(path.read_text())
differ = 0
for case in document["cases"]:
    found = answer(case)
    expected = {"expected": found} if isinstance(found, str) else {"expected": written(found)}
    zone = case.get("zone") or (zone_of(case) if not isinstance(found, str) else None)
    if not isinstance(found, str):
        expected["shown"] = shown(found, zone)
    before = {key: case.get(key) for key in expected}
    if before != expected:
        differ += 1
        print(case["name"], before, expected)
    case.update(expected)
if "--write" in sys.argv:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
print(len(document["cases"]), "cases,", differ, "differ")
