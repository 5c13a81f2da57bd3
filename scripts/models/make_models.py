#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the example models of this folder, and larger ones for benchmarks.

    make_models.py examples [DIR]     digits.onnx, digits-int8.onnx, identity.onnx, images/,
                                      accuracy.json (DIR: this folder)
    make_models.py mlp PATH           a multilayer perceptron with seeded random weights

Run it through make.sh, which prepares the pinned packages. Same packages, same bytes.
"""

import argparse
import json
import os
from pathlib import Path

# One thread: the order of floating-point additions, and so the weights, must not depend on the
# number of cores. Before numpy loads its linear algebra library.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# The official builds of ONNX Runtime report usage by default.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

SEED = 20260921
OPSET = 17
IR_VERSION = 8
HIDDEN = (96, 48)
CLASSES = 10
# Weights are rounded to multiples of this, so that the last bits of a training run, which
# differ between linear algebra libraries, do not reach the file.
WEIGHT_STEP = 2.0**-12


def model(graph, path):
    """Checks a graph and writes it."""
    result = helper.make_model(
        graph,
        producer_name="jurat",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(result, full_check=True)
    path.write_bytes(result.SerializeToString(deterministic=True))


def constant(name, value, dtype):
    return numpy_helper.from_array(np.asarray(value, dtype=dtype), name)


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, list(shape))


def perceptron(name, layers, scale, path):
    """f32 `image` [batch, n] -> `label` i64 [batch], `scores` f32 [batch, classes].

    `scale` is folded into the first layer. The softmax is written out in five operators: ONNX
    Runtime's own Softmax gives different last bits with and without AVX-512, these do not.
    """
    nodes, constants, at = [], [], "image"
    for i, (weight, bias) in enumerate(layers):
        weight = weight * scale if i == 0 else weight
        constants += [
            constant(f"w{i}", weight, np.float32),
            constant(f"b{i}", bias, np.float32),
        ]
        last = i == len(layers) - 1
        out = "logits" if last else f"h{i}"
        nodes.append(helper.make_node("Gemm", [at, f"w{i}", f"b{i}"], [out]))
        if not last:
            nodes.append(helper.make_node("Relu", [out], [f"a{i}"]))
            at = f"a{i}"
    constants.append(constant("axis", [1], np.int64))
    nodes += [
        helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
        helper.make_node("ReduceMax", ["logits"], ["top"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["logits", "top"], ["below_top"]),
        helper.make_node("Exp", ["below_top"], ["odds"]),
        helper.make_node("ReduceSum", ["odds", "axis"], ["total"], keepdims=1),
        helper.make_node("Div", ["odds", "total"], ["scores"]),
    ]
    width, classes = layers[0][0].shape[0], layers[-1][0].shape[1]
    graph = helper.make_graph(
        nodes,
        name,
        [value("image", TensorProto.FLOAT, "batch", width)],
        [
            value("label", TensorProto.INT64, "batch"),
            value("scores", TensorProto.FLOAT, "batch", classes),
        ],
        constants,
    )
    model(graph, path)


def quantised_perceptron(name, layers, pixels, path):
    """u8 `image` [batch, n] -> `label` i64 [batch], `scores` u8 [batch, classes].

    Every layer is a QLinearConv with a 1x1 kernel over [batch, width, 1, 1]: a dense layer with
    an i32 bias, made of integers only. Pixels are whole numbers and are the quantised input as
    they come. A zero point of zero makes the rounding to u8 the Relu as well.

    Weights are u8 around 128: u8 times i8 saturates on processors without VNNI.
    `pixels` calibrates the ranges of the activations.
    """
    nodes, constants = [], []
    constants.append(constant("spatial", [2, 3], np.int64))
    nodes.append(helper.make_node("Unsqueeze", ["image", "spatial"], ["x0"]))
    # real = scale * (quantised - zero point). The training saw pixel / 16.
    activation, x_scale, x_zero = pixels / 16.0, 1.0 / 16.0, 0
    for i, (weight, bias) in enumerate(layers):
        last = i == len(layers) - 1
        activation = activation @ weight + bias
        if last:
            low, high = activation.min(), activation.max()
            y_scale = np.float32((high - low) / 255.0)
            y_zero = int(round(-low / float(y_scale)))
        else:
            activation = np.maximum(activation, 0.0)
            # The top thousandth is cut off: better steps for the rest.
            y_scale = np.float32(np.quantile(activation, 0.999) / 255.0)
            y_zero = 0
        # A unit that training switched off has no range: any scale is right, zero is not.
        w_scale = np.maximum(np.abs(weight).max(axis=0) / 127.0, 2.0**-20).astype(np.float32)
        quantised = np.clip(np.rint(weight / w_scale) + 128, 0, 255)
        bias = np.rint(bias / (float(x_scale) * w_scale.astype(np.float64)))
        outputs, inputs = weight.shape[1], weight.shape[0]
        constants += [
            constant(f"x{i}_scale", x_scale, np.float32),
            constant(f"x{i}_zero", x_zero, np.uint8),
            constant(f"w{i}", quantised.T.reshape(outputs, inputs, 1, 1), np.uint8),
            constant(f"w{i}_scale", w_scale, np.float32),
            constant(f"w{i}_zero", np.full(outputs, 128), np.uint8),
            constant(f"y{i}_scale", y_scale, np.float32),
            constant(f"y{i}_zero", y_zero, np.uint8),
            constant(f"b{i}", bias, np.int32),
        ]
        nodes.append(
            helper.make_node(
                "QLinearConv",
                [f"x{i}", f"x{i}_scale", f"x{i}_zero", f"w{i}", f"w{i}_scale", f"w{i}_zero"]
                + [f"y{i}_scale", f"y{i}_zero", f"b{i}"],
                [f"x{i + 1}"],
                kernel_shape=[1, 1],
            )
        )
        x_scale, x_zero = y_scale, y_zero
    nodes += [
        helper.make_node("Squeeze", [f"x{len(layers)}", "spatial"], ["scores"]),
        helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        name,
        [value("image", TensorProto.UINT8, "batch", layers[0][0].shape[0])],
        [
            value("label", TensorProto.INT64, "batch"),
            value("scores", TensorProto.UINT8, "batch", layers[-1][0].shape[1]),
        ],
        constants,
    )
    model(graph, path)


def identity(path):
    """Hands a string and an i64 tensor of rank 2 back."""
    graph = helper.make_graph(
        [
            helper.make_node("Identity", ["text"], ["text_out"]),
            helper.make_node("Identity", ["numbers"], ["numbers_out"]),
        ],
        "identity",
        [
            value("text", TensorProto.STRING, "rows", "columns"),
            value("numbers", TensorProto.INT64, "rows", "columns"),
        ],
        [
            value("text_out", TensorProto.STRING, "rows", "columns"),
            value("numbers_out", TensorProto.INT64, "rows", "columns"),
        ],
    )
    model(graph, path)


def shifted(images, labels):
    """The images, and each moved by one pixel in four directions."""
    square = images.reshape(-1, 8, 8)
    moved = [square]
    for axis, step in ((1, 1), (1, -1), (2, 1), (2, -1)):
        copy = np.roll(square, step, axis)
        edge = [slice(None)] * 3
        edge[axis] = 0 if step == 1 else -1
        copy[tuple(edge)] = 0
        moved.append(copy)
    return np.concatenate(moved).reshape(-1, 64), np.tile(labels, len(moved))


def answers(path, images, options=()):
    """What ONNX Runtime answers, with the settings a node uses."""
    import onnxruntime as ort

    settings = ort.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    for key, setting in options:
        settings.add_session_config_entry(key, setting)
    session = ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    return session.run(["label", "scores"], {"image": images})


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1) + "\n")


def examples(directory):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target
    )
    more_x, more_y = shifted(train_x, train_y)
    classifier = MLPClassifier(
        HIDDEN, alpha=1e-3, batch_size=64, max_iter=60, random_state=SEED, tol=0.0
    )
    import warnings

    with warnings.catch_warnings():
        # It says that 60 passes are fewer than it would take. They are as many as we want.
        warnings.simplefilter("ignore")
        classifier.fit(more_x / 16.0, more_y)
    layers = [
        (np.rint(w / WEIGHT_STEP) * WEIGHT_STEP, np.rint(b / WEIGHT_STEP) * WEIGHT_STEP)
        for w, b in zip(classifier.coefs_, classifier.intercepts_)
    ]

    directory.mkdir(parents=True, exist_ok=True)
    floating, integer = directory / "digits.onnx", directory / "digits-int8.onnx"
    perceptron("digits", layers, 1.0 / 16.0, floating)
    quantised_perceptron("digits-int8", layers, train_x, integer)
    identity(directory / "identity.onnx")

    float_labels, _ = answers(floating, test_x.astype(np.float32))
    int_labels, _ = answers(
        integer, test_x.astype(np.uint8), [("session.x64quantprecision", "1")]
    )
    write_json(
        directory / "accuracy.json",
        {
            "seed": SEED,
            "training images": len(train_x),
            "test images": len(test_x),
            "digits.onnx": round(float((float_labels == test_y).mean()), 4),
            "digits-int8.onnx": round(float((int_labels == test_y).mean()), 4),
            "both give the same label": round(float((float_labels == int_labels).mean()), 4),
        },
    )

    # The first test image of each digit.
    images = directory / "images"
    images.mkdir(exist_ok=True)
    labels = {}
    for digit in range(CLASSES):
        image = test_x[np.flatnonzero(test_y == digit)[0]].astype(int).tolist()
        rows = ", ".join(map(str, image))
        (images / f"digit-{digit}.json").write_text(f"[[{rows}]]\n")
        labels[f"digit-{digit}.json"] = digit
    write_json(images / "labels.json", labels)
    print((directory / "accuracy.json").read_text(), end="")


def benchmark_model(path, widths, seed):
    random = np.random.default_rng(seed)
    layers = [
        (random.standard_normal((n, m)) / np.sqrt(n), np.zeros(m))
        for n, m in zip(widths, widths[1:])
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    perceptron("mlp", layers, 1.0, path)
    print(f"{path}: {' -> '.join(map(str, widths))}, {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("examples", help="the models and images of this folder")
    command.add_argument("directory", nargs="?", type=Path, default=Path(__file__).parent)
    command = commands.add_parser("mlp", help="a larger model for benchmarks")
    command.add_argument("path", type=Path)
    command.add_argument(
        "--widths",
        type=lambda text: [int(width) for width in text.split(",")],
        default=[256, 1024, 1024, 10],
        help="comma-separated widths of the layers (256,1024,1024,10)",
    )
    command.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    if arguments.command == "examples":
        examples(arguments.directory)
    elif len(arguments.widths) < 2 or min(arguments.widths) < 1:
        parser.error("--widths takes at least two positive numbers")
    else:
        benchmark_model(arguments.path, arguments.widths, arguments.seed)


if __name__ == "__main__":
    main()
