"""influx/schema.md has exactly what the programs write."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.backtests.stored_readings import NOT_STORED
from bridge.store_points.health import UNBOUNDED_LABELS
from influx.schema import PAGE, metrics, schema
from influx.schema_check import unexpected
from tests.influx.schema_run import SchemaRun, Written
from ward.config.config import Config
from ward.metrics import Metrics
from ward.retention_policy import RETENTION, ROLLUP_PARTS, ROLLUP_WIDTHS, RetentionPolicy, default_policy

SCHEMA = schema()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchemaRun]:
    folder = tmp_path_factory.mktemp("run")
    made = SchemaRun(folder)
    made.simulate(folder)
    made.publish_others()
    made.run_episode()
    made.write_overview()
    made.run_days()
    made.write_day_statistics()
    made.write_resolutions()
    yield made
    made.close()


@pytest.fixture(scope="module")
def written(run: SchemaRun) -> Written:
    return run.store.written


@pytest.fixture(scope="module")
def config(run: SchemaRun) -> Config:
    return run.resources.live.config


def test_everything_written_is_documented(written: Written, config: Config) -> None:
    faults: list[tuple[str, ...]] = []
    for (policy, name), fields in written.fields.items():
        of = SCHEMA[name]
        faults += [(policy, name, tag) for tag in written.tags[policy, name] - of.tags]
        faults += [
            (policy, name, field, kind)
            for field, kind in fields.items()
            if of.kind(field, policy, config.catalogue) != kind
        ]
    assert faults == []


@pytest.mark.guarantee("`influx check` finds nothing unknown in what a healthy ward writes.")
def test_a_check_of_what_the_programs_write_finds_nothing(written: Written, config: Config) -> None:
    """As InfluxDB lists it: measurements and fields of each policy."""
    kinds = {"float": "float", "text": "string"}
    there: dict[RetentionPolicy, dict[str, dict[str, str]]] = {policy: {} for policy in RetentionPolicy}
    for (policy, name), fields in written.fields.items():
        there[policy][name] = {field: kinds[kind] for field, kind in fields.items()}
    assert all(there.values()), "every policy is filled"
    assert unexpected(there, config.catalogue) == []
    assert unexpected(there, ()) != [], "fields of signals are known by the catalogue"


def test_everything_documented_is_written(written: Written) -> None:
    missing: list[tuple[str, ...]] = []
    for of in SCHEMA.values():
        for policy in of.policies:
            there = set(written.fields.get((policy, of.name), {}))
            wanted = {name for name in of.fields if "<" not in name}
            if policy in ROLLUP_WIDTHS:
                wanted |= {f"{name}_{part}" for name in wanted for part in ROLLUP_PARTS}
            missing += [(policy, of.name, name) for name in wanted - there]
            tags = of.tags - written.tags.get((policy, of.name), set()) if of.name != "pipeline" else set()
            missing += [(policy, of.name, tag) for tag in tags]
    assert "\n".join(" ".join(m) for m in sorted(missing)) == ""


def test_fields_of_each_pattern_are_written(written: Written) -> None:
    telemetry, pipeline = (written.fields[RetentionPolicy.AUTOGEN, name] for name in ("telemetry", "pipeline"))
    assert any(name.endswith("_implausible") for name in telemetry)
    assert metrics() & set(pipeline)


def test_labels_of_metrics_are_tags_of_pipeline() -> None:
    labels = {label for metric in vars(Metrics()).values() for label in getattr(metric, "_labelnames", ())}
    assert SCHEMA["pipeline"].tags == labels - UNBOUNDED_LABELS | {"program", "instance"}


def test_signals_and_units_are_those_of_the_catalogue(config: Config) -> None:
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    for signal in config.catalogue.values():
        kind = SCHEMA[signal.measurement].kind(signal.name, RetentionPolicy.AUTOGEN)
        if signal.name not in NOT_STORED:
            assert kind == "float", signal.name
            assert any(row.startswith(f"| `{signal.name}` | float | {signal.unit} |") for row in rows), signal.name


def test_each_measurement_has_the_policy_and_number_of_series_of_the_page() -> None:
    for of in SCHEMA.values():
        assert of.policies[0] is default_policy(of.name)
        product, stated = of.series
        assert product == stated, of.name


def test_the_policies_of_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for policy, keep in RETENTION.items():
        assert f"| `{policy}` | {'for ever' if keep is None else f'{keep / 86400:g} d'} |" in text


def test_fields_that_no_program_writes_are_reported() -> None:
    there = {
        RetentionPolicy.AUTOGEN: {
            "vitals": {"heart_rate": "integer", "spo2": "float"}, "telemetry": {"noise": "float", "words": "string"},
            "cpu": {"idle": "float"},
            "pipeline": {"consumer_lag_records": "float", "nothing": "float", "problems": "string"},
        },
        RetentionPolicy.MINUTES: {"vitals": {"spo2_count": "float", "spo2_median": "float"},
                                  "alerts": {"id": "string"}},
    }  # fmt: skip
    assert unexpected(there, ("noise",)) == [
        '? "autogen".vitals: the field heart_rate is integer, not float',
        '? "autogen".telemetry: the field words is string, not float',
        '? "autogen".cpu: no program of Wardwatch writes this',
        '? "autogen".pipeline: no program of Wardwatch writes the field nothing',
        '? "minutes".vitals: no program of Wardwatch writes the field spo2_median',
        '? "minutes".alerts: no program of Wardwatch writes this',
    ]
    assert replace(SCHEMA["vitals"], name="x").kind("heart_rate", RetentionPolicy.FACTS) is None
