"""Numbers that name companies, accounts and payments in the Nordic countries: their check digits and their forms.

Sources: Bankgirot "OCR-referenskontroll"; Peppol rules SE-R-007 to SE-R-013; ISO 13616 (IBAN); ISO 11649 (RF);
Finance Finland's reference number guide; Bits "KID". All of it is text: leading zeros count.
"""

import re
import string

NBSP = "\u00a0"
# Electronic address schemes (EAS), ISO 6523 ICDs and their older names that say which register a number is from.
COUNTRY_OF_SCHEME = {
    **dict.fromkeys(["0007", "9955", "SE:ORGNR"], "SE"),
    **dict.fromkeys(["0192", "9908", "NO:ORGNR"], "NO"),
    **dict.fromkeys(["0212", "0213", "0216", "0037"], "FI"),
    **dict.fromkeys(["0184", "9902", "DK:CVR"], "DK"),
}
# A legal id of each country once blanks and punctuation are gone; the group is the number itself.
# SE: a VAT id ends in two digits more; "16" is put before an organisation's number, "19" and "20" before a person's.
# FI: an OVT is 0037, the number and up to five characters.
LEGAL_ID = {
    "SE": re.compile(r"SE(\d{10})(?:\d\d)?|(?:16|19|20)?(\d{10})", re.ASCII),
    "NO": re.compile(r"(?:NO)?(\d{9})(?:MVA)?", re.ASCII),
    "FI": re.compile(r"(?:FI)?(\d{8})|0037(\d{8})\w{0,5}", re.ASCII),
    "DK": re.compile(r"(?:DK)?(\d{8})", re.ASCII),
}


def normal_legal_id(value, *, country="", scheme=""):
    """A legal id, VAT id or other company identifier in the one form in which it can be compared.

    "556036-0793", "165560360793" and "SE556036079301" all become "SE5560360793". `country` is that of the card or
    the address, `scheme` the identifier's own; without both, the number must show by itself where it is from.
    What no Nordic register knows stays as it is, without blanks and in capitals.
    """
    plain = re.sub(r"\s", "", value).upper()
    bare = re.sub(r"[.,\-\u2010-\u2013]", "", plain)
    home = COUNTRY_OF_SCHEME.get(scheme)
    if not home and bare[:2] in LEGAL_ID:
        home = bare[:2]
    if not home and not scheme:
        home = country.upper() or country_by_check_digit(plain, bare)
    match = LEGAL_ID[home].fullmatch(bare) if home in LEGAL_ID else None
    return home + next(filter(None, match.groups())) if match else plain


def country_by_check_digit(plain, bare):
    """The country whose form and check digit a number without prefix has; "" where none has them."""
    if re.fullmatch(r"\d{7}-\d", plain, re.ASCII) and is_y_tunnus(bare):
        return "FI"
    if re.fullmatch(r"0037\d{8}\w{0,5}", bare, re.ASCII) and is_y_tunnus(bare[4:12]):
        return "FI"
    if re.fullmatch(r"(16|19|20)?\d{10}", bare, re.ASCII) and is_luhn(bare[-10:]):
        return "SE"
    if re.fullmatch(r"\d{9}(MVA)?", bare, re.ASCII) and is_norwegian(bare[:9]):
        return "NO"
    return ""


def has_right_check_digit(key):
    """Of a normal legal id; one that no rule here knows is right. Danish numbers have had none since 2007."""
    checks = {"SE": is_luhn, "NO": is_norwegian, "FI": is_y_tunnus}
    match = re.fullmatch(r"(SE|NO|FI)(\d+)", key, re.ASCII)
    return checks[match[1]](match[2]) if match else True


def legal_ids(party):
    """The normal legal and VAT id of a core.Party, in this order (BT-30 and BT-31 of a seller, BT-47 and BT-48)."""
    country = party.address.country if party.address else ""
    found = []
    if party.legal_id:
        found.append(normal_legal_id(party.legal_id.value, country=country, scheme=party.legal_id.scheme))
    if party.vat_id:
        found.append(normal_legal_id(party.vat_id, country=country))
    return list(dict.fromkeys(found))


def seller_ids(party):
    """What a seller can be known by, the strongest first: the legal ids, then the others that it goes by (BT-29).

    Match in this order and stop at the first hit: companies of one group may share a VAT id, never a legal id.
    """
    others = [normal_legal_id(each.value, scheme=each.scheme) for each in party.ids]
    return list(dict.fromkeys([*legal_ids(party), *others]))


# --- Check digits -----------------------------------------------------------------------------------------------------


def luhn_digit(digits):
    """The digit that makes `digits` + digit pass the Luhn check (mod 10, weights 2 1 from the right)."""
    doubled = (int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def is_luhn(digits):
    return is_digits(digits) and len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]


def mod11_digit(digits):
    """The mod 11 digit, weights 2 to 7 from the right; "-" where it would be 10."""
    rest = -sum(int(digit) * (2 + index % 6) for index, digit in enumerate(reversed(digits))) % 11
    return "-" if rest == 10 else str(rest)


def is_norwegian(digits):
    """Norwegian organisation number: nine digits, mod 11."""
    return is_digits(digits) and len(digits) == 9 and mod11_digit(digits[:-1]) == digits[-1]


