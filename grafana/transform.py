"""What Grafana does with an answer before it shows it."""

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig


def ordered(column: str, *, descending: bool = True) -> DataTransformerConfig:
    """Rows by one column."""
    return DataTransformerConfig(
        id_val="sortBy", options={"fields": {}, "sort": [{"field": column, "desc": descending}]}
    )


def without(*columns: str) -> DataTransformerConfig:
    """All columns but these."""
    return DataTransformerConfig(id_val="organize", options={"excludeByName": dict.fromkeys(columns, True)})


def latest(each: str, *columns: str) -> list[DataTransformerConfig]:
    """The newest row of each value of one column."""
    newest = {column: {"operation": "aggregate", "aggregations": ["last"]} for column in columns}
    by = {each: {"operation": "groupby", "aggregations": []}}
    named = {f"{column} (last)": column for column in columns}
    return [
        ordered("Time", descending=False),
        DataTransformerConfig(id_val="groupBy", options={"fields": by | newest}),
        DataTransformerConfig(id_val="organize", options={"renameByName": named}),
    ]


def ratio(over: str, under: str, shown: str) -> list[DataTransformerConfig]:
    """One column of one question divided by one of another: InfluxQL cannot ask two measurements at once."""
    binary = {"left": over, "operator": "/", "right": under, "reducer": "sum"}
    said = {"mode": "binary", "binary": binary, "alias": shown, "replaceFields": True}
    return [
        DataTransformerConfig(id_val="concatenate", options={"frameNameMode": "drop"}),
        DataTransformerConfig(id_val="calculateField", options=said),
    ]


def only_of(ref: str) -> DataTransformerConfig:
    """The answer to one question of several."""
    return DataTransformerConfig(id_val="filterByRefId", options={"include": ref})


def only_where(column: str, value: str) -> DataTransformerConfig:
    """The rows in which a column is this."""
    equal = {"id": "equal", "options": {"value": value}}
    filters = [{"fieldName": column, "config": equal}]
    return DataTransformerConfig(
        id_val="filterByValue", options={"filters": filters, "type": "include", "match": "all"}
    )
