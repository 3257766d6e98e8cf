"""Texts from outside, made safe to print and to put in a mail header."""

import re
import unicodedata

from .findings import Code

# Marks that change the direction of the text around them: "fdp.exe" can be made to look like "exe.pdf".
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Invisible and of no use inside a name. Joiners (U+200C, U+200D) stay: Persian and Indic spelling needs them.
INVISIBLE = "\u200b\u2060\ufeff"
LINE_ENDS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
MAX_ADDRESS = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
MAX_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1


class NotOneAddress(ValueError):
    """`code` says whether it is two addresses or none."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def clean_text(value, *, lines=False):
    """One line of text without control and direction characters; runs of white space become one space.

    With `lines`, line ends stay, as "\\n".
    """
    text = LINE_ENDS.sub("\n", value)
    if not text.isprintable():
        text = "".join(character for character in text if character in "\n\t" or not is_unwanted(character))
    if not lines:
        return re.sub(r"[ \n\t]+", " ", text).strip()
    return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")).strip("\n")


def unwanted(value, *, lines=False):
    """The characters that `clean_text` had to do something about, as ("U+202E", ...). Indentation around is none."""
    if value.isprintable():
        return ()
    kept = "\r\n\t" if lines else "\t"
    found = {character for character in value.strip() if is_unwanted(character) and character not in kept}
    return tuple(f"U+{ord(character):04X}" for character in sorted(found))


def is_unwanted(character):
    return character in BIDI or character in INVISIBLE or unicodedata.category(character) in ("Cc", "Zl", "Zp")


def one_address(value):
    """The one e-mail address in `value`, as it stands there; NotOneAddress where there are two, or none.

    At most 254 characters as it travels (RFC 5321), ASCII before the @, a domain that IDNA can write (RFC 3490).
    """
    address = value.strip()
    if address.count("@") > 1:
        raise NotOneAddress(Code.TWO_ADDRESSES)
    local, at, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise NotOneAddress(Code.BAD_ADDRESS) from None
    labels = ascii_domain.split(".")
    if (
        not at
        or len(local) > MAX_LOCAL_PART
        or len(local) + 1 + len(ascii_domain) > MAX_ADDRESS
        or not LOCAL_PART.fullmatch(local)
        or len(labels) < 2
        or labels[-1].isdigit()
        or not all(LABEL.fullmatch(label) for label in labels)
    ):
        raise NotOneAddress(Code.BAD_ADDRESS)
    return address
