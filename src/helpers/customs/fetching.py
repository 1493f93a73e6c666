"""A public source -> answers under `data/raw`, exactly as received, each whole or not there.

Which views a source has, and how they are asked, is a row of `reference/fetch_sources.csv`; how an
answer is told to be whole is `answers`. The manners: one connection, a pause between requests,
`Retry-After` obeyed, robots.txt read first, a name that says who asks. What is there is not asked
for again, so a call that was ended, by whatever, is taken up by the same call.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.robotparser import RobotFileParser

import msgspec
import pandas as pd
import requests
import urllib3

from helpers.classification import REFERENCE
from helpers.customs import answers
from helpers.customs.answers import AGGREGATE_LAYOUT, CHAPTER_LAYOUT, CHAPTERS, Contents
from helpers.customs.sources import WORLD
from helpers.documents import read_document, read_json
from helpers.lifetimes import WORK, scratch, sweep
from helpers.periods import Period
from helpers.places import linked, locked, write_whole
from helpers.schema import HelpersError, UnknownCode, UnreadableFile, check_word

AGENT = "alborz-trade-workbench/0.1 (quarterly statistics; one connection)"
PAUSE, LEAST_PAUSE, TIMEOUT = 6.0, 2.0, 90.0
TRIES = 4
BUSY = (403, 429, 503)
"""A source that says so, for the whole run: asking on would be rude."""

LONGEST_WAIT = 600.0
BLOCK_BYTES = 1 << 13
STEP_BYTES = 1 << 26
FLOWS = ("export", "import")


class Stopped(HelpersError):
    """The source cannot, or would rather not, be asked on now; the message says when to."""


# What is asked


@dataclass(frozen=True)
class SourceView:
    """A row of `reference/fetch_sources.csv`: {flow}, {year}, {chapter}, {key} are filled in.

    One whose `reader` is `file` is a file, with these `headings` in its first line, which may be
    sent from another host (`redirect`, the end of its name) and has `terms` of its own.
    """

    source: str
    view: str
    address: str
    parameters: str
    reader: str
    export: str
    import_: str
    key_variable: str
    last_whole_year: int
    producer: str
    title: str
    headings: str
    redirect: str
    terms: str


@dataclass(frozen=True)
class Ask:
    """One request: a view for a flow and the months of a year, and a chapter where it has them.

    Of a file there is neither flow nor period.
    """

    view: SourceView
    flow: str = ""
    period: Period | None = None
    chapter: str = ""

    @property
    def is_file(self) -> bool:
        """Whether a file is asked for, of whatever size, rather than a page of a year."""
        return self.view.reader == "file"

    @property
    def folder(self) -> str:
        """Where its answers lie, below the folder of raw files."""
        return (
            WORLD.rstrip("/") if self.is_file else f"{self.view.source}/{self.flow}-{self.period}"
        )

    @property
    def name(self) -> str:
        """What its files are called, before the first dot."""
        return self.chapter or self.view.view

    @property
    def file(self) -> str:
        """What its answer is called in this folder."""
        return f"{self.name}.csv" if self.is_file else f"{self.name}.html.gz"

    @property
    def sidecar(self) -> str:
        """What is known of its answer; of a file that stands among raw files, hidden."""
        return f"{'.' * self.is_file}{self.name}.answer.yml"

    @property
    def months(self) -> str:
        """First and last month, as sidecars say them; "" for a file."""
        return f"{self.period.month_first}-{self.period.month_last}" if self.period else ""

    def __str__(self) -> str:
        if self.is_file:
            return self.name
        return f"{self.flow} {self.period} {'chapter ' * bool(self.chapter)}{self.name}"

    def parameters(self, key: str = "{key}") -> dict[str, str]:
        """What is asked; without a key given, the name of its place stands for it."""
        word = self.view.import_ if self.flow == "import" else self.view.export
        given = parse_qsl(self.view.parameters, keep_blank_values=True)
        year = self.period.year if self.period else ""
        about = {"flow": word, "year": year, "chapter": self.chapter, "key": key}
        return {name: value.format(**about) for name, value in given}

    def address(self, at: str, key: str = "{key}") -> str:
        """The address on a host, the source's own or another."""
        return f"{at}{urlsplit(self.view.address).path}?{urlencode(self.parameters(key))}"


