"""Values stand in the programs as data. Most show it by running (test_programs.py); here is what shows more."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest
from django.utils.html import conditional_escape
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.forms import FILE_NAME, FORMS, HOSTILE, ODD, PLAIN
from tests.clients.toolchains import refuse_missing, refuse_missing_tools
from uploads.snippets import CLIENT_CODES, Instructions, program, programs
from uploads.templatetags import snippet_strings as strings

ORDER = ["curl", "powershell", "java", "go", "python", "node", "browser", "csharp", "cpp", "android"]
URL = "https://bucket.oss-cn-hangzhou.aliyuncs.com/a.txt?x-oss-date=20261125T000000Z&x-oss-expires=60"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
# Each of these ends a single-quoted string of PowerShell, unless another follows.
QUOTES = "'‘’‚‛"


def instructions(headers=PLAIN, *, url=URL, length=None, file_name="a.txt"):
    return Instructions("PUT", url, headers, length, file_name)


def powershell_strings(source: str) -> list[str]:
    """The single-quoted strings of a script in which no quote stands anywhere else, comments left out."""
    found, at = [], 0
    source = re.sub(r"^#.*$", "", source, flags=re.MULTILINE)
    while at < len(source):
        if source[at] in QUOTES:
            text, at = powershell_string_at(source, at + 1)
            found.append(text)
        at += 1
    return found


def powershell_string_at(source: str, at: int) -> tuple[str, int]:
    """From behind the first quote; the text, and where the last quote stands."""
    text = ""
    while True:
        if source[at] in QUOTES:
            if source[at + 1 : at + 2] not in [*QUOTES]:
                return text, at
            at += 1
        text += source[at]
        at += 1


def test_it_writes_all_programs_in_their_order():
    written = programs(instructions())
    assert [one.code for one in written] == ORDER
    assert set(CLIENT_CODES) == {*ORDER} - {"powershell"}
    assert all(one.label and one.file_name and one.needs and one.source for one in written)


@pytest.mark.parametrize("code", ORDER)
def test_a_page_escapes_the_program_as_any_text(code):
    source = program(code, instructions({"x-oss-meta-a": "</pre><script>"})).source
    assert "<script" not in conditional_escape(source)


def test_an_unknown_client_is_a_key_error():
    with pytest.raises(KeyError):
        program("cobol", instructions())


@pytest.mark.parametrize("code", ORDER)
@pytest.mark.parametrize("length", [None, 0, 5_000_000_000])
def test_no_template_tag_is_left_and_no_line_stands_empty_for_one(code, length):
    source = program(code, instructions(FORMS["plain"], length=length)).source
    assert not re.search(r"{{|{%|%}|{#", source)
    assert "\n\n\n" not in source or code == "python"
    assert re.fullmatch(r"\S.*\S\n", source, re.DOTALL)
    assert ("5000000000" in source) == (length == 5_000_000_000 and code not in {"curl", "powershell"})


@pytest.mark.parametrize("code", ORDER)
def test_the_url_is_in_it_once_and_as_it_is(code):
    assert program(code, instructions()).source.count(URL) == 1


@given(TEXT)
def test_python_reads_back_what_was_written(value):
    assert ast.literal_eval(strings.python_string(value)) == value


@given(TEXT)
def test_powershell_reads_back_what_was_written(value):
    assert powershell_strings(strings.powershell_string(value)) == [value]


@pytest.mark.parametrize("value", [ODD, HOSTILE, FILE_NAME, "''", "'", "\\'", "line\nbreak", "‘’"])
def test_a_shell_reads_back_what_was_written(value):
    said = subprocess.run(["sh", "-c", f"printf %s {strings.sh_string(value)}"], capture_output=True, check=True)
    assert said.stdout.decode() == value


@pytest.mark.parametrize("name", ["java_string", "csharp_string", "cpp_string", "go_string", "js_string"])
@given(value=TEXT)
def test_a_string_stays_on_its_line_and_ends_where_it_ends(name, value):
    written = getattr(strings, name)(value)
    assert len(written.splitlines()) == 1
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', written)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("java_string", r'"\u738b\ud83d\ude00\012\u00e9"'),
        ("csharp_string", r'"\u738b\ud83d\ude00\n\u00e9"'),
        ("cpp_string", r'"\347\216\213\360\237\230\200\n\303\251"'),
        ("go_string", r'"王😀\né"'),
        ("js_string", r'"王😀\né"'),
    ],
)
def test_other_scripts_are_written_as_each_language_reads_them(name, written):
    if name == "java_string":
        written = written.replace(r"\012", r"\n")
    assert getattr(strings, name)("王😀\né") == written


def test_a_page_is_not_ended_by_a_value():
    assert "</script>" not in strings.js_string("</script>")
    named = program("browser", instructions(file_name="</label><script>alert(1)</script>")).source
    assert named.count("<script") == 1


def test_a_file_name_has_no_characters_that_a_terminal_would_take_for_keys():
    for one in programs(instructions(file_name="a\x03\x1b[A\n\u202eb.txt")):
        assert not re.search("[\x03\x1b\u202e]", one.source)
        assert "a__[A__b.txt" in one.source


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_is_no_file_name_becomes_one(name):
    assert "file='file'" in program("curl", instructions(file_name=name)).source


def configuration(source: str) -> str:
    """What the PowerShell script pipes into curl: its strings but the first, which is the file."""
    return "\r\n".join(powershell_strings(source)[1:])


@pytest.mark.parametrize("form", FORMS)
def test_powershell_hands_curl_what_was_signed(form, in_table, storage, files):
    """PowerShell was not run: its strings are read as it reads them, and given to a real curl as it would."""
    in_table("powershell", form)
    refuse_missing_tools("curl")
    key = f"powershell/{form}/{FILE_NAME}"
    source = program("powershell", storage.instructions(key, FORMS[form], file_name=FILE_NAME)).source
    assert powershell_strings(source)[0] == FILE_NAME

    run = subprocess.run(
        ["curl", "--config", "-", "--upload-file", FILE_NAME],
        cwd=files, input=configuration(source), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (run.returncode, "HTTP 200" in run.stdout) == (0, True), run.stderr
    stored = storage.stored(key)
    assert stored.body == (files / FILE_NAME).read_bytes()
    assert {name.lower(): value for name, value in FORMS[form].items()}.items() <= stored.headers.items()


@pytest.mark.parametrize("shell", [("bash", "--norc", "-i"), ("zsh", "-f", "-i")], ids=lambda shell: shell[0])
def test_the_command_can_be_pasted_into_an_interactive_shell(shell, storage, files):
    """Where an exclamation mark recalls what was typed before, and a comment may be none."""
    refuse_missing("curl", shell[0])
    key = f"curl/pasted/{shell[0]}"
    source = program("curl", storage.instructions(key, FORMS["headers"], file_name=FILE_NAME)).source

    # In a session of its own: an interactive shell would take the terminal of whoever runs the tests.
    subprocess.run(
        shell, cwd=files, input=source, capture_output=True, text=True, check=False, start_new_session=True
    )

    assert storage.stored(key).headers["x-oss-meta-odd"] == ODD
    assert storage.stored(key).body == (files / FILE_NAME).read_bytes()
