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
    return [sort_by("Time", descending=False), *grouped(of_each, **dict.fromkeys(columns, "last"))]


def grouped(by: str, **columns: str) -> list[DataTransformerConfig]:
    """One row for each value of the column `by`; the other columns by what is calculated of them: `Sensors="sum"`."""
    calculated = {column: {"operation": "aggregate", "aggregations": [how]} for column, how in columns.items()}
    fields = {by: {"operation": "groupby", "aggregations": []}} | calculated
    names = {f"{column} ({how})": column for column, how in columns.items()}
    return [
        DataTransformerConfig(id_val="groupBy", options={"fields": fields}),
        DataTransformerConfig(id_val="organize", options={"renameByName": names}),
    ]


def ratio(numerator: str, denominator: str, shown: str) -> list[DataTransformerConfig]:
    """A column of one query divided by one of another: InfluxQL cannot combine two measurements."""
    binary = {"left": numerator, "operator": "/", "right": denominator, "reducer": "sum"}
    options = {"mode": "binary", "binary": binary, "alias": shown, "replaceFields": True}
    one_row = {"mode": "reduceFields", "reducers": ["lastNotNull"], "includeTimeField": False}
    return [
        DataTransformerConfig(id_val="reduce", options=one_row),
        DataTransformerConfig(id_val="concatenate", options={"frameNameMode": "drop"}),
        DataTransformerConfig(id_val="calculateField", options=options),
    ]


def plus(column: str, number: int, shown: str) -> DataTransformerConfig:
    """One more column: another plus a number. Of a time, in milliseconds, it is a number too."""
    binary = {"left": column, "operator": "+", "right": str(number), "reducer": "sum"}
    return DataTransformerConfig(id_val="calculateField", options={"mode": "binary", "binary": binary, "alias": shown})


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