@dataclass(frozen=True)
class Head:
    """What came before an answer: when, and what its headers say of it; "" where they do not."""

    retrieved_at: str
    http_date: str
    etag: str
    last_modified: str
    encoding: str
    length: int

    @property
    def validator(self) -> str:
        """What `If-Range` may name: a strong etag, else the day of its last change."""
        return self.last_modified if self.etag.startswith("W/") or not self.etag else self.etag


@dataclass(frozen=True)
class Answer(Head):
    """The sidecar of an answer: what was asked, what came (bytes unpacked), what it holds."""

    address: str
    bytes: int
    sha256: str
    source: str = ""
    flow: str = ""
    year_sh: int = 0
    months: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    n_rows: int = 0
    value_usd: float = 0.0
    net_mass_kg: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What became of a part.

    Its status: `there`, `fetched`, `unchanged`, `changed`, `empty` (the source has none of it
    yet), `failed`, or `stopped` (no more was asked).
    """

    part: str
    status: str
    note: str = ""
    n_rows: int = 0
    value_usd: float = 0.0


def views_of(source: str) -> list[SourceView]:
    """The views of a source, the detail first.

    Raises:
        UnknownCode: no row of `fetch_sources.csv` names it.
    """
    rows = pd.read_csv(REFERENCE / "fetch_sources.csv", dtype=str, keep_default_na=False)
    check_word("source", source, tuple(dict.fromkeys(rows["source"])))
    rows = rows[rows["source"] == source].rename(columns={"import": "import_"})
    return msgspec.convert(rows.to_dict("records"), list[SourceView], strict=False)


def requests_of(
    source: str, years: Iterable[str], flows: Iterable[str], months: str, chapters: Iterable[str]
) -> list[Ask]:
    """All requests of a call, the aggregate of each year before its chapters.

    Args:
        source: a source of `fetch_sources.csv`.
        years: Solar Hijri years; none are the last two that the source holds whole.
        flows: `export`, `import`; none are both.
        months: `1-9`: what the source holds of a year that it does not hold whole.
        chapters: two digits each; none are all.

    Raises:
        UnknownCode: a word is unknown, or months are needed and not given, or given and not needed.
    """
    known = views_of(source)
    if known[0].reader == "file":
        if any((years, flows, months, chapters)):
            raise UnknownCode(
                f"{source} is whole files: --years, --flow, --months, --chapters are not"
            )
        return [Ask(view) for view in known]
    last = known[0].last_whole_year
    if months and not re.fullmatch("1-([1-9]|1[0-2])", months):
        raise UnknownCode(f"{months!r} are not the first months of a year; write --months 1-9, say")
    periods = []
    for year in years or (str(last - 1), str(last)):
        if not (year.isdigit() and 1370 <= int(year) <= 1500):
            raise UnknownCode(f"{year!r} is not a Solar Hijri year; write 1403, say")
        if int(year) > last and not months:
            raise UnknownCode(
                f"how many months of {year} the source holds is not known, and it does not say: "
                f"give them as --months 1-9 (up to {last} it holds whole years; when a later year "
                "is, put it into reference/fetch_sources.csv)"
            )
        periods.append(Period(int(year), 1, int(months[2:]) if int(year) > last else 12))
    if months and all(period.year <= last for period in periods):
        raise UnknownCode(f"--months is for a year that is not over; up to {last} years are whole")
    for kind, given, allowed in (("flow", flows, FLOWS), ("chapter", chapters, CHAPTERS)):
        for word in given:
            check_word(kind, word, allowed)
    return [
        Ask(view, flow, period, chapter)
        for period in periods
        for flow in flows or FLOWS
        for view in sorted(known, key=lambda view: "{chapter}" in view.parameters)
        for chapter in ((chapters or CHAPTERS) if "{chapter}" in view.parameters else ("",))
    ]


# How it is asked


@dataclass
class Line:
    """One connection to a source, and its manners.

    Attributes:
        at: scheme and host that are asked.
        pause: seconds between the end of an answer and the next request, at least.
        timeout: seconds of silence after which an answer is given up.
        key: what the source asks users to send; it is in no message.
        tell: is told how many bytes of a long answer are there, every `STEP_BYTES`, and of how
            many (-1: not known).
    """

    at: str
    pause: float = PAUSE
    timeout: float = TIMEOUT
    key: str = field(default="", repr=False)
    tell: Callable[[int, int], object] | None = None
    _session: requests.Session = field(default_factory=requests.Session, repr=False)
    _ended: float = field(default=float("-inf"), repr=False)
    _rules: RobotFileParser | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        loopback = is_loopback(self.at)
        if self.pause < LEAST_PAUSE and not loopback:
            raise UnknownCode(f"a pause of {self.pause:g} s is below the least, {LEAST_PAUSE:g} s")
        self._session.trust_env = not loopback
        self._session.headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip"}

    def ask(self, ask: Ask, headers: dict[str, str]) -> requests.Response:
        """One request, after the pause, if robots.txt allows it.

        Redirects are followed once, and only to the host that the view's row allows for its file.
        Files are asked for unpacked, so that they can be gone on with and read in place.

        Raises:
            Stopped: robots.txt forbids it, or nothing answers at all.
        """
        if self._rules is None:
            self._rules = self._robots()
        address, allowed = ask.address(self.at, self.key), ask.view.redirect
        if not self._rules.can_fetch(AGENT, address):
            raise Stopped(f"robots.txt of {self.at} forbids {urlsplit(address).path}")
        if ask.is_file:
            headers = headers | {"Accept-Encoding": "identity"}
        response = self._get(address, headers)
        place = response.headers.get("Location", "")
        host = urlsplit(place).hostname or ""
        is_allowed = host == allowed or host.endswith(f".{allowed}") or is_loopback(self.at)
        if not (response.is_redirect and allowed and is_allowed):
            return response
        response.close()
        return self._get(place, headers)

    def _get(self, address: str, headers: dict[str, str]) -> requests.Response:
        time.sleep(max(0.0, self._ended + self.pause - time.monotonic()))
        self._ended = time.monotonic()
        return self._session.get(
            address, headers=headers, stream=True, timeout=self.timeout, allow_redirects=False
        )

    def blocks(self, response: requests.Response) -> Iterator[bytes]:
        """The bytes of an answer as they come over the line."""
        try:
            yield from response.raw.stream(BLOCK_BYTES, decode_content=False)
        finally:
            self._ended = time.monotonic()

    def _robots(self) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            with closing(self._get(f"{self.at}/robots.txt", {})) as response:
                text = response.content.decode("utf-8", errors="replace")
            self._ended = time.monotonic()
        except requests.exceptions.SSLError:
            raise Stopped(
                f"the certificate of {self.at} cannot be verified, so it may be another host: "
                "nothing was asked; see in a browser what is wrong with it"
            ) from None
        except (requests.RequestException, OSError):
            raise Stopped(
                f"{self.at} does not answer: there is no network, or it answers only inside Iran; "
                "call again from there, or take the tables by hand (docs/how-to/public-files.md)"
            ) from None
        if response.status_code not in (200, 404, 410):
            raise Stopped(f"{self.at}/robots.txt answers {response.status_code}: call again later")
        rules.parse(text.splitlines() if response.status_code == 200 else [])
        self.pause = max(self.pause, float(rules.crawl_delay(AGENT) or 0))
        return rules


def is_loopback(at: str) -> bool:
    """Whether an address is of this machine itself."""
    host = urlsplit(at).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def receive(line: Line, ask: Ask, part: Path, held: Head | None) -> Head | None:
    """Brings an answer into `part`, its bytes as they came, going on where an earlier call ended.

    Args:
        line: the connection.
        ask: what is asked.
        part: the file; what is known of a half answer lies beside it.
        held: the answer that is there already, to be sent only if it changed.

    Returns:
        What its headers say; None where the source says that nothing changed.

    Raises:
        UnreadableFile: this answer cannot be had; the message says why.
        Stopped: the source asks for patience, or is gone.
    """
    response = None
    for attempt in range(TRIES):
        if attempt:
            _wait(attempt, response, line)
        try:
            response, head = None, _half(part)
            if head and part.stat().st_size == head.length:
                return head
            response = line.ask(ask, _conditions(head, part, held))
            with closing(response):
                if response.status_code in (200, 206):
                    return _append(line, response, part, head)
                if response.status_code == 304 and held:
                    return None
                trouble = _worth_waiting(response, part)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            trouble = _in_words(error, line.timeout)
    gone = response is None or response.status_code in BUSY
    raise (Stopped if gone else UnreadableFile)(f"{trouble}, {TRIES} times in a row")


def _part_head(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _half(part: Path) -> Head | None:
    """What is known of the half answer in `part`; None where it cannot be gone on with."""
    head = read_json(_part_head(part), Head)
    can_go_on = head and head.validator and part.is_file() and part.stat().st_size
    return head if can_go_on else None


def _conditions(head: Head | None, part: Path, held: Head | None) -> dict[str, str]:
    if head:
        return {"Range": f"bytes={part.stat().st_size}-", "If-Range": head.validator}
    told = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified} if held else {}
    return {name: value for name, value in told.items() if value}


def _forget(part: Path) -> None:
    for path in (part, _part_head(part)):
        path.unlink(missing_ok=True)


def _append(line: Line, response: requests.Response, part: Path, head: Head | None) -> Head:
    """Writes an answer, or the piece of it that lacked, to the end of `part`."""
    headers = response.headers
    came = Head(
        datetime.now(UTC).isoformat(timespec="seconds"),
        *(headers.get(n, "") for n in ("Date", "ETag", "Last-Modified", "Content-Encoding")),
        int(headers.get("Content-Length", -1)),
    )
    if came.encoding not in ("", "identity", "gzip"):
        raise UnreadableFile(f"it is packed as {came.encoding!r}, expected gzip or nothing")
    if response.status_code == 206:
        place = f"bytes {part.stat().st_size}-" if head else "none"
        same = head and (came.etag, came.last_modified) == (head.etag, head.last_modified)
        if not same or not headers.get("Content-Range", "").startswith(place):
            _forget(part)
            raise OSError("a piece of another answer came")
    else:
        _forget(part)  # before its head is written: the two are of one answer at any moment
        part.parent.mkdir(parents=True, exist_ok=True)
        room = shutil.disk_usage(part.parent).free
        if came.length > room:
            raise UnreadableFile(
                f"it has {came.length:,} bytes, and the disk has room for {room:,}"
            )
        head = came
        write_whole(_part_head(part), lambda path: path.write_bytes(msgspec.json.encode(came)))
    with part.open("ab") as file:
        for block in line.blocks(response):
            file.write(block)
            if line.tell and file.tell() // STEP_BYTES > (file.tell() - len(block)) // STEP_BYTES:
                line.tell(file.tell(), head.length)
    if head.length >= 0 and part.stat().st_size != head.length:
        _forget(part)
        raise OSError("more or fewer bytes came than were promised")
    return head


def _worth_waiting(response: requests.Response, part: Path) -> str:
    """The trouble in words, where asking again may help."""
    status = response.status_code
    if status == 416:
        _forget(part)
    elif 300 <= status < 400:
        place = response.headers.get("Location", "nowhere")
        raise UnreadableFile(
            f"it moved to {place.split('?')[0]}; if that is right, ask there with --at"
        )
    elif status == 403 and "Retry-After" not in response.headers:
        raise Stopped("it answers 403, which is no: see in a browser whether it answers there")
    elif status not in (*BUSY, 500, 502, 504):
        raise UnreadableFile(f"it answers {status}; `fetch --check` writes down how")
    return f"it answers {status}"


def _in_words(error: Exception, timeout: float) -> str:
    """Never the error's own words: they hold the address, and so a key."""
    name = type(error).__name__
    if "Timeout" in name:
        return f"it was silent for {timeout:g} s"
    return str(error) if type(error) is OSError else f"the connection broke off ({name})"


