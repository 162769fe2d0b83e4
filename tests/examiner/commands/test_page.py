"""What `examiner page` refuses before it serves anything."""

from typer.testing import CliRunner

from examiner.cli import application


def test_a_laboratory_file_that_says_nonsense_is_named(tmp_path):
    words = tmp_path / "words.toml"
    words.write_text("[rules]\nreasons = 3\n", encoding="utf-8")
    result = CliRunner().invoke(application, ["page", "--laboratory", str(words)])
    assert result.exit_code == 2 and "rules.reasons" in result.output
