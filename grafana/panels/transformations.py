"""Grafana's transformations of a query result."""

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig


def sort_by(column: str, *, descending: bool = True) -> DataTransformerConfig:
    """Rows sorted by one column."""
    return DataTransformerConfig(
        id_val="sortBy", options={"fields": {}, "sort": [{"field": column, "desc": descending}]}
    )


def without(*columns: str) -> DataTransformerConfig:
    """All columns but these."""
    return DataTransformerConfig(id_val="organize", options={"excludeByName": dict.fromkeys(columns, True)})


def newest_row(of_each: str, *columns: str) -> list[DataTransformerConfig]:
    """The newest row of each value of the column `of_each`."""
    newest = {column: {"operation": "aggregate", "aggregations": ["last"]} for column in columns}
    by = {of_each: {"operation": "groupby", "aggregations": []}}
    names = {f"{column} (last)": column for column in columns}
    return [
        sort_by("Time", descending=False),
        DataTransformerConfig(id_val="groupBy", options={"fields": by | newest}),
        DataTransformerConfig(id_val="organize", options={"renameByName": names}),
    ]


def ratio(numerator: str, denominator: str, shown: str) -> list[DataTransformerConfig]:
    """A column of one query divided by one of another: InfluxQL cannot combine two measurements."""
    binary = {"left": numerator, "operator": "/", "right": denominator, "reducer": "sum"}
    options = {"mode": "binary", "binary": binary, "alias": shown, "replaceFields": True}
    return [
        DataTransformerConfig(id_val="concatenate", options={"frameNameMode": "drop"}),
        DataTransformerConfig(id_val="calculateField", options=options),
    ]


def only_query(ref_id: str) -> DataTransformerConfig:
    """The result of one query of several."""
    return DataTransformerConfig(id_val="filterByRefId", options={"include": ref_id})


def only_where(column: str, value: str) -> DataTransformerConfig:
    """The rows in which a column has this value."""
    equal = {"id": "equal", "options": {"value": value}}
    filters = [{"fieldName": column, "config": equal}]
    return DataTransformerConfig(
        id_val="filterByValue", options={"filters": filters, "type": "include", "match": "all"}
    )