def _wait(attempt: int, response: requests.Response | None, line: Line) -> None:
    """As long as the source asks; ten pauses where it is busy and does not say; else doubling."""
    busy = response is not None and response.status_code in BUSY
    try:
        asked = urllib3.Retry().get_retry_after(response.raw) if busy else None
    except urllib3.exceptions.InvalidHeader:
        asked = None
    if asked and asked > LONGEST_WAIT:
        until = datetime.now() + timedelta(seconds=asked)
        raise Stopped(f"it asks to be left alone until {until:%H:%M}; call again then")
    usual = 10 * line.pause if busy else min(line.pause, LEAST_PAUSE) * 2**attempt
    time.sleep(usual if asked is None else asked)


# What is kept


def held_answer(folder: Path, ask: Ask) -> Answer | None:
    """What is known of an answer that is there and whole, byte for byte; else None."""
    try:
        answer = read_document(folder / ask.sidecar, Answer)
        is_whole = _size_and_hash(folder / ask.file, ask) == (answer.bytes, answer.sha256)
    except (OSError, UnreadableFile):
        return None
    return answer if is_whole else None


def _size_and_hash(path: Path, ask: Ask) -> tuple[int, str]:
    """Of the bytes of an answer, unpacked; of a file, never more than a block is in memory."""
    if ask.is_file:
        with path.open("rb") as file:
            return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
    body = answers.unpacked(path)
    return len(body), hashlib.sha256(body).hexdigest()


