"""Tables as spreadsheets of any country save them; what is wrong is named with file, row and column."""

import csv
import io

import pytest

from pipelines.errors import RegionError
from pipelines.tables import read_table

COLUMNS = ("file", "x0", "y0")
ROWS = [("file", "x0", "y0"), ("снимок, 1.jpg", "10.5", "20"), ("b.jpg", "-3", "1000.25")]


def saved(rows, separator=",", encoding="utf-8", line_end="\r\n", decimal="."):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end)
    for row in rows:
        writer.writerow([cell.replace(".", decimal) if not cell.endswith(".jpg") else cell for cell in row])
    return text.getvalue().encode(encoding)


def numbers(path):
    table = read_table(path, COLUMNS, "", RegionError)
    return [
        (row.cells["file"], row.number("x0", "a number"), row.number("y0", "a number")) for row in table.rows
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_any_country_saves_the_same_table(tmp_path, separator, encoding, decimal):
    path = tmp_path / "table.csv"
    path.write_bytes(saved(ROWS, separator, encoding, decimal=decimal))
    assert numbers(path) == [("снимок, 1.jpg", 10.5, 20.0), ("b.jpg", -3.0, 1000.25)]


@pytest.mark.parametrize(
    "text",
    [
        "FILE,X0,Y0\nb.jpg,1,2\n",
        "File , X0 , Y0\nb.jpg , 1 , 2\n",
        "\n,,\nfile,x0,y0\n,,\n\nb.jpg,1,2\n,,\n",
        "sep=;\nfile;x0;y0\nb.jpg;1;2\n",
        "file;x0;y0;;;\nb.jpg;1;2;;;\n",
        'file,x0,y0\nb.jpg, "1", "2"\n',
        "file\tx0\ty0\rb.jpg\t1\t2\r",
        "file,x0,y0\nb.jpg,1\u00a0,\u202f2\n",
        "note,y0,x0,file\n,2,1,b.jpg\n",
    ],
)
def test_what_spreadsheets_and_people_add_does_no_harm(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    assert numbers(path) == [("b.jpg", 1.0, 2.0)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1 234,5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,234,567.5", 1234567.5),
        ("\u22125", -5.0),
        ("0,125", 0.125),
        ("1.234", 1.234),
        ("1E+03", 1000.0),
    ],
)
def test_a_number_is_what_the_spreadsheet_shows(tmp_path, cell, value):
    path = tmp_path / "table.csv"
    path.write_text(f"file\tx0\ty0\na.jpg\t{cell}\t1\n", "utf-8")
    assert numbers(path) == [("a.jpg", value, 1.0)]


def test_a_sign_between_thousands_is_told_from_a_decimal_sign_by_the_rest_of_the_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("file;x0;y0\na;1,234;10,5\n", "utf-8")
    assert numbers(path) == [("a", 1.234, 10.5)]
    path.write_text('file,x0,y0\na,"1,234",10.5\n', "utf-8")
    assert numbers(path) == [("a", 1234.0, 10.5)]
    for undecided in ('file,x0,y0\na,"1,234",10\n', "file;x0;y0\na;1.234;10,5\n"):
        path.write_text(undecided, "utf-8")
        with pytest.raises(
            RegionError, match=r"row 2: column x0: .* can be 1234 or 1\.234; write it without"
        ):
            numbers(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"file;x0\na;1\n", "row 1: no column y0; .* it says: file, x0"),
        (b"a.png,10,20\n", "row 1: no column file and no column x0 and no column y0"),
        (b"file,x0,y0,X0\n", "row 1: two columns x0"),
        (b"file,x0,y0\na,1,2,3\n", "row 2: 4 cells for 3 columns"),
        (b"file,x0,y0\n\na,1,two\n", "row 3: column y0: expected a number, got 'two'"),
        (b"file,x0,y0\na,1,\n", "row 2: column y0: expected a number, got an empty cell"),
        (b"file,x0,y0\na,1,nan\n", "row 2: column y0: expected a number"),
        (b"file,x0,y0\na,1,1_0\n", "row 2: column y0: expected a number"),
        (b'file,x0,y0\nb,1,2\na,1,"2\n', "row 3: cannot be read as cells apart by commas"),
        ("file,x0,y0\nb,1,2\nснимок,1,2\n".encode("cp1251"), "row 3: is not in UTF-8 .* CSV UTF-8"),
        (b"PK\x03\x04...", "is a workbook, not CSV; save it as CSV UTF-8"),
        (b"file,x0,y0\na\0,1,2\n", "holds zero bytes"),
    ],
)
def test_the_true_cause_is_named(tmp_path, data, said):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(RegionError, match=said) as caught:
        numbers(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_blank_file_is_a_table_without_columns(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbf\r\n,,\r\n")
    assert read_table(path, COLUMNS, "", RegionError).rows == ()
