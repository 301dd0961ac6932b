"""The engine's stream of frames, however the connection cuts it."""

from hypothesis import given
from hypothesis import strategies as st

from grader.adapters.docker_sandbox.frames import Demultiplexer

frames = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=300)), max_size=20)


@given(frames, st.lists(st.integers(1, 50)), st.integers(0, 500))
def test_both_streams_come_out_whole_up_to_the_cap(sent: list[tuple[int, bytes]], cuts: list[int], keep: int) -> None:
    wire = b"".join(bytes([kind, 0, 0, 0]) + len(body).to_bytes(4, "big") + body for kind, body in sent)
    output = Demultiplexer(keep=keep)
    for cut in cuts:
        output.feed(wire[:cut])
        wire = wire[cut:]
    output.feed(wire)
    bodies = {kind: b"".join(body for which, body in sent if which == kind) for kind in (1, 2)}
    assert bytes(output.stdout) == bodies[1][:keep]
    assert bytes(output.stderr) == bodies[2][:keep]
    assert output.total == sum(len(body) for _, body in sent)
