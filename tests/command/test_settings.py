"""One tree of settings: file under variables under flags, and nothing misspelt goes by."""

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import SettingsError
from command.settings import read_file, read_settings


def write(home, text):
    home.mkdir(exist_ok=True)
    path = home / "epicite.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaint(**flags):
    with pytest.raises(SettingsError) as caught:
        read_settings(**flags)
    return str(caught.value)


def test_without_a_word_everything_has_its_default(home):
    settings = read_settings()
    assert settings.home == home
    assert (settings.owner, settings.embedder) == ("local", "all-MiniLM-L6-v2")
    assert (settings.page.host, settings.page.port) == ("127.0.0.1", 7860)


def test_without_a_home_the_platform_names_one(monkeypatch):
    monkeypatch.delenv("EPICITE_HOME")
    assert read_settings().home.name == "epicite"


def test_a_home_may_be_written_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EPICITE_HOME", "~/papers")
    assert read_settings().home == tmp_path / "papers"


def test_flags_win_over_variables_and_variables_over_the_file(home, monkeypatch):
    write(home, 'owner = "file"\nembedder = "file"\n[page]\nhost = "file"\nport = 1\n')
    monkeypatch.setenv("EPICITE_EMBEDDER", "variable")
    monkeypatch.setenv("EPICITE_PAGE__PORT", "2")
    settings = read_settings(page={"host": None, "port": 3})
    assert (settings.owner, settings.embedder) == ("file", "variable")
    assert (settings.page.host, settings.page.port) == ("file", 3)


def test_an_empty_variable_says_nothing(home, monkeypatch):
    write(home, "[page]\nport = 1\n")
    monkeypatch.setenv("EPICITE_PAGE__PORT", "")
    assert read_settings().page.port == 1


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ('ower = "x"', "ower", "owner"),
        ("port = 1", "port", "page.port"),
        ("page = 1", "page", "page.port"),
        ("[page]\nprot = 1", "page.prot", "page.port"),
    ],
)
def test_an_unknown_key_is_named_with_its_file_and_the_nearest_known_one(home, text, unknown, nearest):
    path = write(home, text)
    assert complaint() == f"{path}: unknown key {unknown}. The nearest known one is {nearest}."


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("EPICITE_HOEM", "EPICITE_HOME"),
        ("EPICITE_PAGE__PROT", "EPICITE_PAGE__PORT"),
        ("EPICITE_PORT", "EPICITE_PAGE__PORT"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_known_one(monkeypatch, name, nearest):
    monkeypatch.setenv(name, "1")
    assert complaint() == f"Unknown variable {name}. The nearest known one is {nearest}."


@pytest.mark.parametrize("port", ["soon", "0", "65536", "80.5"])
def test_a_wrong_value_is_one_line_with_the_place_that_it_came_from(home, monkeypatch, port):
    path = write(home, f'[page]\nport = "{port}"')
    from_file = complaint()
    assert from_file.startswith(f"{path}: page.port cannot be '{port}': input should be ")
    monkeypatch.setenv("EPICITE_PAGE__PORT", port)
    from_variable = complaint()
    assert from_variable.startswith(f"The variable EPICITE_PAGE__PORT cannot be '{port}'")
    from_flag = complaint(page={"port": port})
    assert from_flag.startswith(f"--port cannot be '{port}'")
    assert "\n" not in from_file + from_variable + from_flag


def test_broken_toml_is_named_with_its_line(home):
    path = write(home, 'owner = "me"\nembedder =\n')
    assert complaint() == f"{path} is not valid TOML: Invalid value (at line 2, column 11)."


def test_a_file_that_is_no_utf8_is_named(home):
    path = write(home, 'owner = "Müller"'.encode("latin-1"))
    assert complaint() == f"{path} is not UTF-8 text. Save it as UTF-8."


def test_a_file_that_cannot_be_read_is_named(home):
    path = home / "epicite.toml"
    path.mkdir(parents=True)
    assert complaint() == f"{path} cannot be read: Is a directory."


def test_the_file_cannot_move_the_home_that_it_lies_in(home):
    write(home, 'home = "/elsewhere"')
    assert "Set EPICITE_HOME instead" in complaint()


@given(st.sampled_from(["..", "../me", "a/b", ".hidden", "", "a" * 65, "a\n", "甲"]))
def test_an_owner_is_a_plain_name_of_a_folder(owner):
    with pytest.raises(SettingsError, match="--owner cannot be"):
        read_settings(owner=owner)


@given(st.dictionaries(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1), st.integers()))
def test_no_key_that_is_not_known_goes_by(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("home") / "epicite.toml"
    path.write_text("".join(f'"{key}" = {value}\n' for key, value in values.items()), encoding="utf-8")
    with pytest.raises(SettingsError, match="unknown key") if values else nullcontext():
        assert read_file(path) == {}


def test_databases_are_named_as_their_libraries_are(home, monkeypatch):
    write(home, '[databases]\n"My papers" = "postgresql://me:hush@host/papers"\n')
    assert read_settings().databases["My papers"].get_secret_value() == "postgresql://me:hush@host/papers"
    monkeypatch.setenv("EPICITE_DATABASES", '{"lab": "postgresql://host/lab"}')
    assert read_settings().databases["lab"].get_secret_value() == "postgresql://host/lab"


@pytest.mark.parametrize(
    "text",
    ['[databases]\n"My papers" = ["me:hush"]\n', '[milvus]\nuri = ["hush"]\n', "[milvus]\ntoken = { hush = 1 }\n"],
)
def test_what_may_hold_a_password_is_repeated_in_no_message(home, text):
    write(home, text)
    assert "hush" not in complaint().replace("milvus.token.hush", "")


def test_a_variable_that_is_no_json_is_told_without_what_it_says(home, monkeypatch):
    monkeypatch.setenv("EPICITE_DATABASES", "postgresql://me:hush@host/papers")
    assert "databases" in complaint()
    assert "hush" not in complaint()


def test_servers_are_asked_for_by_no_default(home):
    settings = read_settings()
    assert (settings.index, settings.databases, settings.milvus.uri) == ("local", {}, None)
    assert (settings.ray.address, settings.ray.workers, settings.ray.num_gpus) == ("local", None, 0)
