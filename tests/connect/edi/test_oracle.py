"""What pydifact, which is not ours, reads of EDIFACT is what we read."""

import warnings

from hypothesis import given
from hypothesis import strategies as st
from pydifact.exceptions import MissingImplementationWarning
from pydifact.segmentcollection import RawSegmentCollection
from support.data import data_file

from andon.connect.edi.reading import read_segments, text_of
from andon.connect.edi.segments import EDIFACT, Segment, write_segments

UNB = "UNB+UNOY:4+A:14+B:14+260305:0930+7'\n"
#: Blanks at the ends of an element say nothing; we leave them out.
words = st.text(st.sampled_from("ABCabc019 '+:?*~-./é"), max_size=8).map(str.strip)
elements = st.lists(st.lists(words, min_size=1, max_size=4).map(tuple), min_size=1, max_size=5)


def flat(elements):
    """Elements as a list of lists without what is empty at their ends."""
    found = [[one] if isinstance(one, str) else list(one) for one in elements]
    for one in (*found, found):
        while one and not one[-1]:
            one.pop()
    return found


def ours(text):
    return [(one.tag, flat(one.elements)) for one in read_segments(text)]


def theirs(text):
    with warnings.catch_warnings():
        # It looks for dictionaries of the directories, which it does not bring, and dislikes empty segments.
        warnings.simplefilter("ignore", MissingImplementationWarning)
        warnings.simplefilter("ignore", SyntaxWarning)
        found = RawSegmentCollection.from_str(text).segments
    return [(one.tag, flat(one.elements)) for one in found if one.tag != "UNA"]


@given(st.lists(st.tuples(st.sampled_from(["FTX", "LIN", "QTY", "NAD"]), elements), max_size=6))
def test_written_segments_are_read_alike(rows):
    text = UNB + write_segments([Segment(tag, tuple(parts)) for tag, parts in rows], EDIFACT)
    assert ours(text) == theirs(text)


def test_the_public_files_are_read_alike():
    for path in sorted(data_file("edi").glob("edifact-*")):
        text = text_of(path.read_bytes())
        assert theirs(text) == ours(text), path.name
