"""`sparkplug.proto` and the Python module that protoc has made of it."""

import re
from pathlib import Path

from bridge.sparkplug import sparkplug_pb2

PROTO = Path(sparkplug_pb2.__file__).with_name("sparkplug.proto")
FIELD = re.compile(r"(?:(optional|repeated) )?(\w+) (\w+) = (\d+);")


def fields_of(page: str, message: str) -> set[tuple[str, str, int, bool]]:
    """(type, name, number, repeated) of each field of a message, as the page has them."""
    body = page.partition(f"message {message} {{")[2].partition("\n}")[0]
    return {(kind, name, int(number), label == "repeated") for label, kind, name, number in FIELD.findall(body)}


def test_the_module_has_the_fields_of_the_page() -> None:
    page = PROTO.read_text(encoding="utf-8")
    for message in sparkplug_pb2.DESCRIPTOR.message_types_by_name.values():
        names = {number: name.removeprefix("TYPE_").lower() for name, number in vars(type(message.fields[0])).items()
                 if name.startswith("TYPE_")}  # fmt: skip
        made = {
            (f.message_type.name if f.message_type else names[f.type], f.name, f.number, f.is_repeated)
            for f in message.fields
        }
        assert made == fields_of(page, message.name)
    assert re.findall(r"^message (\w+)", page, re.MULTILINE) == list(sparkplug_pb2.DESCRIPTOR.message_types_by_name)