def _contents(part: Path, ask: Ask) -> Contents:
    """What an answer holds, having proved that it is whole and to the question.

    Raises:
        UnreadableFile: it is not.
    """
    if ask.is_file:
        headings = ask.view.headings.split()
        with part.open("rb") as file:
            first = file.readline(1 << 16).decode("utf-8", errors="replace").strip()
        if not set(headings) <= {word.strip('" \ufeff') for word in re.split("[,\t]", first)}:
            wanted = f"a table headed {', '.join(headings)}"
            raise UnreadableFile(f"expected {wanted}, found: {first[:120]!r}")
        return Contents()
    if ask.view.reader == "aggregate":
        return answers.check_aggregate(part, ask.period.year)
    return answers.check_chapter(part, ask.period.year, ask.chapter)


def take(line: Line, ask: Ask, raw: Path, *, refresh: bool = False) -> Outcome:
    """Brings one answer into its place, if it is not there, and whole, already.

    Args:
        line: the connection.
        ask: what is asked.
        raw: the folder of raw files.
        refresh: ask for what is there, too; what changed is kept as an earlier vintage.

    Raises:
        UnreadableFile: it cannot be had, or is not what was asked for.
        Stopped: the source cannot be asked on.
    """
    folder = raw / ask.folder
    held = held_answer(folder, ask)
    if held and not refresh:
        return _outcome(ask, "there", held)
    part = folder / f".{ask.name}.part"
    head = receive(line, ask, part, held)
    if head is None:
        return _outcome(ask, "unchanged", held)
    try:
        n_bytes, sha256 = _size_and_hash(part, ask)
        contents = _contents(part, ask)
        answer = Answer(
            **asdict(head), source=ask.view.source, flow=ask.flow, months=ask.months,
            year_sh=ask.period.year if ask.period else 0, parameters=ask.parameters(),
            address=ask.address(line.at), bytes=n_bytes, sha256=sha256, **asdict(contents),
        )  # fmt: skip
        if held and held.sha256 == sha256:
            return _outcome(ask, "unchanged", held)
        if not (contents.n_rows or ask.chapter or ask.is_file):
            return Outcome(str(ask), "empty", "the source holds nothing of it yet")
        if held:
            earlier = folder / f"{'.' * ask.is_file}earlier" / held.retrieved_at.replace(":", "")
            for name in (ask.file, ask.sidecar):
                linked(folder / name, earlier / name)
        _put(part, head, folder, ask)
        _write_yaml(folder / ask.sidecar, answer)
    finally:
        _forget(part)
    note = f"{held.value_usd:,.0f} USD before" if held else ""
    return _outcome(ask, "changed" if held else "fetched", answer, ask.view.terms or note)


