"""What one would write instead of Kontor: a script that draws invoices with WeasyPrint and puts mails into a folder.

It reads the same SQLite database, prints the same content on the same kind of paper (DIN 5008 form B, PDF/A-3b, the
same fonts, EPC-QR code), and writes one MIME message per invoice, on all cores. It keeps no rows, takes no durable
numbers and cannot be continued after a crash; that work would come on top.

usage: invoice_run.py DATABASE PERIOD OUTBOX [--limit N]
prints: {"invoices": n, "seconds": x, "workers": n, "versions": {...}, "fast_subsetter": b}
"""

import argparse
import json
import multiprocessing
import os
import sqlite3
import time
from datetime import date, timedelta
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from html import escape
from pathlib import Path

import segno
import weasyprint
from weasyprint.text import ffi
from weasyprint.text.fonts import FontConfiguration

FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"

DUE = """
SELECT r.customer_number, r.company, r.first_name, r.last_name, r.email, r.street, r.postal_code, r.city, r.language,
       s.started_on, m.address AS mailbox, t.name_de, t.name_en, t.gross_cents,
       (SELECT x.basis_points FROM tax_rates x WHERE x.code = t.tax_code AND x.valid_from_on <= :first
        ORDER BY x.valid_from_on DESC LIMIT 1) AS basis_points
FROM subscriptions s
JOIN registrations r ON r.id = s.registration_id
JOIN tariffs t ON t.id = s.tariff_id
LEFT JOIN mailboxes m ON m.id = s.mailbox_id
WHERE s.started_on <= :last AND (s.ended_on IS NULL OR s.ended_on >= :first) AND r.state <> 'blocked'
  AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = s.id AND i.period = :first
                  AND i.kind = 'invoice' AND i.state <> 'cancelled')
ORDER BY r.customer_serial, s.id LIMIT :limit
"""

CSS = f"""
@font-face {{ font-family: Inter; src: url({(FONTS / "Inter-Regular.ttf").as_uri()}) }}
@font-face {{ font-family: Inter; font-weight: 600; src: url({(FONTS / "Inter-SemiBold.ttf").as_uri()}) }}
@page {{ size: A4; margin: 20mm 20mm 30mm 25mm;
  @bottom-left {{ content: element(foot); width: 85% }}
  @bottom-right {{ content: "Seite " counter(page) " von " counter(pages); font: 7pt Inter; width: 15% }} }}
body {{ font: 9.5pt/1.4 Inter; margin: 0 }}
.head {{ color: #184e77; font-size: 17pt; font-weight: 600; border-bottom: 1pt solid #184e77; height: 17mm }}
.window {{ position: absolute; top: 25mm; width: 80mm; height: 45mm }}
.sender {{ font-size: 6.8pt; color: #5c636e }}
.info {{ position: absolute; top: 30mm; left: 95mm; width: 72mm; font-size: 8pt }}
.body {{ position: absolute; top: 79mm; width: 165mm }}
table {{ width: 100%; border-collapse: collapse }}
.lines th, .lines td, .taxes th, .taxes td {{ text-align: right; border-bottom: .5pt solid #bec4cd; padding: 1.5mm 1mm }}
.lines th:nth-child(-n+2), .lines td:nth-child(-n+2) {{ text-align: left }}
.total td {{ font-weight: 600 }} .lines .total td:last-child {{ text-align: right }}
.taxes {{ width: 50%; margin: 4mm 0 4mm auto }}
.pay img {{ width: 28mm; float: right }}
.foot {{ position: running(foot); font-size: 7pt; color: #5c636e }}
"""

worker = {}


def euro(cents):
    """Cents as 1.234,56 €."""
    return f"{cents / 100:,.2f} €".translate(str.maketrans(",.", ".,"))


def german(day):
    """A date as 31.01.2013."""
    return day.strftime("%d.%m.%Y")


def address_lines(row):
    """The recipient as printed in the window."""
    person = f"{row['first_name']} {row['last_name']}".strip()
    place = [row["street"], f"{row['postal_code']} {row['city']}"] if row["street"] else [row["email"]]
    return [line for line in (row["company"], person, *place) if line]


