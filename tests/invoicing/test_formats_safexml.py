import pytest

from invoicing.formats import safexml
from invoicing.formats.findings import Code, Unreadable

MEGABYTE = 1024 * 1024


def refused(data):
    with pytest.raises(Unreadable) as caught:
        safexml.parse(data)
    return caught.value.finding


def test_good_xml_gives_its_root_without_comments_and_instructions():
    root = safexml.parse(b'<?xml version="1.0"?><!-- a --><Invoice><ID>20<!-- b -->26<?c d?>-1</ID></Invoice>')
    assert (root.tag, root[0].text) == ("Invoice", "2026-1")


@pytest.mark.parametrize("data", [b"", b" \r\n\t "])
def test_an_empty_file_is_named_as_such(data):
    assert refused(data).code == Code.EMPTY


def test_a_file_over_25_megabytes_is_refused_before_it_is_parsed():
    finding = refused(b"x" * (25 * MEGABYTE + 1))
    assert (finding.code, finding.params) == (
        Code.TOO_LARGE,
        {"size": 25 * MEGABYTE + 1, "limit": 25 * MEGABYTE},
    )


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%\xe2\xe3", b"\n\n%PDF-1.4 junk before the header is allowed"])
def test_a_pdf_is_named_as_such(data):
    assert refused(data).code == Code.IS_PDF


def test_a_zip_is_named_as_such():
    assert refused(b"PK\x03\x04\x14\x00").code == Code.IS_ZIP


@pytest.mark.parametrize(
    "data, line",
    [
        (b"Number;Name\n1;Eva", 1),
        (b"<Invoice>\n<ID>1</Invoice>", 2),
        (b"<Invoice>&unknown;</Invoice>", 1),
        (b'<?xml version="1.0" encoding="utf-8"?><ID>\xe5</ID>', 1),
        (b'<?xml version="1.0" encoding="klingon"?><ID/>', 1),
        (b"<ID>a\x00b</ID>", 1),
        (b"\xff\xd8\xff\xe0JFIF", 1),
    ],
)
def test_what_is_not_xml_is_refused_with_the_line_and_the_reason(data, line):
    finding = refused(data)
    assert (finding.code, finding.params["line"]) == (Code.NOT_XML, line)
    assert finding.params["reason"]


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE Invoice><Invoice/>",
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE Invoice SYSTEM "file:///etc/passwd"><Invoice/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a b="&y;">&y;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
    ],
)
def test_any_doctype_is_refused(data):
    assert refused(data).code == Code.DOCTYPE


def test_billion_laughs_are_refused_for_their_doctype():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><a b="&l9;">&l9;</a>'
    assert refused(bomb.encode()).code == Code.DOCTYPE


def test_the_word_doctype_in_a_text_is_no_doctype():
    assert safexml.parse(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE html>]]></a>").text == "<!DOCTYPE html>"


def test_a_prolog_of_many_comments_costs_one_pass():
    assert refused(b"<!-- -->" * 500_000 + b"<").code == Code.NOT_XML


@pytest.mark.parametrize("data", [b"<a>" + b"x" * 10_000_001 + b"</a>", b'<a b="' + b"x" * 10_000_001 + b'"/>'])
def test_a_text_over_10_megabytes_is_said_in_words(data):
    finding = refused(data)
    assert (finding.code, finding.params) == (Code.TEXT_TOO_LARGE, {"line": 1, "limit": 10_000_000})


def test_a_text_just_below_the_limit_is_read():
    assert len(safexml.parse(b"<a>" + b"x" * 9_900_000 + b"</a>").text) == 9_900_000


def test_an_element_too_deep_is_refused():
    assert refused(b"<a>" * 300 + b"</a>" * 300).code == Code.TOO_DEEP


def test_a_path_names_the_element_as_the_file_does():
    root = safexml.parse(b'<I xmlns:cbc="u"><cbc:ID/><L><cbc:ID/></L><L><cbc:ID/></L></I>')
    assert [safexml.path(each) for each in root.iter()] == ["I", "cbc:ID", "L[1]", "L[1]/cbc:ID", "L[2]", "L[2]/cbc:ID"]


@pytest.mark.parametrize("data", [b"<a><%s></a>", b"<%s", b"<a>&%s;</a>"])
def test_a_refusal_repeats_no_name_without_an_end(data):
    finding = refused(data % (b"x" * 40_000))
    assert 5 < len(finding.params["reason"]) <= safexml.MAX_WORDS
