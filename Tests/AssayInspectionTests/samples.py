"""Writes the samples of this directory with the formats' own libraries, and what numpy says of them.

    pip install numpy safetensors gguf onnx lightgbm xgboost
    python samples.py Samples

Versions that wrote those kept here: numpy 2, safetensors 0.8.0, gguf 0.19.0, onnx 1.23.2, lightgbm 4.7.0,
xgboost 3.2.0.
"""
import json, os, sys
import numpy as np

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
place = lambda name: os.path.join(out, name)
random = np.random.default_rng(3)
expected = {}


def norms(name, old, new):
    old, new = np.asarray(old, np.float64).ravel(), np.asarray(new, np.float64).ravel()
    expected[name] = {
        "old_norm": float(np.linalg.norm(old)), "new_norm": float(np.linalg.norm(new)),
        "relative": float(np.linalg.norm(new - old) / np.linalg.norm(old)),
        "largest_step": float(np.abs(new - old).max()), "changed_values": int((old != new).sum())}


def safetensors():
    from safetensors.numpy import save_file
    full = random.normal(size=(6, 5)).astype(np.float32)
    half = random.normal(size=64).astype(np.float16)
    whole = np.arange(12, dtype=np.int64)
    moved = full.copy()
    moved[2, 3] += 0.5
    old = {"full": full, "half": half, "whole": whole, "kept": full[:2], "gone": whole, "shape": whole}
    new = {"full": moved, "half": (half * np.float16(1.5)).astype(np.float16), "whole": whole + 1,
           "kept": full[:2], "extra": half, "shape": whole.reshape(3, 4)}
    save_file(old, place("a.safetensors"), metadata={"format": "np", "epoch": "1"})
    save_file(new, place("b.safetensors"), metadata={"format": "np", "epoch": "2"})
    for name in ("full", "half", "whole"):
        norms("safetensors " + name, old[name], new[name])


def gguf():
    import gguf as g
    base = random.normal(size=(4, 64)).astype(np.float32)
    for name, values, epoch in (("a", base, 1), ("b", base * 1.25, 2)):
        writer = g.GGUFWriter(place(name + ".gguf"), "llama")
        writer.add_uint32("test.epoch", epoch)
        writer.add_array("tokenizer.ggml.tokens", ["a", "b", "c"])
        writer.add_tensor("full", values)
        writer.add_tensor("half", values.astype(np.float16))
        for kind in (g.GGMLQuantizationType.Q8_0, g.GGMLQuantizationType.Q4_0, g.GGMLQuantizationType.Q5_0):
            writer.add_tensor(kind.name, g.quantize(values, kind), raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    for kind in (g.GGMLQuantizationType.Q8_0, g.GGMLQuantizationType.Q4_0):
        a, b = (g.dequantize(g.quantize(v, kind), kind) for v in (base, (base * 1.25).astype(np.float32)))
        norms("gguf " + kind.name, a, b)
    norms("gguf full", base, (base * 1.25).astype(np.float32))
    norms("gguf half", base.astype(np.float16), (base * 1.25).astype(np.float16))


def onnx():
    import onnx as o
    from onnx import helper, numpy_helper, TensorProto
    base = random.normal(size=(5, 2)).astype(np.float32)
    for name, weight, kind in (("a", base, "Relu"), ("b", base * 2, "Tanh")):
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node(kind, ["y"], ["z"])],
            "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 5])],
            [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 2])],
            [numpy_helper.from_array(weight, "w"),
             helper.make_tensor("listed", TensorProto.FLOAT, [3], weight.ravel()[:3].tolist()),
             numpy_helper.from_array(np.arange(3), "kept")])
        o.save(helper.make_model(graph, producer_name="sample", opset_imports=[helper.make_opsetid("", 17)]),
               place(name + ".onnx"))
    norms("onnx w", base, base * 2)
    norms("onnx listed", base.ravel()[:3], base.ravel()[:3] * 2)


def trees():
    import lightgbm, xgboost
    x = random.normal(size=(400, 4))
    y = x[:, 0] * 2 + np.sin(x[:, 1]) + random.normal(size=400) * 0.1
    options = {"num_leaves": 7, "verbose": -1, "seed": 1, "deterministic": True, "num_threads": 1}
    model = lightgbm.train(options, lightgbm.Dataset(x, y), 6)
    model.save_model(place("lightgbm-a.txt"))
    longer = lightgbm.train(options, lightgbm.Dataset(x, y), 8)
    longer.set_leaf_output(2, 0, longer.get_leaf_output(2, 0) + 0.25)
    longer.save_model(place("lightgbm-b.txt"))
    options = {"max_depth": 3, "seed": 1, "nthread": 1}
    for name, rounds in (("a", 5), ("b", 7)):
        model = xgboost.train(options, xgboost.DMatrix(x, y), rounds)
        model.save_model(place("xgboost-%s.json" % name))
        model.dump_model(place("xgboost-%s.txt" % name))


safetensors()
gguf()
onnx()
trees()
with open(place("expected.json"), "w") as file:
    json.dump(expected, file, indent=1, sort_keys=True)