def page(row, number, issuer, first, last):
    """The invoice as HTML."""
    gross, rate = row["gross_cents"], row["basis_points"]
    net = (gross * 20_000 + 10_000 + rate) // (2 * (10_000 + rate))
    start = max(first, date.fromisoformat(row["started_on"]))
    due = last + timedelta(days=1 + issuer["payment_days"])
    code = segno.make(
        "\n".join(["BCD", "002", "1", "SCT", issuer["bic"], issuer["name"], issuer["iban"], f"EUR{gross / 100:.2f}",
                   "", "", number]), error="m", micro=False)
    name = row["name_en"] if row["language"] == "en" else row["name_de"]
    html = {key: escape(str(issuer[key])) for key in issuer.keys()}
    return f"""<html lang="de"><head><title>Rechnung {number}</title></head><body>
<div class="foot">{html['name']} · {html['street']} · {html['postal_code']} {html['city']} · {html['register']} ·
  {html['directors']} · USt-IdNr. {html['vat_id']} · {html['bank']} · IBAN {html['iban']} · BIC {html['bic']}</div>
<div class="head">{html['name']}</div>
<div class="window"><div class="sender">{html['name']} · {html['street']} · {html['postal_code']} {html['city']}</div>
  {'<br>'.join(escape(line) for line in address_lines(row))}</div>
<table class="info"><tr><td>Rechnungsnummer<td>{number}<tr><td>Rechnungsdatum<td>{german(last)}
  <tr><td>Kundennummer<td>{escape(row['customer_number'])}
  <tr><td>Leistungszeitraum<td>{german(start)} bis {german(last)}<tr><td>E-Mail<td>{escape(row['email'])}</table>
<div class="body"><h1>Rechnung</h1><p>Guten Tag,</p>
<p>für den Leistungszeitraum {german(start)} bis {german(last)} berechnen wir Ihnen:</p>
<table class="lines"><tr><th>Pos.<th>Beschreibung<th>Menge<th>Einzelpreis<th>USt<th>Netto<th>Gesamt
  <tr><td>1<td>{escape(name)} {escape(row['mailbox'] or '')}<td>1<td>{euro(gross)}<td>{rate // 100} %<td>{euro(net)}
  <td>{euro(gross)}<tr class="total"><td colspan="6">Gesamtbetrag<td>{euro(gross)}</table>
<table class="taxes"><tr><th>Steuersatz<th>Netto<th>USt<th>Brutto
  <tr><td>{rate // 100} %<td>{euro(net)}<td>{euro(gross - net)}<td>{euro(gross)}</table>
<div class="pay"><img src="{code.svg_data_uri(border=0)}">
<p>Bitte überweisen Sie {euro(gross)} bis zum {german(due)} auf das folgende Konto. Geben Sie als Verwendungszweck nur
{number} an, damit wir Ihre Zahlung zuordnen können.</p>
<p>Empfänger {html['name']}<br>{html['bank']}<br>IBAN {html['iban']}<br>BIC {html['bic']}</p></div></div></body></html>"""


def mail(row, number, issuer, pdf):
    """The message with the PDF attached."""
    message = EmailMessage()
    message["From"] = formataddr((issuer["name"], issuer["email"]))
    message["To"] = formataddr((row["company"] or f"{row['first_name']} {row['last_name']}", row["email"]))
    message["Subject"] = f"Ihre Rechnung {number}"
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{number}@example.com>"
    message.set_content(
        f"Guten Tag,\n\nanbei erhalten Sie die Rechnung {number} über {euro(row['gross_cents'])} für Ihr Postfach.\n\n"
        f"Mit freundlichen Grüßen\n{issuer['name']}\n")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return message.as_bytes()


def prepare(issuer, first, last, outbox):
    """Once per process: fonts and style sheet are read once, not per invoice."""
    fonts = FontConfiguration()
    worker.update(fonts=fonts, css=weasyprint.CSS(string=CSS, font_config=fonts), issuer=issuer, first=first, last=last,
                  outbox=Path(outbox))


def invoice(task):
    """Draws one invoice and writes its mail."""
    number, row = task
    html = page(row, number, worker["issuer"], worker["first"], worker["last"])
    pdf = weasyprint.HTML(string=html).write_pdf(
        stylesheets=[worker["css"]], font_config=worker["fonts"], pdf_variant="pdf/a-3b")
    (worker["outbox"] / f"{number}.eml").write_bytes(mail(row, number, worker["issuer"], pdf))


def main():
    """Reads what is due and works it off on all cores."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("database")
    arguments.add_argument("period")
    arguments.add_argument("outbox")
    arguments.add_argument("--limit", type=int, default=-1)
    given = arguments.parse_args()
    started = time.perf_counter()
    first = date.fromisoformat(given.period + "-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    database = sqlite3.connect(f"file:{given.database}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    issuer = dict(database.execute("SELECT * FROM issuers ORDER BY valid_from_on DESC LIMIT 1").fetchone())
    issuer = {key: value for key, value in issuer.items() if key not in ("id", "reply_to")}
    due = {"first": first.isoformat(), "last": last.isoformat(), "limit": given.limit}
    rows = [dict(row) for row in database.execute(DUE, due)]
    tasks = [(f"RE-{first.year}-{nth:06}", row) for nth, row in enumerate(rows, 1)]
    Path(given.outbox).mkdir(parents=True, exist_ok=True)
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with multiprocessing.Pool(workers, prepare, (issuer, first, last, given.outbox)) as pool:
        for _ in pool.imap_unordered(invoice, tasks, chunksize=8):
            pass
    print(json.dumps({
        "invoices": len(tasks),
        "seconds": round(time.perf_counter() - started, 3),
        "workers": workers,
        "versions": {"weasyprint": weasyprint.__version__, "segno": segno.__version__},
        "fast_subsetter": getattr(ffi, "harfbuzz_subset", None) is not None,
    }))


if __name__ == "__main__":
    main()
