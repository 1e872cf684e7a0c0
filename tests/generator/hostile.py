"""Hostile model files: payloads put into models that would load without them."""

import gzip
import io
import itertools
import os
import pickle
import pickletools
import struct
import zipfile

import numpy as np
import torch
from generator.door_files import ROSINALITY as ROSINALITY_CASE
from generator.door_files import SG2, dumped, saved, snapshot, state, zipped
from generator.model_files import DATA, ROSINALITY, training_checkpoint

MODEL = DATA / "a2_sg2ada_cond5.pkl"
TENSORFLOW = DATA / "e1_tf_sg2_skip.pkl"
MARK, TUPLE, REDUCE, POP, STOP = b"(", b"t", b"R", b"0", b"."


class Call:
    """Pickles as a call of anything with any arguments."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def body(value, protocol=2):
    """Return the opcodes that push a value, without the pickle's beginning and end."""
    data = pickle.dumps(value, protocol)
    assert data[:1] == b"\x80"
    return data[2 : -len(STOP)]


def text(value):
    """Return the opcode of a text."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def without_frames(data):
    """Return a pickle without frames, which are optional: opcodes can then be put in."""
    out, begin = bytearray(), 0
    for op, _, at in pickletools.genops(data):
        if op.name == "FRAME":
            out += data[begin:at]
            begin = at + 9
    return bytes(out + data[begin:])


def within(payload, model=MODEL):
    """Return a model in which the opcodes are run first, and what they push is dropped."""
    data = without_frames(model.read_bytes())
    return data[:2] + payload + POP + data[2:]


def beside(payload, model=MODEL):
    """Return a model that holds what the opcodes push beside its networks."""
    data = without_frames(model.read_bytes())
    return data[: -len(STOP)] + text("extra") + payload + b"s" + STOP


def in_storages(stream, model=MODEL):
    """Return a model whose nested torch streams are all replaced."""
    data, out, begin = without_frames(model.read_bytes()), bytearray(), 0
    ops = list(pickletools.genops(data))
    for (op, arg, at), (_, _, end) in itertools.pairwise(ops):
        if op.name in ("BINBYTES", "SHORT_BINBYTES") and b"FloatStorage" in arg:
            out += data[begin:at] + b"B" + struct.pack("<I", len(stream)) + stream
            begin = end
    return bytes(out + data[begin:])


def stream(value=None, size=None):
    """Return a stream of torch.save, of a storage unless said otherwise; size: what it claims in place of its 4."""
    buffer = io.BytesIO()
    whole = torch.ones(4).untyped_storage() if value is None else value
    if value is None:
        whole = torch.storage.TypedStorage(wrap_storage=whole, dtype=torch.float32, _internal=True)
    torch.save(whole, buffer, _use_new_zipfile_serialization=False)
    data = buffer.getvalue()
    if size is None:
        return data
    claimed = b"\x8a\x08" + struct.pack("<q", size)
    assert data.count(b"K\x04N") == 1
    return data.replace(b"K\x04N", claimed + b"N").replace(struct.pack("<q", 4), struct.pack("<q", size))


def keys_replaced(payload):
    """Return a stream of torch.save with another pickle in the place of the storages' keys."""
    data = stream()
    return data[: data.rindex(b"\x80\x02]")] + payload


def tensor(shape, stride, storage=None):
    """Return the opcodes of a tensor that claims a shape on a storage of four numbers."""
    nested = stream() if storage is None else storage
    load = b"ctorch.storage\n_load_from_bytes\n" + body((nested,), 3) + REDUCE
    rest = body(0) + body(shape) + body(stride) + b"\x89" + b"ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + MARK + load + rest + TUPLE + REDUCE


def array(shape, dtype=b"cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85R", data=b"1234"):
    """Return the opcodes of an array of numpy's that claims a shape."""
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + body((0,)) + body(b"b", 3) + b"\x87R"
    return empty + MARK + body(1) + body(shape) + dtype + b"\x89" + body(data, 3) + TUPLE + b"b"


