"""Settings: flag, environment, file, default, in this order; no message contains a secret."""

import os
from pathlib import Path

import pytest

from app.settings.loader import config_variables, load_settings, misspelled_variables
from app.settings.settings import PREFIX, Settings
from ward.errors import SettingsError


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without variables of this machine, in an empty folder."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "config/settings.yaml") -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def refused(**flags: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(flags)
    return str(caught.value).splitlines()


def test_a_flag_comes_before_the_environment_then_a_file_then_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().http_port == 8080
    write("http_port: 8081\n")
    assert load_settings().http_port == 8081
    monkeypatch.setenv("WARDWATCH_HTTP_PORT", "8082")
    assert load_settings().http_port == 8082
    assert load_settings({"http_port": 8083}).http_port == 8083
    assert load_settings({"http_port": None}).http_port == 8082


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_HTTP_PORT", "")

    assert load_settings().http_port == 8080


def test_derived_defaults_use_settings_from_all_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    write("http_port: 8081\n")
    monkeypatch.setenv("WARDWATCH_DATA", "/var/ward")
    found = load_settings({"mqtt_port": 1884})

    assert found.log_url == "sqlite:/var/ward/log.db"
    assert found.store_url == "sqlite:/var/ward/store.db"
    assert found.mqtt_url == "mqtt://127.0.0.1:1884"
    assert found.external_url == "http://127.0.0.1:8081"
    assert found.environment == {"WARDWATCH_EXTERNAL_URL": "http://127.0.0.1:8081"}


def test_the_file_is_in_the_config_folder_or_where_a_flag_or_variable_points(monkeypatch: pytest.MonkeyPatch) -> None:
    write("seed: 2\n", "elsewhere/settings.yaml")
    write("seed: 3\n", "mine.yaml")

    assert load_settings({"config": Path("elsewhere")}).seed == 2
    assert load_settings(file=Path("mine.yaml")).seed == 3
    monkeypatch.setenv("WARDWATCH_SETTINGS", "mine.yaml")
    assert load_settings().seed == 3


def test_a_file_that_a_flag_names_must_exist() -> None:
    with pytest.raises(SettingsError, match=r"^none.yaml:1:1: is missing$"):
        load_settings(file=Path("none.yaml"))


def test_all_faults_are_reported_with_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    write("log_level: loud\nhttp_port: tcp\nhtp_port: 1\n")
    monkeypatch.setenv("WARDWATCH_MQTT_PORT", "99999")

    assert sorted(refused(seed="many")) == [
        "--seed: seed must be a whole number, not 'many'",
        "WARDWATCH_MQTT_PORT: mqtt_port must be at most 65535, not '99999'",
        "config/settings.yaml:1:12: log_level must be one of debug, info, warning, error, not 'loud'",
        "config/settings.yaml:2:12: http_port must be a whole number, not 'tcp'",
        "config/settings.yaml:3:1: there is no setting 'htp_port'; did you mean 'http_port'?",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- a\n", "config/settings.yaml:1:1: the file must hold lines of `key: value`"),
        ("seed: 1\nseed: 2\n", "config/settings.yaml:2:1: 'seed' stands here twice; the first is in line 1"),
        (
            "seed: [\n",
            "config/settings.yaml:2:1: a value is missing here, or a bracket is not closed",
        ),
    ],
)
def test_an_unreadable_file_is_reported_with_its_place(text: str, fault: str) -> None:
    write(text)

    assert refused() == [fault]


def test_an_empty_file_changes_nothing() -> None:
    write("# nothing yet\n")

    assert load_settings().seed == 20


def test_a_secret_may_be_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_MQTT_PASSWORD_FILE", str(write("hunter2\n", "secret")))

    assert load_settings().mqtt_password.get_secret_value() == "hunter2"


def test_a_secret_that_is_set_twice_or_in_a_missing_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_STORE_TOKEN_FILE", "/nowhere/token")
    assert refused() == ["WARDWATCH_STORE_TOKEN_FILE: cannot read /nowhere/token: No such file or directory"]

    monkeypatch.setenv("WARDWATCH_STORE_TOKEN", "hunter2")
    assert refused() == ["WARDWATCH_STORE_TOKEN and WARDWATCH_STORE_TOKEN_FILE are both set: set only one of them"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("log_url", "kafka://ward:hunter2@k:9092"), ("mqtt_url", "hunter2"), ("store_url", "influx://[hunter2"),
     ("external_url", "ftp://hunter2")],
)  # fmt: skip
def test_no_message_contains_a_password_and_no_address_may(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("WARDWATCH_MQTT_PASSWORD", "hunter2")
    assert "hunter2" not in repr(load_settings())
    assert "hunter2" not in str(load_settings())

    monkeypatch.setenv(PREFIX + name.upper(), value)
    messages = refused()
    assert len(messages) == 1
    assert "hunter2" not in messages[0]


def test_no_message_contains_a_secret_of_the_wrong_type() -> None:
    write("store_token: [hunter2]\n")

    assert refused() == ["config/settings.yaml:1:1: store_token must be text"]


def test_settings_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().seed = 3  # type: ignore[misc]


def test_misspelt_variables_are_reported_and_those_of_the_config_are_not() -> None:
    of_config = ("WARDWATCH_MAIL_URL", "WARDWATCH_CHAT_URL", "WARDWATCH_SMS_URL")
    good = ("WARDWATCH_SEED", "WARDWATCH_SETTINGS", "WARDWATCH_MQTT_PASSWORD_FILE", "HTTP_PORT")

    assert misspelled_variables(dict.fromkeys((*of_config, *good, "WARDWATCH_HTTP_PROT"), "1")) == [
        "WARDWATCH_HTTP_PROT is not a setting; did you mean WARDWATCH_HTTP_PORT?"
    ]


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_an_address_of_a_channel_may_be_in_a_file_as_containers_give_secrets(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("mailto://x\n")
    known = config_variables({"WARDWATCH_MAIL_URL_FILE": str(tmp_path / "mail"), "PATH": "/bin"})
    assert known["WARDWATCH_MAIL_URL"] == "mailto://x"
    assert known["PATH"] == "/bin"
    assert "WARDWATCH_STORE_TOKEN" not in config_variables({"WARDWATCH_STORE_TOKEN_FILE": str(tmp_path / "mail")})
    assert "OTHER" not in config_variables({"OTHER_FILE": str(tmp_path / "mail")})


def test_an_address_both_in_a_file_and_in_a_variable_and_a_missing_file_are_reported(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("mailto://x")
    both = {"WARDWATCH_MAIL_URL_FILE": str(tmp_path / "mail"), "WARDWATCH_MAIL_URL": "mailto://y"}
    with pytest.raises(SettingsError, match="both set"):
        config_variables(both)
    with pytest.raises(SettingsError, match="WARDWATCH_MAIL_URL_FILE: cannot read"):
        config_variables({"WARDWATCH_MAIL_URL_FILE": str(tmp_path / "gone")})
