from models.labelled import read_index

HEADER = "path,upright,kind,text,lines,regions,rotate_cw\n"


def test_an_index_is_read(tmp_path):
    rows = 'parts/a.jpg,,photo,AB-1 7,AB-1 | 7,"[[1, 2, 30, 40]]",90\nengine/b.png,,photo,13750,,,\n'
    (tmp_path / "index.csv").write_text(HEADER + rows, "utf-8")
    first, second = read_index(tmp_path)
    assert (first.folder, first.region, first.rotate_cw) == ("parts", (1, 2, 30, 40), 90.0)
    assert (second.region, second.rotate_cw, second.lines) == (None, None, "")


def test_one_designation_is_never_in_both_halves(tmp_path):
    rows = "".join(f"parts/{n}.jpg,,photo,195-30-1285 {n},,,\n" for n in range(20))
    (tmp_path / "index.csv").write_text(HEADER + rows, "utf-8")
    assert len({row.half for row in read_index(tmp_path)}) == 1


def test_no_part_is_trained_on_twice_over_and_none_of_the_held_out_half(tmp_path):
    header = HEADER.replace("rotate_cw", "rotate_cw,group")
    rows = "".join(f"parts/{n}{k}.jpg,,photo,{n} 7,{n} | 7,,,part:{n}\n" for n in range(60) for k in "ab")
    (tmp_path / "index.csv").write_text(header + rows, "utf-8")
    every = read_index(tmp_path)
    trained = [row for row in every if row.trains]
    assert 10 < len(trained) < 60 and {row.half for row in trained} == {"tuning"}
    parts = {row.group for row in trained}
    assert all(row.trains for row in every if row.group in parts)