def modules(links, depth):
    """Return a snapshot in which each module has the next one several times: a small file, a huge tree."""
    state = b"}(X\x0b\x00\x00\x00_parameters}X\x08\x00\x00\x00_buffers}X\x08\x00\x00\x00_modules"
    out = state + b"}u"
    for _ in range(depth):
        out = b"}(" + text("type") + text("class") + text("state") + out + b"u"
        out = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n" + out + b"\x85R"
        again = b"".join(text(f"m{link}") + b"h\x01" for link in range(1, links))
        out = b"}(" + text("m0") + out + b"q\x01" + again + b"u"
        out = state + out + b"u"
    top = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n}("
    top += text("type") + text("class") + text("state") + out + b"u\x85R"
    return b"\x80\x02}" + text("G_ema") + top + b"s."


def doubling_lists(depth):
    """Return the opcodes of a list of two lists of two lists."""
    return b"(]q\x05" + b"]h\x05ah\x05aq\x05" * depth + b"1h\x05"


def archive(edit=None, data=None, compression=zipfile.ZIP_STORED):
    """Return a zip archive of torch.save, a training's unless given, its records edited and written anew."""
    out, whole = io.BytesIO(), io.BytesIO(data)
    if data is None:
        training_checkpoint(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w", compression) as new:
        records = {name: old.read(name) for name in old.namelist()}
        for name, data in (edit(records) if edit else records).items():
            new.writestr(name, data)
    return out.getvalue()


def bomb():
    """Return a zip archive in which one record unfolds to a gigabyte."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
        new.open("archive/data.pkl", "w") as record,
    ):
        for _ in range(1000):
            record.write(bytes(10**6))
    return out.getvalue()


def replace_pickle(payload):
    """Return an edit of an archive: opcodes run at the start of its pickle."""

    def edit(records):
        name = next(name for name in records if name.endswith("data.pkl"))
        return records | {name: records[name][:2] + payload + POP + records[name][2:]}

    return edit


def claim_numbers(records):
    """Claim a storage of 100 GB in an archive's pickle."""
    name = next(name for name in records if name.endswith("data.pkl"))
    sizes = [(arg, at) for op, arg, at in pickletools.genops(records[name]) if op.name == "BININT2"]
    data, at = records[name], sizes[0][1]
    return records | {name: data[:at] + b"\x8a\x05" + (25 * 10**9).to_bytes(5, "little") + data[at + 3 :]}


def safetensors(header, data=b"1234"):
    """Return a safetensors file with a header."""
    return struct.pack("<Q", len(header)) + header + data


def with_entry(entry):
    """Return a safetensors file as bandwalk writes it, with one tensor's entry."""
    return safetensors(b'{"__metadata__": {"format": "bandwalk 1", "attrs": "{}"}, "w": ' + entry + b"}")


def foreign(name, state=b"}"):
    """Return the opcodes of an object of a class, as Python pickles it."""
    return b"c" + name.replace(":", "\n").encode() + b"\n)\x81" + state + b"b"


def with_part(part):
    """Return a snapshot whose generator has one module, given by its opcodes."""
    data = modules(1, 1)
    begin = data.rindex(b"ctorch_utils.persistence\n")
    end = data.index(b"\x85R", begin) + 2
    return data[:begin] + part + data[end:]


def reconstructed(name):
    """Return the opcodes of an object as protocols 0 and 1 begin it."""
    return b"ccopy_reg\n_reconstructor\n(c" + name.replace(":", "\n").encode() + b"\nc__builtin__\nobject\nNtR"


def encoded_again(times):
    """Return opcodes that make bytes of one long text many times."""
    encode = b"c_codecs\nencode\n"
    once = encode + text("x" * 10_000) + b"q\x07" + text("latin1") + b"q\x08\x86R0"
    return once + (encode + b"h\x07h\x08\x86R0") * times + b"N"


def lying_zip(field, value):
    """Return a .zip of a model whose directory lies about its record."""
    data = bytearray(zipped({"net.pkl": MODEL.read_bytes()}))
    at = data.rindex(b"PK\x01\x02") + field
    data[at : at + len(value)] = value
    return bytes(data)


def new_payloads(canary):
    """Return hostile files of the packed, the older and the bare formats, as `payloads`."""
    system = body(Call(os.system, f"touch {canary}"))
    zeros = bytes(10**8)
    old = dumped(snapshot(SG2), 0)
    first = state(ROSINALITY_CASE)
    return {
        "gz_bomb": (lambda: gzip.compress(zeros, 1), "unpacks to more"),
        "gz_cut": (lambda: gzip.compress(MODEL.read_bytes())[:-2000], "broken packed file"),
        "gz_damaged": (lambda: gzip.compress(MODEL.read_bytes())[:-8] + bytes(8), "broken packed file"),
        "gz_in_gz": (lambda: gzip.compress(gzip.compress(MODEL.read_bytes())), "neither a pickle"),
        "gz_of_nothing": (lambda: gzip.compress(b"") + bytes(20), "neither a pickle"),
        "gz_system": (lambda: gzip.compress(within(system)), "posix.system"),
        "zip_bomb_of_a_model": (lambda: zipped({"net.pkl": zeros}), "unpacks to more"),
        "zip_system": (lambda: zipped({"../../net.pkl": within(system)}), "posix.system"),
        "zip_password": (lambda: lying_zip(8, b"\x01\0"), "password"),
        "zip_method": (lambda: lying_zip(10, b"\x63\0"), "broken zip archive"),
        "zip_offset": (lambda: lying_zip(42, b"\xff\xff\xff\x7f"), "broken zip archive"),
        "zip_size": (lambda: lying_zip(20, b"\x10\0\0\0"), "broken"),
        "zip_in_zip": (lambda: zipped({"a.pkl": zipped({"net.pkl": MODEL.read_bytes()})}), "0 records data.pkl"),
        "text_system": (lambda: b"cposix\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR0" + old, "posix.system"),
        "text_line_without_end": (lambda: b"(V" + b"x" * 10**6, "without an end"),
        "text_integer": (lambda: b"(I" + b"9" * 10**5 + b"\n.", "over 255 bytes"),
        "text_lines_again": (lambda: b"(V" + b"x" * 10**5 + b"\np1\n" + b"g1\n0" * 200_000 + b".", "more steps"),
        "text_persistent": (lambda: b"(P1\n" + old, "opcode b'P'"),
        "reconstructed_system": (lambda: within(reconstructed("os:system")), "os.system"),
        "reconstructed_module": (lambda: beside(reconstructed("torch_utils.persistence:_reconstruct_persistent_obj")),
                                 "other arguments"),
        "bytes_made_over_and_over": (lambda: within(encoded_again(2000), MODEL), "over and over"),
        "network_archive_system": (lambda: archive(replace_pickle(system), saved(snapshot(SG2))), "posix.system"),
        "network_stream_system": (
            lambda: saved(snapshot(SG2), is_zip=False).replace(b"}q\x00", system + b"0}q\x00", 3),
            "posix.system",
        ),
        "network_of_foreign_parts": (lambda: saved({"G_ema": Call(os.system, "true")}), "posix.system"),
        "state_dict_of_100_gb": (lambda: archive(claim_numbers, saved(first)), "claims"),
        "state_dict_system": (lambda: archive(replace_pickle(system), saved(first)), "posix.system"),
        "state_dict_of_objects": (lambda: saved({**first, "input.input": np.array([Call(os.getpid)], object)}), "O8"),
        "state_dict_of_one_tensor": (
            lambda: saved({"input.input": (big := torch.zeros(50_000))} | {f"a{k}": big for k in range(90)}),
            "claim more bytes than the file holds",
        ),
    }  # fmt: skip


def payloads(canary):
    """Return the files by name, each as a function that makes it, with what its refusal must name."""
    touch = f"touch {canary}"
    system = body(Call(os.system, touch))
    evaluate = body(Call(eval, f"open({str(canary)!r}, 'w')"), 3)
    objects = np.array([Call(os.system, touch)], dtype=object)
    nested = pickle.dumps(Call(os.system, touch), 2)
    legacy = (DATA / ROSINALITY[0]).read_bytes()
    instance = b"(" + text(touch) + b"ios\nsystem\n"
    huge = 25 * 10**9
    return {
        "system": (lambda: within(system), "posix.system"),
        "system_beside": (lambda: beside(system), "posix.system"),
        "system_at_the_end": (lambda: MODEL.read_bytes()[:-1] + POP + system + STOP, "posix.system"),
        "system_alone": (lambda: b"\x80\x02" + system + STOP + bytes(32), "posix.system"),
        "system_protocol_0": (lambda: pickle.dumps(Call(os.system, touch), 0), "posix.system"),
        "system_in_tensorflow": (lambda: within(system, TENSORFLOW), "posix.system"),
        "system_in_a_foreign_object": (
            lambda: beside(foreign("timm.models.vit:Vit", b"}" + text("x") + system + b"s")),
            "posix.system",
        ),
        "foreign_module": (lambda: with_part(foreign("timm.models.vit:Vit")), "timm.models.vit.Vit"),
        "foreign_of_no_network": (lambda: beside(foreign("subprocess:Popen")), "subprocess.Popen"),
        "eval": (lambda: within(evaluate), "eval"),
        "stack_global": (lambda: within(text("os") + text("system") + b"\x93" + text(touch) + b"\x85R"), "os.system"),
        "dotted_name": (
            lambda: within(text("collections") + text("OrderedDict.__init__.__globals__") + b"\x93"),
            "globals",
        ),
        "getattr": (lambda: within(b"cbuiltins\ngetattr\n"), "builtins.getattr"),
        "instance": (lambda: within(instance), "opcode b'i'"),
        "object": (lambda: within(b"(cos\nsystem\n" + text(touch) + b"o"), "os.system"),
        "object_opcode": (lambda: within(b"(ccollections\nOrderedDict\no"), "opcode b'o'"),
        "newobj_ex": (lambda: within(b"ccollections\nOrderedDict\n)}\x92"), "opcode b'\\x92'"),
        "extension": (lambda: within(b"\x82\x01"), "opcode b'\\x82'"),
        "persistent": (lambda: within(b"K\x01Q"), "persistent"),
        "persistent_line": (lambda: within(b"P1\n"), "opcode b'P'"),
        "next_buffer": (lambda: within(b"\x97"), "opcode b'\\x97'"),
        "storage_type_called": (
            lambda: in_storages(stream().replace(b"FloatStorage\n", b"FloatStorage\nK\x01\x85R")),
            "Storage",
        ),
        "ndarray_called": (lambda: within(b"cnumpy\nndarray\n" + body((10**11,)) + b"\x85R"), "numpy.ndarray"),
        "bytearray": (lambda: within(b"cbuiltins\nbytearray\n" + body(10**11) + b"\x85R"), "builtins.bytearray"),
        "nested": (lambda: in_storages(nested), "posix.system"),
        "nested_in_a_stream": (lambda: in_storages(stream(Call(os.system, touch))), "posix.system"),
        "nested_in_the_keys": (lambda: in_storages(keys_replaced(nested)), "system"),
        "nested_zip": (lambda: in_storages(archive(lambda _: {"a/data.pkl": nested})), "opcode b'P'"),
        "objects": (lambda: beside(body(objects)), "O8"),
        "objects_first": (lambda: within(body(objects)), "O8"),
        "objects_in_tensorflow": (lambda: within(body(objects, 3), TENSORFLOW), "O8"),
        "records": (lambda: within(body(np.zeros(2, [("a", "f4"), ("b", "O")]))), "V12"),
        "huge_dtype": (lambda: within(b"cnumpy\ndtype\n" + text("V99999999999") + b"\x85R"), "V99999999999"),
        "sub_dtype": (lambda: within(b"cnumpy\ndtype\n" + text("(99999,99999)f4") + b"\x85R"), "f4"),
        "tensor_of_100_gb": (lambda: within(tensor((huge,), (1,))), str(huge)),
        "tensor_on_two_axes": (lambda: within(tensor((10**6, 10**6), (10**6, 1))), "reaches beyond"),
        "tensor_without_strides": (lambda: within(tensor((10**6, 10**6), (0, 0))), "reaches beyond"),
        "tensor_backwards": (lambda: within(tensor((4,), (-1,))), "strides"),
        "storage_of_100_gb": (lambda: in_storages(stream(size=huge)), str(4 * huge)),
        "storage_of_minus_one": (lambda: in_storages(stream(size=-1)), "-1"),
        "array_of_100_gb": (lambda: within(array((16_000_000, 1600))), "takes 102400000000 bytes, 4 are there"),
        "array_of_bytes_as_list": (lambda: within(array((1,)).replace(body(b"1234", 3), b"]")), "list"),
        "bytes_of_100_gb": (lambda: within(b"\x8e" + struct.pack("<Q", 10**11)), "100000000000"),
        "text_of_4_gb": (lambda: within(b"X\xff\xff\xff\xff"), "4294967295"),
        "string_of_minus_one": (lambda: within(b"T\xff\xff\xff\xff"), "-1"),
        "integer_of_2_gb": (lambda: within(b"\x8b\xff\xff\xff\x7f"), "2147483647"),
        "frame_of_100_gb": (lambda: within(b"\x95" + struct.pack("<Q", 10**11)), "100000000000"),
        "many_lists": (lambda: beside(doubling_lists(10_000)), None),
        "deep_tuples": (lambda: within(b")" + b"\x85" * 40_000), None),
        "deep_tuples_as_key": (lambda: within(b"})" + b"\x85" * 90_000 + b"Ns"), "tuple as a key"),
        "deep_marks": (lambda: within(b"(" * 20_000 + b"1" * 20_000 + b"N"), None),
        "endless": (lambda: within(b"N0" * 300_000), "more steps"),
        "deep_modules": (lambda: modules(1, 200), "deep"),
        "many_modules": (lambda: modules(8, 14), "parts"),
        "colliding_keys": (lambda: within(b"}\x8a\x09" + (2**61 - 1).to_bytes(9, "little") + b"Ns"), "as a key"),
        "late_memo": (lambda: beside(b"Nr\xff\xff\xff\xff"), None),
        "missing_memo": (lambda: within(b"j\xff\xff\xff\xff"), "broken pickle"),
        "empty_stack": (lambda: within(b"00"), "broken pickle"),
        "pt_system": (lambda: archive(replace_pickle(system)), "posix.system"),
        "pt_old_system": (lambda: legacy[:28] + legacy[28:].replace(b"}q", system + b"0}q", 2), "posix.system"),
        "pt_storage_of_100_gb": (lambda: archive(claim_numbers), "claims 100000000000 bytes"),
        "pt_compressed": (lambda: archive(compression=zipfile.ZIP_DEFLATED), "compressed"),
        "pt_without_record": (
            lambda: archive(lambda records: {k: v for k, v in records.items() if "/data/1" not in k}),
            "record",
        ),
        "pt_without_pickle": (lambda: archive(lambda records: {"a/version": b"3"}), "data.pkl"),
        "zip_bomb": (bomb, "compressed"),
        "zip_of_names": (lambda: archive(lambda records: {f"{k:0100}": b"" for k in range(40_000)}), "directory"),
        "header_of_100_gb": (lambda: struct.pack("<Q", 2**32 - 1) + b"{" + bytes(99), "4294967295"),
        "header_nested": (lambda: safetensors(b'{"a":' + b"[" * 10**6), "broken header"),
        "header_of_others": (
            lambda: safetensors(b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'),
            "no generator under a known name",
        ),
        "entry_of_100_gb": (
            lambda: with_entry(b'{"dtype": "F32", "shape": [16000000, 1600], "data_offsets": [0, 4]}'),
            "claims",
        ),
        "entry_beyond": (lambda: with_entry(b'{"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}'), "claims"),
        "entry_odd": (lambda: with_entry(b'{"dtype": "F3", "shape": [1], "data_offsets": [0, 4]}'), "expected a type"),
        "zeros": (lambda: bytes(10_000), "neither a pickle"),
        "page": (lambda: b"<!DOCTYPE html><title>Not found</title>" * 10, "HTML page"),
        "nothing": (lambda: b"", "0 bytes"),
        **new_payloads(canary),
    }
