"""Makes periods.txt and rules.txt beside this file: python3 make.py

An oracle that shares nothing with the package: CPython's zoneinfo over the system's time zone database (release 2025b)
and python-dateutil. Periods are found by listing all starts around an anchor, rules are expanded from their start.
Python's fold=0 is the reading of local times that the package documents. Instants stay between 1970 and 2026, where
releases of the database agree on the zones below. Same seed, same files.
"""
import bisect, calendar, os, random, sys, zoneinfo
from datetime import datetime, timedelta, timezone
import dateutil
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

HERE = os.path.dirname(os.path.abspath(__file__))
ZONES = {  # zone: local dates worth a closer look
    "Europe/Paris": [(2024, 3, 31), (2025, 10, 26), (2024, 2, 29)],
    "America/New_York": [(2025, 3, 9), (2025, 11, 2), (2024, 2, 29)],
    "Australia/Lord_Howe": [(2025, 4, 6), (2024, 10, 6)],
    "America/Sao_Paulo": [(2017, 10, 15), (2018, 2, 18), (2018, 11, 4)],
    "Asia/Kathmandu": [(1986, 1, 1), (2024, 2, 29)],
    "Africa/Casablanca": [(2019, 5, 5), (2024, 3, 10), (2024, 4, 14)],
    "Pacific/Apia": [(2011, 12, 30), (2011, 12, 31), (2010, 9, 26)],
    "Antarctica/Troll": [(2024, 3, 31), (2025, 10, 26)],
    "Pacific/Kwajalein": [(1993, 8, 21)],
    "Asia/Beirut": [(2022, 3, 27), (2022, 10, 30)],
    "UTC": [(2024, 2, 29)],
}
TIMES = [(0, 0, 0), (9, 0, 0), (2, 30, 0), (0, 30, 0), (23, 59, 59), (1, 15, 0), (2, 0, 0)]
UNITS = ["day", "week", "month", "quarter", "year"]
END = 1767225600  # 2026-01-01T00:00:00Z
rnd = random.Random(20260101)


def instant(zone, wall):
    utc = wall.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=0).astimezone(timezone.utc)
    return int(utc.timestamp())


def text(unix):
    return datetime.fromtimestamp(unix, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def start_of(anchor, unit, count, k):
    if unit in ("day", "week"):
        return anchor + timedelta(days=k * count * (7 if unit == "week" else 1))
    return anchor + relativedelta(months=k * count * {"month": 1, "quarter": 3, "year": 12}[unit])


def periods(zone, anchor, unit, count, at):
    days = count * {"day": 1, "week": 7, "month": 30.4369, "quarter": 91.31, "year": 365.2425}[unit]
    middle = round((at - instant(zone, anchor)) / 86400 / days)
    starts = sorted({instant(zone, start_of(anchor, unit, count, k)) for k in range(middle - 8, middle + 9)})
    return starts, bisect.bisect_right(starts, at) - 1


def moment(zone):
    """An instant at, or near, something odd, or anywhere."""
    kind = rnd.random()
    if kind < 0.6:
        y, m, d = rnd.choice(ZONES[zone])
    elif kind < 0.8:
        y, m = rnd.randint(1977, 2025), rnd.randint(1, 12)
        d = calendar.monthrange(y, m)[1]
    else:
        y, m, d = rnd.randint(1977, 2025), rnd.randint(1, 12), rnd.randint(1, 28)
    at = instant(zone, datetime(y, m, d, *rnd.choice(TIMES)))
    return min(at + rnd.choice([0, 0, -1, 1, 1800, -1800, 3600, -3600, 86400, -86400, rnd.randint(-90000, 90000)]), END - 1)


def write_periods():
    lines = []
    for zone in ZONES:
        for unit in UNITS:
            for _ in range(12):
                count = rnd.choice([1, 1, 1, 2] if unit == "year" else [1, 1, 1, 2, 3, 5])
                y, m = rnd.randint(1980, 2025), rnd.randint(1, 12)
                d = rnd.choice([1, 1, rnd.randint(1, 28), calendar.monthrange(y, m)[1]])
                anchor = datetime(y, m, d, *rnd.choice(TIMES))
                at = moment(zone)
                starts, i = periods(zone, anchor, unit, count, at)
                cells = [zone, str(count), unit, anchor.isoformat(), text(at)]
                cells += [text(starts[j]) for j in range(i - 3, i + 5) if starts[j] <= END]
                lines.append("|".join(cells))
    with open(os.path.join(HERE, "periods.txt"), "w") as out:
        out.write(f"# Made by make.py with CPython {sys.version.split()[0]} zoneinfo, time zone database 2025b, dateutil {dateutil.__version__}; do not edit.\n")
        out.write("# zone|count|unit|start (local)|at|starts of the periods -3 to +4 around the one that contains `at` (which is 0), up to 2026\n")
        out.write("\n".join(lines) + "\n")


def days():
    return rnd.sample(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], rnd.randint(1, 3))


