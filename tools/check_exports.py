"""Reads exported files with the programs that they are for; the tests of crates/dcgan-cli run it.

    python tools/check_exports.py onnx FOLDER
    python tools/check_exports.py torch STATE.pth WEIGHTS.safetensors [STATE.pth WEIGHTS.safetensors ...]
    python tools/check_exports.py tensorboard FOLDER

`onnx` checks every model of a folder with ONNX's checker, runs it with ONNX Runtime, and compares the
output with that in the .json file beside it. `torch` compares state dicts with weight files.
`tensorboard` prints what TensorBoard reads, as JSON.
"""

import json
import sys
from pathlib import Path


def check_onnx(folder):
    import numpy as np
    import onnx
    import onnxruntime

    paths = sorted(Path(folder).glob("*.onnx"))
    for path in paths:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        assert [one.version for one in model.opset_import] == [17], path
        [graph_input] = model.graph.input
        assert graph_input.type.tensor_type.shape.dim[0].dim_param == "batch", path

        case = json.loads(path.with_suffix(".json").read_text())
        fed = np.array(case["input"], np.float32).reshape(case["input_shape"])
        expected = np.array(case["output"], np.float32).reshape(case["output_shape"])
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for count in (len(fed), 1):
            [output] = session.run(None, {graph_input.name: fed[:count]})
            assert output.dtype == case["type"], f"{path}: {output.dtype}"
            assert output.shape == expected[:count].shape, f"{path}: {output.shape}"
            difference = np.abs(output.astype(np.float32) - expected[:count]).max()
            assert difference <= case["tolerance"], f"{path}, batch of {count}: differs by {difference}"
            print(f"{path.name}, batch of {count}: differs by {difference:.1e}")
    print(f"{len(paths)} models")


def check_torch(paths):
    import torch
    from safetensors.torch import load_file

    for state_path, weights_path in zip(paths[::2], paths[1::2], strict=True):
        state = torch.load(state_path, weights_only=True)
        weights = load_file(weights_path)
        assert state.keys() == weights.keys(), state.keys() ^ weights.keys()
        for name, tensor in state.items():
            assert tensor.dtype == weights[name].dtype, name
            assert tensor.shape == weights[name].shape, name
            assert torch.equal(tensor, weights[name]), name
        print(f"{state_path}: {len(state)} tensors")


def read_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    everything = {"scalars": 0, "images": 0, "tensors": 0}
    events = EventAccumulator(str(folder), size_guidance=everything).Reload()
    tags = events.Tags()
    # without what TensorBoard drops when a training was resumed
    in_files = [
        event.step
        for path in sorted(Path(folder).glob("*tfevents*"))
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.tag == "loss/generator"
    ]
    read = {
        "scalars": {
            tag: [[event.step, event.value] for event in events.Scalars(tag)]
            for tag in tags["scalars"]
        },
        "pictures": {
            tag: [[image.step, image.width, image.height] for image in events.Images(tag)]
            for tag in tags["images"]
        },
        "texts": {
            tag: [event.tensor_proto.string_val[0].decode() for event in events.Tensors(tag)]
            for tag in tags["tensors"]
        },
        "steps_in_files": in_files,
    }
    print(json.dumps(read))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["onnx", folder]:
            check_onnx(folder)
        case ["torch", *paths] if paths:
            check_torch(paths)
        case ["tensorboard", folder]:
            read_tensorboard(folder)
        case _:
            sys.exit(__doc__)