def _put(part: Path, head: Head, folder: Path, ask: Ask) -> None:
    """Lets a whole answer stand in its place: a file as it is, a page packed."""
    if ask.is_file:
        part.replace(folder / ask.file)
        beside = {
            "producer": ask.view.producer, "title": ask.view.title, "url": ask.view.address,
            "accessed": head.retrieved_at[:10], "licence": f"see {ask.view.terms}",
        }  # fmt: skip
        _write_yaml(folder / f"{ask.name}.source.yml", beside)
        return
    is_packed = head.encoding == "gzip"
    body = part.read_bytes() if is_packed else gzip.compress(answers.unpacked(part), mtime=0)
    write_whole(folder / ask.file, lambda path: path.write_bytes(body))


def _outcome(ask: Ask, status: str, holds: Answer, note: str = "") -> Outcome:
    if ask.is_file:
        note = f"{holds.bytes:,} bytes" + (f"; its terms: {note}" if note else "")
    return Outcome(str(ask), status, note, holds.n_rows, holds.value_usd)


def _write_yaml(path: Path, document: object) -> None:
    write_whole(path, lambda given: given.write_bytes(msgspec.yaml.encode(document)))


def write_sidecars(raw: Path, ask: Ask, at: str) -> None:
    """Writes the sidecars of a year's folder, by which `clean` reads it as one source.

    Its control, the total of the aggregate view, is said once all chapters are there.
    """
    folder = raw / ask.folder
    known = {
        p.name.split(".")[0]: read_document(p, Answer) for p in sorted(folder.glob("*.answer.yml"))
    }
    if not known:
        return
    document = {
        "layout": CHAPTER_LAYOUT, "flow": ask.flow, "year_sh": ask.period.year,
        "months": ask.months, "producer": ask.view.producer,
        "title": ask.view.title, "url": ask.address(at).split("?")[0],
        "accessed": max(answer.retrieved_at[:10] for answer in known.values()),
    }  # fmt: skip
    if {"aggregate", *CHAPTERS} <= known.keys():
        control = known["aggregate"]
        document["control_total_usd"] = control.value_usd
        document["control_total_kg"] = control.net_mass_kg
    _write_yaml(folder / "_source.yml", document)
    beside = {"layout": AGGREGATE_LAYOUT, "control_total_kg": None}
    _write_yaml(folder / "aggregate.source.yml", beside)


