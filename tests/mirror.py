"""A stand-in for the public mirror of the customs statistics, on the loopback address.

It serves a small year in 99 chapters as DOMAIN.md describes the real one (a search inside the
code, months filled or empty, total rows, empty chapters, Arabic letters), and misbehaves on order:
`mirror.orders["30"]` is a list of what to do at the next requests for chapter 30.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HEADINGS = (
    "ردیف", "ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "توضیحات تعرفه",
    "وزن (کیلوگرم)", "ارزش (ریال)", "ارزش (دلار)",
)  # fmt: skip
OFFICES = ("منطقه ویژه اقتصادی پیام", "بازارچه كیله سردشت", "شهید رجایی", "غرب تهران")
COUNTRIES = ("امارات متحده عربي", "ترکيه", "عراق", "فدراسیون روسيه")
NOTHING = "<html><body><div>اطلاعاتی موجود نمی باشد</div></body></html>"
LOGIN = "<html><head><title>ورود</title></head><body><form>نام کاربری رمز عبور</form></body></html>"
RIALS_A_DOLLAR = 285_000

Row = tuple[str, str, str, int, int, int]
"""Code, office, country, month (0: not told), kilograms, dollars."""


def a_year(n_rows: int = 600, *, with_months: bool = False, seed: int = 1) -> list[Row]:
    """Rows of all chapters but a few, whose codes hold the digits of other chapters, too."""
    rows = []
    for n in range(n_rows):
        chapter = 1 + (n * 7 + seed) % 97
        if chapter in (77, 78):
            continue
        code = f"{chapter:02}{(n * 37 + seed) % 100:02}{(n * 61) % 100:02}{(n % 3) * 10:02}"
        month = 1 + n % 12 if with_months else 0
        kg = 1_000 + (n * 7919 + seed) % 90_000
        rows.append((code, OFFICES[n % 4], COUNTRIES[n // 4 % 4], month, kg, kg * 2 + n % 13))
    return rows


def chapter_page(rows: list[Row], year: int, word: str) -> str:
    """The answer of the detail view to a search for two digits."""
    chosen = [row for row in rows if word in row[0]]
    if not chosen:
        return NOTHING
    lines = [
        [n, row[3] or "", year, row[1], row[2], row[0], f"کد کالا {row[0][:6]}",
         f"{row[4]:,}", f"{row[5] * RIALS_A_DOLLAR:,}", f"{row[5]:,}"]
        for n, row in enumerate(chosen, 1)
    ]  # fmt: skip
    kg, usd = (sum(row[n] for row in chosen) for n in (4, 5))
    last = ["مجموع", *[""] * 6, f"{kg:,}", f"{usd * RIALS_A_DOLLAR:,}", f"{usd:,}"]
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in [*lines, last]
    )
    return (
        '<html dir="rtl"><head><meta charset="utf-8"></head><body>\n'
        f"<table border=1><tr>{head}</tr>\n{body}\n</table></body></html>"
    )


def aggregate_page(rows: list[Row], year: int, uncoded: int) -> str:
    """The view by office and country; each cell of it holds some dollars without a code."""
    if not rows:
        return NOTHING
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for _, office, country, _, _, usd in rows:
        cells[office, country] += usd
    cells = {cell: usd + uncoded for cell, usd in cells.items()}
    kg = sum(row[4] for row in rows) + uncoded
    divs = "\n".join(
        f'<div class="row"><div>{n}</div><div>{year}</div><div>{office}</div>'
        f"<div>{country.replace('ي', 'ی')}</div><div>{usd:,}</div></div>"
        for n, ((office, country), usd) in enumerate(cells.items(), 1)
    )
    return (
        '<html dir="rtl"><head><meta charset="utf-8"></head><body>'
        f"<div>مجموع ارزش دلاری: {sum(cells.values()):,}</div><div>مجموع وزن: {kg:,}</div>{divs}"
        "</body></html>"
    )


@dataclass
class Mirror:
    """The stand-in, its data and what it was asked.

    Attributes:
        years: (flow's word, year) -> rows.
        files: number of a file -> its text; asked by `/api/access/datafile/N`, they are sent from
            another place (`/signed/N`), as by Harvard Dataverse.
        uncoded: dollars that each office and country has above its tariff lines.
        orders: a chapter, `stats` or `robots.txt` -> what to do at the next requests, in turn.
        paths: what was asked for, query and all, in order.
        asked: (part, its request headers, seconds at which it came), in order.
        n_open, most_open: connections that are open, and the most at any time.
        elsewhere: host that files are sent from, if not this one.
        is_packed: whether answers are gzipped for who asks for it.
    """

    years: dict[tuple[str, int], list[Row]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    uncoded: int = 7
    robots: str = "User-agent: *\nAllow: /\n"
    orders: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    n_open: int = 0
    most_open: int = 0
    n_connections: int = 0
    is_packed: bool = True
    address: str = ""
    elsewhere: str = ""

    def page(self, path: str) -> tuple[str, str]:
        """What was asked for, by name, and the page."""
        split = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        if split.path == "/robots.txt":
            return "robots.txt", self.robots
        if split.path.startswith(("/api/access/datafile/", "/signed/")):
            number = split.path.rpartition("/")[2]
            return f"{split.path.split('/')[1]} {number}", self.files.get(number, NOTHING)
        year = int(query.get("sYear", 0))
        rows = self.years.get((query.get("slcImpExp", ""), year), [])
        if split.path == "/stats":
            return "stats", aggregate_page(rows, year, self.uncoded)
        return query["txtSearchWord"], chapter_page(rows, year, query["txtSearchWord"])

    def parts(self) -> list[str]:
        """The names of what was asked for, robots.txt left out."""
        return [name for name, _, _ in self.asked if name != "robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    mirror: Mirror

    def setup(self):
        super().setup()
        self.mirror.n_open += 1
        self.mirror.n_connections += 1
        self.mirror.most_open = max(self.mirror.most_open, self.mirror.n_open)

    def finish(self):
        self.mirror.n_open -= 1
        super().finish()

    def log_message(self, *_):
        """A test prints nothing."""

    def do_GET(self):
        name, page = self.mirror.page(self.path)
        self.mirror.paths.append(self.path)
        self.mirror.asked.append((name, dict(self.headers), time.monotonic()))
        orders = self.mirror.orders.get(name) or [""]
        order = orders.pop(0) if name in self.mirror.orders and orders else ""
        if order.isdigit() or order.partition(" ")[0].isdigit():
            status, _, wait = order.partition(" ")
            return self._send(int(status), b"", {"Retry-After": wait} if wait else {})
        if name.startswith("api "):
            place = f"{self.mirror.elsewhere or self.mirror.address}/signed/{name.split()[1]}"
            return self._send(303, b"", {"Location": f"{place}?signature=once"})
        if order == "silence":
            time.sleep(5)
        if order == "echo":
            page = f"<html><body>no such user: {parse_qs(self.path)['key'][0]}</body></html>"
        if order == "login":
            page = LOGIN
        if order == "truncated":
            page = page[: len(page) * 2 // 3].rpartition("<tr>")[0] + "</table>"
        if order == "wrong total":
            head, _, tail = page.rpartition("<td>")
            page = f"{head}<td>1{tail}"
        if order == "another question":
            page = chapter_page([("99887766", *OFFICES[:1], *COUNTRIES[:1], 1, 5, 5)], 1403, "")
        body = page.encode()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:12]}"'}
        if self.mirror.is_packed and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if self.headers.get("If-None-Match") == headers["ETag"]:
            return self._send(304, b"", headers)
        asked = self.headers.get("Range", "")
        if asked and self.headers.get("If-Range") == headers["ETag"] and order != "no ranges":
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return self._send(206, body[start:], headers)
        return self._send(200, body, headers, half=order == "half")

    def _send(self, status, body, headers, *, half=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # who asked has seen enough
            self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self.wfile.flush()
            self.close_connection = True


@contextmanager
def serving(mirror: Mirror):
    """The stand-in on a free port of the loopback address, until the block ends."""
    handler = type("Handler", (_Handler,), {"mirror": mirror})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()


def bilateral(n_rows: int = 2_000) -> str:
    """A table in the headings of the Atlas's bilateral file."""
    head = "country_id,country_iso3_code,partner_country_id,partner_iso3_code,product_id," \
        "product_hs92_code,year,export_value,import_value"  # fmt: skip
    rows = [f"1,TUR,2,IRQ,{n},{n % 999_999:06},2024,{n * 10},0" for n in range(1, n_rows)]
    return "\n".join([head, *rows, ""])
