# SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes run/: event files by TensorBoard's own writer, in the three encodings of a scalar, with a restart, a negative
step and things that are no scalars; and expected.json, what TensorBoard's own loader reads of them. tensorboard 2.21.0.
"""
import json
import pathlib
import struct

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

here = pathlib.Path(__file__).parent


def plain(tag, value):
    return summary_pb2.Summary.Value(tag=tag, simple_value=value)


def tensor(tag, proto):
    meta = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"))
    meta.data_class = summary_pb2.DATA_CLASS_SCALAR
    return summary_pb2.Summary.Value(tag=tag, tensor=proto, metadata=meta)


def with_list(tag, value):  # as torch.utils.tensorboard writes with new_style=True
    return tensor(tag, tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value],
                                              tensor_shape=tensor_shape_pb2.TensorShapeProto()))


def with_content(tag, value):  # as tf.summary.scalar of TensorFlow 2 writes
    return tensor(tag, tensor_pb2.TensorProto(dtype=types_pb2.DT_DOUBLE, tensor_content=struct.pack("<d", value),
                                              tensor_shape=tensor_shape_pb2.TensorShapeProto()))


def text_value(tag, content):
    meta = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[content])
    return summary_pb2.Summary.Value(tag=tag, tensor=proto, metadata=meta)


def write(name, events):
    path = here / "run" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=1000, file_version="brain.Event:2").SerializeToString())
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()


def step(number, *values):
    return event_pb2.Event(wall_time=1000.5 + number, step=number, summary=summary_pb2.Summary(value=values))


start = event_pb2.Event(wall_time=1010, step=3, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
write("events.out.tfevents.1000.host", [
    step(0, plain("train/loss", 4.0), with_list("lr", 0.25), with_content("eval/score", 0.1)),
    step(1, plain("train/loss", 3.5), with_list("lr", 0.5), text_value("note", b"hello")),
    step(2, plain("train/loss", 3.0), with_content("eval/score", 0.2)),
    step(3, plain("train/loss", 99.0)),
    step(4, plain("train/loss", 98.0)),
])
write("events.out.tfevents.1001.host", [
    start,
    step(3, plain("train/loss", 2.5), plain("train/grad_norm", float("nan"))),
    step(4, plain("train/loss", 2.0), with_content("eval/score", 0.3)),
    step(-1, plain("odd", 7.0)),
])
write("loss_val/events.out.tfevents.1000.host", [step(0, plain("loss", 5.0)), step(4, plain("loss", 4.5))])

expected = {}
for folder in ["", "loss_val"]:
    loader = event_accumulator.EventAccumulator(str(here / "run" / folder), {"scalars": 0, "tensors": 0})
    loader.Reload()
    before = folder + "/" if folder else ""
    for tag in loader.Tags()["scalars"]:
        expected[before + tag] = [[e.step, e.wall_time, e.value] for e in loader.Scalars(tag)]
    for tag in loader.Tags()["tensors"]:
        if loader.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
            continue
        points = []
        for e in loader.Tensors(tag):
            value = e.tensor_proto.float_val[0] if e.tensor_proto.float_val else struct.unpack(
                "<d", e.tensor_proto.tensor_content)[0]
            points.append([e.step, e.wall_time, value])
        expected[before + tag] = points
text = json.dumps(expected, indent=1, sort_keys=True).replace("NaN", "null")
(here / "expected.json").write_text(text + "\n")