def rule():
    freq = rnd.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={freq}"]
    if rnd.random() < 0.4:
        parts.append(f"INTERVAL={rnd.choice([2, 3, 4, 5, 13])}")
    by = False
    if rnd.random() < 0.25:
        parts.append("BYMONTH=" + ",".join(map(str, sorted(rnd.sample(range(1, 13), rnd.randint(1, 4))))))
        by = True
    if freq != "WEEKLY" and rnd.random() < 0.3:
        parts.append("BYMONTHDAY=" + ",".join(map(str, rnd.sample([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -7], rnd.randint(1, 3)))))
        by = True
    if rnd.random() < 0.5:
        if freq in ("MONTHLY", "YEARLY") and rnd.random() < 0.6:
            # In a YEARLY rule with BYMONTH dateutil fails on numbers that no month reaches.
            in_month = freq == "MONTHLY" or "BYMONTH=" in ";".join(parts)
            nth = [1, 2, 3, -1, -2, -4, 4, 5] if in_month else [1, 2, -1, 20, 52, -10]
            parts.append("BYDAY=" + ",".join(f"{rnd.choice(nth)}{d}" for d in days()))
        else:
            parts.append("BYDAY=" + ",".join(days()))
        by = True
    elif freq == "YEARLY" and rnd.random() < 0.3:
        parts.append("BYYEARDAY=" + ",".join(map(str, rnd.sample([1, 60, 100, 200, 366, -1, -100], 2))))
        by = True
    elif freq == "YEARLY" and rnd.random() < 0.3:
        parts.append("BYWEEKNO=" + rnd.choice(["1", "20", "53", "-1", "10,40"]) + ";BYDAY=" + ",".join(days()))
        by = True
    if by and freq != "DAILY" and rnd.random() < 0.25:
        parts.append("BYSETPOS=" + rnd.choice(["1", "-1", "2", "1,-1"]))
    if rnd.random() < 0.3:
        parts.append("WKST=" + rnd.choice(["MO", "SU", "SA"]))
    return ";".join(parts)


def write_rules():
    lines = []
    for zone in ZONES:
        while sum(line.startswith(zone + "|") for line in lines) < 45:
            text_rule, seconds = rule(), rnd.choice([60, 3600, 7200, 90000, 300000])
            y, m = rnd.randint(1985, 2024), rnd.randint(1, 12)
            start = datetime(y, m, rnd.choice([1, 15, 28, calendar.monthrange(y, m)[1]]), *rnd.choice(TIMES))
            at = moment(zone)
            length = rnd.choice([3600, 86400, 7 * 86400, 100 * 86400, 400 * 86400])
            lower, upper = at - length // 2, min(at + length // 2, END)
            shown, last = text_rule, None
            kind = rnd.random()
            if kind < 0.2:
                shown += f";COUNT={rnd.choice([1, 3, 10, 100, 1000])}"
            elif kind < 0.4:
                last = at + rnd.randint(-20, 20) * 86400
                if rnd.random() < 0.5:
                    last += rnd.randint(-7200, 7200)
                    shown += datetime.fromtimestamp(last, timezone.utc).strftime(";UNTIL=%Y%m%dT%H%M%SZ")
                else:
                    wall = datetime.fromtimestamp(last, zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, hour=start.hour, minute=start.minute, second=start.second, fold=0)
                    shown += wall.strftime(";UNTIL=%Y%m%dT%H%M%S")
                    last = wall
            found = []
            plain = shown.split(";UNTIL")[0]
            for wall in rrulestr(plain, dtstart=start):
                unix = instant(zone, wall)
                if unix >= upper or (last is not None and (wall > last if isinstance(last, datetime) else unix > last)):
                    break
                if unix + seconds > lower and (not found or found[-1] != unix):
                    found.append(unix)
            if len(found) > 40 or (not found and rnd.random() < 0.8):
                continue
            lines.append("|".join([zone, start.isoformat(), str(seconds), shown, text(lower), text(upper), " ".join(map(text, found))]))
    with open(os.path.join(HERE, "rules.txt"), "w") as out:
        out.write(f"# Made by make.py with CPython {sys.version.split()[0]} zoneinfo, time zone database 2025b, dateutil {dateutil.__version__}; do not edit.\n")
        out.write("# zone|start (local)|seconds|rule|within from|within to|begins of the stretches that share time with it\n")
        out.write("\n".join(lines) + "\n")


write_periods()
write_rules()
