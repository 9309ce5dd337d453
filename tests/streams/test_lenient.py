import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import TopicPartition

from andon.streams.lenient import ForgivingRecords, KeptMemory
from andon.streams.transport import LeanRecords

CODECS = {"plain": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


class Name(str):
    """A name that is written in Latin-1, as nobody should."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xe9tat"


def packed(begin, headers, codec=0):
    """A batch of one record for each of `headers`."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 1_000_000)
    for place, names in enumerate(headers):
        value = f"{begin + place}".encode() * 40
        builder.append(place, timestamp=1000, key=b"k", value=value, headers=names)
    raw = bytearray(builder.build())
    raw[:8] = begin.to_bytes(8, "big")
    return bytes(raw)


def fetched(*batches, kind=ForgivingRecords, begin=0):
    memory = KeptMemory(b"".join(batches))
    records = ForgivingRecords(
        TopicPartition("pos", 0), memory, [], begin, None, None, True, READ_COMMITTED
    )
    records.__class__ = kind
    return records


PLAIN, ODD = [("a", b"1")], [(Name("x"), b"1"), ("traceparent", None)]


@pytest.mark.parametrize("kind", [ForgivingRecords, LeanRecords])
@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_record_whose_header_name_is_no_utf_8_is_read_with_those_before_and_after_it(codec, kind):
    records = fetched(
        packed(0, [PLAIN, []], codec),
        packed(2, [PLAIN, ODD, PLAIN], codec),
        packed(5, [ODD, PLAIN], codec),
        kind=kind,
    )
    read = [(one.offset, one.value[:1], [name for name, _ in one.headers]) for one in records]
    odd = ["\\xe9tat", "traceparent"]
    names = [["a"], [], ["a"], odd, ["a"], odd, ["a"]]
    assert read == [(n, str(n).encode(), one) for n, one in enumerate(names)]
    assert records.next_fetch_offset == 7


def test_reading_goes_on_where_it_was():
    records = fetched(packed(0, [PLAIN, ODD, PLAIN, PLAIN]), begin=2)
    assert [one.offset for one in records] == [2, 3]
