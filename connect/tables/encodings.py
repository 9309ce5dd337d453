"""Which encoding a text has: a mark at its beginning, UTF-16 by its zeros, UTF-8 if it holds; anything else is asked for.

What is not UTF-8 could be any of dozens, and a wrong one makes other items of the same bytes: nobody guesses here.
"""

import codecs
import re
from typing import Final

from andon.connect.tables.errors import FormatError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN: Final = 60
_DAMAGED: Final = re.compile("[\ufffd\udc80-\udcff]")
#: Fewer bytes show no pattern of zeros.
_LEAST_WIDE: Final = 8


def encoding_of(sample: bytes, said: str | None, *, is_whole: bool) -> str:
    """Return the name of the encoding.

    Args:
        sample: the first bytes.
        said: what the user says; it is believed, unless the text bears a mark.
        is_whole: whether there is no more.

    Raises:
        FormatError: it is none that can be told; the text has the line and says what to do.
    """
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    # A mark is a part of no text: it is surer than what is said of several files at once.
    if marked is not None:
        return marked
    if said is not None:
        return codecs.lookup(said).name
    zeros = sample.count(0)
    if zeros:
        return _with_zeros(sample, zeros)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=is_whole)
    except UnicodeDecodeError as error:
        if not _is_mixed(sample):
            raise FormatError(_advice(sample, error.start)) from error
    return "utf-8"


def _is_mixed(sample: bytes) -> bool:
    """Return whether some lines are UTF-8 beyond ASCII, which by chance none are: files were put together, and the others are refused.

    To read all of them in the other encoding would make other items of the first ones.
    """
    for line in sample.splitlines():
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError:
                continue
            return True
    return False


def _with_zeros(sample: bytes, zeros: int) -> str:
    odd = sample[1::2].count(0)
    if len(sample) < _LEAST_WIDE:
        raise FormatError("this is no table: it holds bytes that are no text")
    if odd > 0.9 * zeros and odd > 0.25 * len(sample) / 2:
        return "utf-16-le"
    if zeros - odd > 0.9 * zeros and zeros - odd > 0.25 * len(sample) / 2:
        return "utf-16-be"
    raise FormatError("this is no table: it holds bytes that are no text")


def _advice(sample: bytes, place: int) -> str:
    number = sample.count(b"\n", 0, place) + 1
    begin = sample.rfind(b"\n", 0, place) + 1
    end = sample.find(b"\n", place)
    line = sample[begin : end if end >= 0 else len(sample)].rstrip(b"\r")
    shown = line[max(place - begin - _SHOWN // 2, 0) :][:_SHOWN]
    return (
        f"line {number} is not UTF-8 (byte 0x{sample[place]:02x}), and which encoding it is cannot be told: "
        f"if it should read {shown.decode('cp1252', 'replace')!r}, say --encoding cp1252 (Excel's CSV on Windows); "
        f"if {shown.decode('mac_roman', 'replace')!r}, --encoding mac_roman; else name the right one"
    )


def is_damaged(text: str) -> bool:
    """Return whether a text holds bytes that could not be decoded, or signs that stand for such."""
    return not text.isascii() and _DAMAGED.search(text) is not None