# A call


def fetch_all(
    asks: list[Ask],
    raw: Path,
    line: Line,
    *,
    refresh: bool = False,
    tell: Callable[[int, Outcome], object] | None = None,
) -> list[Outcome]:
    """Takes all that is asked and not there; goes on past what fails.

    Args:
        asks: see `requests_of`.
        raw: the folder of raw files.
        line: the connection; it is not used where everything is there.
        refresh: ask for what is there, too.
        tell: is told each outcome, with its place among all.

    Returns:
        An outcome for each, up to the one at which the source stopped, which is the last.
    """
    outcomes: list[Outcome] = []
    folders = {ask.folder: ask for ask in asks}
    with locked(raw / f".fetch-{asks[0].view.source}.lock"), scratch(raw / WORK):
        for folder in (WORK, *folders):
            sweep(raw / folder)
        for place, ask in enumerate(asks, start=1):
            if ask.folder not in folders:
                continue
            outcome = _outcome_of(line, ask, raw, refresh=refresh)
            outcomes.append(outcome)
            if tell:
                tell(place, outcome)
            if outcome.status == "stopped":
                break
            if outcome.status == "empty":
                del folders[ask.folder]
            elif not ask.is_file and not (raw / ask.folder / "_source.yml").is_file():
                write_sidecars(raw, ask, line.at)  # a folder that is ended early says what it is
        for ask in (ask for ask in folders.values() if not ask.is_file):
            write_sidecars(raw, ask, line.at)
    return outcomes


def _outcome_of(line: Line, ask: Ask, raw: Path, *, refresh: bool) -> Outcome:
    try:
        return take(line, ask, raw, refresh=refresh)
    except (Stopped, UnreadableFile) as error:
        status = "stopped" if isinstance(error, Stopped) else "failed"
        return Outcome(str(ask), status, _without(line.key, str(error)))


def _without(key: str, text: str) -> str:
    return text.replace(key, "{key}") if key else text


def key_of(view: SourceView) -> str:
    """The key that a source asks for, from the environment; "" where it asks for none.

    Raises:
        UnknownCode: it is not there.
    """
    if view.key_variable and not os.environ.get(view.key_variable):
        raise UnknownCode(f"{view.source} asks for a key: put it into {view.key_variable}")
    return os.environ.get(view.key_variable, "")


def try_out(asks: Iterable[Ask], line: Line, log: Path) -> list[dict[str, Any]]:
    """Asks once each, and writes down what came in which shape, to be sent back.

    Args:
        asks: one small chapter, say, and the aggregate.
        line: the connection.
        log: the YAML file to write; the key of a source is not in it.

    Returns:
        One a request: address, status, headers, bytes, first words, and whether it is whole.
    """
    reports = [_shape_of(ask, line, log.with_name(f".{log.name}.part")) for ask in asks]
    _write_yaml(log, {"checked_at": datetime.now(UTC).isoformat(timespec="seconds"), "of": reports})
    return reports


def _shape_of(ask: Ask, line: Line, part: Path) -> dict[str, Any]:
    report: dict[str, Any] = {"address": ask.address(line.at), "is_whole": False}
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(line.ask(ask, {})) as response:
            report |= {"status": response.status_code, "headers": dict(response.headers)}
            blocks = line.blocks(response)
            part.write_bytes(b"".join(islice(blocks, 8) if ask.is_file else blocks))
        body = answers.unpacked(part)
        starts = _without(line.key, body[:2000].decode("utf-8", errors="replace"))
        report |= {"bytes": len(body), "starts": starts}
        contents = _contents(part, ask)  # of a file only the beginning was asked
        report |= {"is_whole": True} | ({} if ask.is_file else asdict(contents))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        report["error"] = _in_words(error, line.timeout)
    except HelpersError as error:
        report["error"] = _without(line.key, str(error))
    finally:
        part.unlink(missing_ok=True)
    return report