def is_y_tunnus(digits):
    """Finnish business id without its hyphen: seven digits and a check digit, weights 7 9 10 5 8 4 2, mod 11."""
    if not is_digits(digits) or len(digits) != 8:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(digits, (7, 9, 10, 5, 8, 4, 2), strict=False)) % 11
    return rest != 1 and str(-rest % 11) == digits[-1]


# --- Accounts ---------------------------------------------------------------------------------------------------------


def is_bankgiro(value):
    digits = value.replace("-", "")
    return 7 <= len(digits) <= 8 and is_luhn(digits)


def is_plusgiro(value):
    digits = re.sub(r"[\s-]", "", value)
    return 2 <= len(digits) <= 8 and is_luhn(digits)


def format_bankgiro(value):
    """ "50501055" -> "5050-1055"; what has not 7 or 8 digits stays as it is."""
    digits = value.replace("-", "")
    return f"{digits[:-4]}-{digits[-4:]}" if re.fullmatch(r"[0-9]{7,8}", digits) else value


def format_plusgiro(value):
    """ "2865434" -> "28 65 43-4", with U+00A0; what has not 2 to 8 digits stays as it is."""
    digits = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"[0-9]{2,8}", digits):
        return value
    return f"{grouped_from_the_right(digits[:-1], 2)}-{digits[-1]}"


def is_iban(value):
    iban = re.sub(r"\s", "", value).upper()
    return bool(re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", iban, re.ASCII)) and mod97(iban[4:] + iban[:4]) == 1


def format_iban(value):
    """Groups of four with U+00A0, as ISO 13616 prints it."""
    return NBSP.join(re.findall(r".{1,4}", re.sub(r"\s", "", value).upper()))


# --- Payment references -----------------------------------------------------------------------------------------------


def is_ocr(value, *, length_digit=False):
    """Swedish OCR number: 2 to 25 digits, Luhn; with `length_digit` the last but one is the length, mod 10."""
    if not (2 <= len(value) <= 25 and is_luhn(value)):
        return False
    return not length_digit or value[-2] == str(len(value) % 10)


def is_kid(value):
    """Norwegian KID: 2 to 25 characters, mod 10 or mod 11 (which may end in "-")."""
    body, digit = value[:-1], value[-1:]
    return 2 <= len(value) <= 25 and is_digits(body) and digit in (luhn_digit(body), mod11_digit(body))


def is_viite(value):
    """Finnish reference number: 4 to 20 digits, weights 7 3 1 from the right."""
    digits = re.sub(r"\s", "", value)
    if not (4 <= len(digits) <= 20 and is_digits(digits)):
        return False
    return viite_digit(digits[:-1]) == digits[-1]


def ocr(number):
    """The OCR number of these digits, with length digit and check digit: "12345" -> "1234574".

    Bankgirot's third level takes these two, and the levels below it take any number with a right check digit. The
    length digit is the length of the whole, mod 10. Raises ValueError over 23 digits.
    """
    if not is_digits(number) or len(number) > 23:
        raise ValueError(number)
    body = number + str((len(number) + 2) % 10)
    return body + luhn_digit(body)


def kid(number, *, modulus=10):
    """The KID of these digits by mod 10 or mod 11, whichever the bank agreed to. Raises ValueError over 24 digits."""
    if not is_digits(number) or len(number) > 24:
        raise ValueError(number)
    return number + (luhn_digit(number) if modulus == 10 else mod11_digit(number))


def viite(number):
    """The Finnish reference number of these digits. Raises ValueError where 3 to 19 are not left without zeros before.

    Zeros before a reference mean nothing to a bank, so that a number may not lean on them for its length.
    """
    body = number.lstrip("0")
    if not is_digits(body) or not 3 <= len(body) <= 19:
        raise ValueError(number)
    return body + viite_digit(body)


def viite_digit(digits):
    """Weights 7 3 1 from the right, up to the next ten."""
    return str(-sum(int(digit) * (7, 3, 1)[index % 3] for index, digit in enumerate(reversed(digits))) % 10)


def is_rf(value):
    """ISO 11649 creditor reference: RF, two check digits, up to 21 characters; mod 97."""
    reference = re.sub(r"\s", "", value).upper()
    if not re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", reference, re.ASCII):
        return False
    return mod97(reference[4:] + reference[:4]) == 1


def format_reference(value):
    """A viite in groups of five from the right, an RF reference in groups of four, anything else as it is."""
    plain = re.sub(r"\s", "", value).upper()
    if is_rf(plain):
        return format_iban(plain)
    return grouped_from_the_right(plain.lstrip("0"), 5) if is_viite(plain) else value


# --- Shared by the above ----------------------------------------------------------------------------------------------


def is_digits(value):
    """ASCII digits only: str.isdigit() also takes those of other scripts, and superscripts."""
    return bool(value) and set(value) <= set(string.digits)


def grouped_from_the_right(digits, size):
    head = len(digits) % size
    return NBSP.join(filter(None, [digits[:head], *re.findall(f".{{{size}}}", digits[head:])]))


def mod97(characters):
    """ISO 7064 mod 97-10, letters as A = 10 to Z = 35."""
    return int("".join(str(int(character, 36)) for character in characters)) % 97
