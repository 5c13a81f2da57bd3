#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of tests/hostile-models/files: models made to harm who reads or runs them.

    scripts/models/make.sh examples    # once: prepares the Python packages
    $HOME/.cache/jurat/venv/bin/python tests/hostile-models/make.py

Each file is small (at most 4 KiB) and the same bytes each time. What must become of each is in
node/engine/tests/hostile.rs, which also makes those that are not small.
"""

from pathlib import Path

import numpy as np
from onnx import (
    AttributeProto,
    FunctionProto,
    SparseTensorProto,
    StringStringEntryProto,
    TensorProto,
    TrainingInfoProto,
    helper,
    numpy_helper,
)

FOLDER = Path(__file__).parent / "files"
F, I, I32, B, S = (
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.INT32,
    TensorProto.BOOL,
    TensorProto.STRING,
)


def value(name, kind=F, shape=(1,)):
    return helper.make_tensor_value_info(name, kind, shape)


def const(name, data, dtype):
    return numpy_helper.from_array(np.asarray(data, dtype=dtype), name)


def ints(name, data):
    return const(name, data, np.int64)


def floats(name, data):
    return const(name, data, np.float32)


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs, outputs, domain=domain, **attributes)


def model(nodes, inputs=None, outputs=None, constants=(), opset=17, imports=()):
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("x")] if inputs is None else inputs,
        [value("y", shape=[None])] if outputs is None else outputs,
        list(constants),
    )
    sets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(*one) for one in imports]
    return helper.make_model(graph, ir_version=10, opset_imports=sets)


def write(name, what):
    data = what if isinstance(what, bytes) else what.SerializeToString(deterministic=True)
    assert len(data) <= 4096, (name, len(data))
    (FOLDER / f"{name}.onnx").write_bytes(data)


def plain():
    """y = x + x"""
    return model([node("Add", ["x", "x"], ["y"])])


def attention(shape, opset=23, **attributes):
    return model(
        [node("Attention", ["q", "k", "v"], ["y"], **attributes)],
        [value(n, F, shape) for n in "qkv"],
        [value("y", F, [None] * len(shape))],
        opset=opset,
    )


def loop(body_nodes, head, constants=(), inner=(), inputs=None):
    body = helper.make_graph(
        body_nodes,
        "body",
        [value("i", I, []), value("go", B, []), value("a")],
        [value("go_on", B, []), value("b")],
        list(inner),
    )
    return model([node("Loop", head, ["y"], body=body)], inputs, None, constants)


ROUND = [node("Identity", ["go"], ["go_on"]), node("Add", ["a", "a"], ["b"])]


def nested_loops():
    inner = helper.make_graph(
        [node("Identity", ["go2"], ["go_on2"]), node("Add", ["a2", "a2"], ["b2"])],
        "inner",
        [value("i2", I, []), value("go2", B, []), value("a2")],
        [value("go_on2", B, []), value("b2")],
    )
    nodes = [
        node("Identity", ["go"], ["go_on"]),
        node("Loop", ["times", "", "a"], ["b"], body=inner),
    ]
    return loop(nodes, ["times", "", "x"], [ints("times", 65536)])


def nested_if(depth):
    graph = helper.make_graph([node("Identity", ["x"], ["y0"])], "g", [], [value("y0")])
    for level in range(1, depth):
        one = node("If", ["c"], [f"y{level}"], then_branch=graph, else_branch=deepest(level))
        graph = helper.make_graph([one], "g", [], [value(f"y{level}")])
    last = node("If", ["c"], ["y"], then_branch=graph, else_branch=deepest(depth))
    return model([last], constants=[const("c", True, bool)])


def deepest(level):
    name = f"e{level}"
    return helper.make_graph([node("Neg", ["x"], [name])], "e", [], [value(name)])


def local_functions(levels, fan):
    """Each function calls the one below it `fan` times: fan ** levels nodes when inlined."""
    result = model([node(f"f{levels}", ["x"], ["y"], domain="local")], imports=[("local", 1)])
    for level in range(levels + 1):
        inner = ("Neg", "") if level == 0 else (f"f{level - 1}", "local")
        calls = [
            node(inner[0], [f"v{i}" if i else "a"], [f"v{i + 1}"], domain=inner[1])
            for i in range(1 if level == 0 else fan)
        ]
        result.functions.append(
            helper.make_function(
                "local",
                f"f{level}",
                ["a"],
                [f"v{len(calls)}"],
                calls,
                [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)],
            )
        )
    return result


def external(location, offset=None):
    result = model([node("Add", ["x", "w"], ["y"])], constants=[floats("w", [1.0])])
    tensor = result.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.append(StringStringEntryProto(key="location", value=location))
    if offset is not None:
        tensor.external_data.append(StringStringEntryProto(key="offset", value=offset))
    return result


def change(what, edit):
    edit(what)
    return what


def raw_attribute(op, attribute, constants=(), inputs=("x",)):
    one = node(op, list(inputs), ["y"])
    one.attribute.append(attribute)
    return model([one], constants=constants)


def tfidf(**changed):
    attributes = dict(
        max_gram_length=2,
        max_skip_count=0,
        min_gram_length=1,
        mode="TF",
        ngram_counts=[0, 2],
        ngram_indexes=[0, 1, 2],
        pool_int64s=[1, 2, 3, 4],
    )
    attributes.update(changed)
    return model(
        [node("TfIdfVectorizer", ["x"], ["y"], **attributes)], [value("x", I, [4])], opset=9
    )


def conv(**attributes):
    return model(
        [node("Conv", ["x", "w"], ["y"], **attributes)],
        [value("x", F, [1, 2, 4, 4])],
        [value("y", F, [None] * 4)],
        [floats("w", np.ones((2, 2, 1, 1)))],
    )


def product(weights):
    return model(
        [node("MatMul", ["x", "w"], ["y"])],
        [value("x", F, [1, 2])],
        [value("y", F, [1, 2])],
        [floats("w", weights)],
    )


def trees(true, false, **changed):
    attributes = dict(
        n_targets=1,
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[0, 0, 0],
        nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF"],
        nodes_values=[1.0, 1.0, 0.0],
        nodes_truenodeids=true,
        nodes_falsenodeids=false,
        target_ids=[0],
        target_nodeids=[2],
        target_treeids=[0],
        target_weights=[1.0],
    )
    attributes.update(changed)
    one = node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    return model(
        [one], [value("x", F, [1, 1])], [value("y", F, [1, 1])], imports=[("ai.onnx.ml", 3)]
    )


def folder():
    big = 1 << 35  # 128 GiB of floats
    # --- control flow and functions
    write("local-functions", local_functions(9, 8))
    write("loop-endless", loop(ROUND, ["", "true", "x"], [const("true", True, bool)]))
    write("loop-2-62", loop(ROUND, ["times", "", "x"], [ints("times", 1 << 62)]))
    times = [value("x"), value("times", I, [])]
    write("loop-as-long-as-the-input-says", loop(ROUND, ["times", "", "x"], inputs=times))
    write("loop-in-loop", nested_loops())
    write("loop-of-few-rounds", loop(ROUND, ["times", "", "x"], [ints("times", 10)]))
    scan = helper.make_graph([node("Neg", ["e"], ["f"])], "s", [value("e", F, [])], [value("f", F, [])])
    write("scan", model([node("Scan", ["x"], ["y"], body=scan, num_scan_inputs=1)]))
    write("if-7-deep", nested_if(7))
    write("if-24-deep", nested_if(24))
    body = helper.make_graph(ROUND, "g", [], [value("b")])
    write("graph-in-a-node-that-holds-none", model([node("Neg", ["x"], ["y"], body=body)]))

    # --- sizes by constants
    shape = [ints("shape", [big])]
    fill = node("ConstantOfShape", ["shape"], ["z"])
    add = node("Add", ["x", "z"], ["y"])
    write("constant-of-shape", model([fill, add], constants=shape))
    half = [ints("half", [1 << 18]), ints("rest", [1 << 17])]
    write(
        "constant-of-computed-shape",
        model([node("Mul", ["half", "rest"], ["shape"]), fill, add], constants=half),
    )
    write("expand", model([node("Expand", ["x", "shape"], ["y"])], constants=shape))
    hidden = node("Constant", [], ["shape"], value=ints("v", [big]))
    write("expand-by-constant-node", model([hidden, node("Expand", ["x", "shape"], ["y"])]))
    again = node("Identity", ["other"], ["shape"])
    write(
        "expand-by-identity",
        model([again, node("Expand", ["x", "shape"], ["y"])], constants=[ints("other", [big])]),
    )
    write("tile", model([node("Tile", ["x", "shape"], ["y"])], constants=shape))
    ends = [ints("a", 0), ints("b", big), ints("d", 1)]
    ranged = [node("Range", ["a", "b", "d"], ["r"]), node("Cast", ["r"], ["c"], to=F)]
    write("range", model([*ranged, node("Add", ["x", "c"], ["y"])], constants=ends))
    ends = [floats("a", 0), floats("b", 1e30), floats("d", 1e-30)]
    ranged = [node("Range", ["a", "b", "d"], ["r"]), node("Add", ["x", "r"], ["y"])]
    write("range-of-floats", model(ranged, constants=ends))
    write("reshape", model([node("Reshape", ["x", "s"], ["y"])], constants=[ints("s", [1 << 20] * 3)]))
    hot = [ints("depth", [big]), floats("values", [0, 1])]
    write(
        "one-hot",
        model([node("OneHot", ["x", "depth", "values"], ["y"])], [value("x", I)], constants=hot),
    )
    image = [value("x", F, [1, 1, 64, 64])]
    scales = [floats("none", []), floats("s", [1, 1, 1e6, 1e6])]
    four = [value("y", F, [None] * 4)]
    write("resize", model([node("Resize", ["x", "none", "s"], ["y"])], image, four, scales))
    scales = [floats("none", []), floats("s", [1, 1, np.nan, np.inf])]
    write("resize-nan", model([node("Resize", ["x", "none", "s"], ["y"])], image, four, scales))
    scales = [floats("s", [1, 1, 1000, 1000])]
    write("upsample", model([node("Upsample", ["x", "s"], ["y"])], image, four, scales, opset=9))
    write("pad", model([node("Pad", ["x", "p"], ["y"])], constants=[ints("p", [0, big])]))
    write("window", model([node("HannWindow", ["n"], ["w"]), node("Add", ["x", "w"], ["y"])],
                          constants=[ints("n", big)]))
    square = [ints("s", [8192, 8192])]
    large = [node("Expand", ["x", "s"], ["m"]), node("MatMul", ["m", "m"], ["p"]),
             node("ReduceMax", ["p"], ["y"], keepdims=0)]
    write("one-huge-product", model(large, outputs=[value("y", F, [])], constants=square))
    write("value-info-huge", change(plain(), lambda m: m.graph.value_info.append(
        value("z", F, [1 << 31, 1 << 31]))))
    write("input-huge", model([node("Neg", ["x"], ["y"])], [value("x", F, [1 << 40])]))
    write("input-of-1000-dimensions", model([node("Neg", ["x"], ["y"])], [value("x", F, [1] * 1000)]))

    # --- constants
    def lie(dims):
        def edit(m):
            del m.graph.initializer[0].dims[:]
            m.graph.initializer[0].dims.extend(dims)
        return change(model([node("Add", ["x", "w"], ["y"])], constants=[floats("w", [1.0])]), edit)

    write("constant-of-many-without-data", lie([1 << 40]))
    write("constant-of-overflowing-size", lie([1 << 62, 4, 4]))
    write("constant-below-zero", lie([-1]))
    write("external-parent", external("../secret"))
    write("external-absolute", external("/etc/passwd"))
    write("external-beside", external("link"))
    write("external-device", external("/dev/zero"))
    write("external-memory", external("*/_ORT_MEM_ADDR_/*", "4096"))
    write("weights-nan", product([[np.nan] * 2] * 2))
    write("weights-infinite", product([[np.inf, -np.inf]] * 2))
    write("weights-denormal", product([[1e-42, -1e-45]] * 2))
    write("sparse", change(plain(), lambda m: m.graph.sparse_initializer.append(SparseTensorProto())))
    write("strings-as-raw-bytes", change(
        model([node("Identity", ["w"], ["z"]), node("Neg", ["x"], ["y"])], constants=[ints("w", [1])]),
        lambda m: setattr(m.graph.initializer[0], "data_type", S)))

    # --- what a graph must be
    write("cycle", model([node("Add", ["x", "b"], ["a"]), node("Neg", ["a"], ["b"]),
                          node("Neg", ["b"], ["y"])]))
    write("cycle-of-one", model([node("Add", ["x", "y"], ["y"])]))
    write("unsorted", model([node("Neg", ["a"], ["y"]), node("Neg", ["x"], ["a"])]))
    write("operand-of-nobody", model([node("Add", ["x", "nobody"], ["y"])]))
    write("output-of-nobody", model([node("Neg", ["x"], ["z"])]))
    write("no-nodes", model([], outputs=[value("x")]))
    write("no-outputs", model([node("Neg", ["x"], ["y"])], outputs=[]))
    write("no-graph", change(plain(), lambda m: m.ClearField("graph")))
    write("value-twice", model([node("Neg", ["x"], ["y"]), node("Abs", ["x"], ["y"])]))
    write("value-that-is-an-input", model([node("Neg", ["x"], ["x"]), node("Abs", ["x"], ["y"])]))
    write("constant-twice", model([node("Add", ["x", "w"], ["y"])],
                                  constants=[floats("w", [1]), floats("w", [2])]))
    write("input-twice", model([node("Neg", ["x"], ["y"])], [value("x"), value("x")]))
    write("control-characters", model([node("Neg", ["x"], ["\x1b[2J\x07"]),
                                       node("Neg", ["\x1b[2J\x07"], ["y"])]))
    write("operator-not-utf8", plain().SerializeToString().replace(b"Add", b"\xff\xfe\xfd"))
    write("output-of-another-type", model([node("Neg", ["x"], ["y"])], outputs=[value("y", I)]))
    write("index-that-is-a-float", model([node("Gather", ["x", "x"], ["y"])]))
    write("field-twice", plain().SerializeToString() * 2)
    write("group", plain().SerializeToString() + b"\x0b\x0c")
    write("training", change(plain(), lambda m: m.training_info.append(TrainingInfoProto())))
    write("function-unused", change(plain(), lambda m: m.functions.append(FunctionProto())))

    # --- operators and their sets
    write("operator-unknown", model([node("NoSuchOperator", ["x"], ["y"])]))
    write("operator-foreign", model([node("Evil", ["x"], ["y"], domain="evil")], imports=[("evil", 1)]))
    write("operator-random", model([node("RandomNormalLike", ["x"], ["y"])]))
    write("operator-in-training", model([node("Dropout", ["x", "ratio", "train"], ["y"])],
                                        constants=[floats("ratio", 0.5), const("train", True, bool)]))
    write("operator-of-sequences", model([node("SequenceConstruct", ["x"], ["s"]),
                                          node("SequenceAt", ["s", "i"], ["y"])],
                                         constants=[ints("i", 0)]))
    write("operator-that-searches", model([node("BeamSearch", ["x"], ["y"], domain="com.microsoft")],
                                          imports=[("com.microsoft", 1)]))
    write("opset-27", change(plain(), lambda m: setattr(m.opset_import[0], "version", 27)))
    write("opset-zero", change(plain(), lambda m: setattr(m.opset_import[0], "version", 0)))
    write("opset-twice", change(plain(), lambda m: m.opset_import.append(helper.make_opsetid("ai.onnx", 18))))
    write("opset-ml-9", change(trees([1, 2, 0], [2, 2, 0]), lambda m: setattr(m.opset_import[1], "version", 9)))
    write("opset-missing", change(trees([1, 2, 0], [2, 2, 0]), lambda m: m.opset_import.pop()))

    # --- attributes
    write("attention-zero-heads", attention([1, 2, 8], q_num_heads=0, kv_num_heads=0))
    write("attention-heads-that-do-not-divide", attention([1, 2, 12], q_num_heads=4, kv_num_heads=3))
    write("attention-of-no-heads-in-its-shape", attention([1, 0, 2, 8]))
    write("layer-normalisation-axis", model([node("LayerNormalization", ["x", "s"], ["y"], axis=-66)],
                                            constants=[floats("s", [1])]))
    write("transpose-repeats", model([node("Transpose", ["x"], ["y"], perm=[0, 1, 0])],
                                     [value("x", F, [2, 2, 2])]))
    write("transpose-beyond", model([node("Transpose", ["x"], ["y"], perm=[0, 7])], [value("x", F, [2, 2])]))
    write("ngrams-beyond-the-pool", tfidf(ngram_counts=[0, 10]))
    write("ngrams-backwards", tfidf(ngram_counts=[3, 0]))
    write("ngrams-without-places", tfidf(ngram_indexes=[0]))
    write("ngrams-far-places", tfidf(ngram_indexes=[0, 1, 1 << 60]))
    write("ngrams-good", tfidf())
    write("convolution-group-zero", conv(group=0))
    write("convolution-stride-zero", conv(strides=[0, 0]))
    write("convolution-dilation-below-zero", conv(dilations=[-1, -1]))
    write("convolution-kernel-huge", conv(kernel_shape=[65536, 65536]))
    write("convolution-padding-huge", conv(pads=[1 << 30] * 4))
    write("block-of-zero", model([node("DepthToSpace", ["x"], ["y"], blocksize=0)],
                                 [value("x", F, [1, 4, 2, 2])]))
    write("epsilon-nan", model([node("LayerNormalization", ["x", "s"], ["y"], epsilon=float("nan"))],
                               constants=[floats("s", [1])]))
    write("attribute-of-2-40", model([node("ReduceMax", ["x"], ["y"], keepdims=1 << 40)]))
    twice = helper.make_attribute("axis", 0)
    write("attribute-twice", change(raw_attribute("Softmax", twice),
                                    lambda m: m.graph.node[0].attribute.append(twice)))
    lying = AttributeProto(name="axis", type=AttributeProto.FLOAT, i=3)
    write("attribute-of-another-type", raw_attribute("Softmax", lying))
    referring = AttributeProto(name="axis", type=AttributeProto.INT, ref_attr_name="outer")
    write("attribute-of-a-function", raw_attribute("Softmax", referring))
    tensor = AttributeProto(name="value", type=AttributeProto.SPARSE_TENSOR)
    tensor.sparse_tensor.dims.extend([1 << 40])
    write("attribute-sparse", raw_attribute("Constant", tensor, inputs=()))
    write("trees-cycle", trees([1, 0, 0], [2, 2, 0]))
    write("trees-far-feature", trees([1, 2, 0], [2, 2, 0], nodes_featureids=[1 << 40, 0, 0]))
    write("trees-far-target", trees([1, 2, 0], [2, 2, 0], target_ids=[1 << 20]))

    # --- what only running shows
    least = [const("a", [-(2**31)], np.int32), const("b", [-1], np.int32)]
    write("division-that-integers-do-not-have", model(
        [node("Div", ["a", "b"], ["c"]), node("Cast", ["c"], ["d"], to=F), node("Add", ["x", "d"], ["y"])],
        constants=least))
    ones = [ints("s", [1 << 27])]
    folding = [node("ConstantOfShape", ["s"], ["z0"])]
    folding += [node("Exp", [f"z{i}"], [f"z{i + 1}"]) for i in range(24)]
    folding += [node("ReduceMax", ["z24"], ["m"], keepdims=0), node("Add", ["x", "m"], ["y"])]
    write("much-computed-in-advance", model(folding, constants=ones))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.onnx"):
        old.unlink()
    folder()
