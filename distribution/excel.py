"""Reports as .xlsx. What people typed stays text: no cell is ever a formula."""

import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA = ("=", "+", "-", "@")


def workbook(title, header, rows):
    """The bytes of a workbook of one sheet; texts become text cells, numbers number cells, None stays empty."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        sheet.append([cell(sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cell(sheet, value):
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    made.data_type = "s"  # else "=1+1" would be calculated
    made.number_format = "@"
    # What a person does with an apostrophe: it stays text when somebody edits the cell, and comes back as it was.
    made.quotePrefix = value.startswith(FORMULA)
    return made
