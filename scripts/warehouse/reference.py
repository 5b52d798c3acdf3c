"""What the typed columns of a stream must be, computed from the lines of `pipesnap export` without any SQL: the second
opinion that every engine's views are compared with."""

import contextlib
import datetime
import decimal
import hashlib
import json
import re

WHOLE = re.compile(r"-?[0-9]{1,18}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
# What DECIMAL(38, 9) holds has fewer digits than this before the point.
DECIMAL_BOUND = decimal.Decimal(1).scaleb(29)
NINTH = decimal.Decimal(1).scaleb(-9)
decimal.getcontext().prec = 60


class Written(str):
    """A number as the file writes it."""


def record(line):
    return json.loads(line, parse_int=Written, parse_float=Written)


def text(value):
    """A member as text, as `->>` gives it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    return json.dumps(value)


def member(record, path):
    for name in path:
        if not isinstance(record, dict):
            return None
        record = record.get(name)
    return record


def integer(value):
    return int(value) if value is not None and WHOLE.fullmatch(value) else None


def moment(value, form):
    try:
        return datetime.datetime.strptime(value, form)
    except (ValueError, TypeError):
        return None


def time(value):
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S"):
        found = moment(value, form)
        if found:
            return found.isoformat(timespec="milliseconds")
    return None


def date(value):
    found = moment(value, "%Y-%m-%d")
    return found.date().isoformat() if found else None


def clock(value):
    found = moment(value, "%H:%M:%S") or moment(value, "%H:%M")
    return found.time().isoformat() if found else None


def number(value):
    if value is None or not NUMBER.fullmatch(value):
        return None
    return plain(decimal.Decimal(value).quantize(NINTH, decimal.ROUND_HALF_UP))


def plain(value):
    """A number in its one plain form: 18400.5 and not 18400.500000000."""
    written = format(decimal.Decimal(value), "f")
    written = (written.rstrip("0").rstrip(".") if "." in written else written) or "0"
    return "0" if written == "-0" else written


def ids(value):
    return None if value is None else [int(found) for found in re.findall("[0-9]+", value)]


def canonical(value):
    """A JSON value whose numbers are in their plain form and whose members are sorted: engines differ in both."""
    if isinstance(value, Written):
        return ["number", plain(value)]
    if isinstance(value, dict):
        return {name: canonical(value[name]) for name in sorted(value)}
    return [canonical(one) for one in value] if isinstance(value, list) else value


def loose(value):
    """Text columns hold objects and numbers too where the API sends such: these are compared by what they say."""
    if value[:1] in "[{":
        with contextlib.suppress(ValueError, AttributeError):
            return json.dumps(canonical(record(value)), ensure_ascii=False)
    return value


def typed(value, column):
    """The value of a column out of a record: a text, an integer, a list, or None."""
    kind, found = column["kind"], member(value, column["path"])
    if kind == "json":
        return None if found is None else json.dumps(canonical(found), ensure_ascii=False)
    if kind == "text" and isinstance(found, (dict, list)):
        return json.dumps(canonical(found), ensure_ascii=False)
    written, options = text(found), column.get("options") or {}
    if kind == "boolean":
        return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(written)
    if kind == "label":
        return options.get(str(integer(written)))
    if kind == "labels":
        return None if written is None else [options.get(str(one)) for one in ids(written)]
    functions = {
        "text": lambda one: loose(one) if one else one,
        "integer": integer, "number": number, "time": time, "date": date, "clock": clock, "ids": ids,
    }
    return functions[kind](written)


def rows(lines, columns):
    """The rows of a stream in a form that all engines share."""
    records = [record(line) for line in lines]
    return [[typed(one, column) for column in columns] for one in records]


def checksums(rows, columns):
    """Count, and a checksum of every column by its name."""
    rows = sorted(rows, key=repr)
    sums = {"(rows)": str(len(rows))}
    for place, column in enumerate(columns):
        values = "\n".join(json.dumps(row[place], ensure_ascii=False) for row in rows)
        sums[column["name"]] = hashlib.sha256(values.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return sums
