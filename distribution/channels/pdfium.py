"""PDFium: what a finished PDF is like."""

import threading
from contextlib import contextmanager

from pypdfium2 import PdfDocument

MM = 72 / 25.4  # points in a millimetre
# PDFium bears one caller at a time in a process, whatever the document; web and sender have threads.
ALONE = threading.Lock()


@contextmanager
def opened(content):
    """The PdfDocument of these bytes. Raises PdfiumError when they are none, or are locked."""
    with ALONE:
        document = PdfDocument(content)
        try:
            yield document
        finally:
            document.close()
