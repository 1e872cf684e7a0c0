"""A stand-in for TouchDesigner's `td` module: the documented calls that the patch uses, refusing what TouchDesigner
refuses (unknown operators and parameters, names that are none, arrays of another form, any thread but the main one).

Source: docs.derivative.ca (OP, COMP, Par, Page and Script TOP classes; the operators' parameter pages).
"""

import re
import threading
import types

import numpy as np

COMMON_DAT = {"language"}
PARS = {  # {operator type: its parameters that are used}
    "baseCOMP": set(),
    "textDAT": COMMON_DAT,
    "websocketDAT": {"active", "netaddress", "port", "callbacks", "clamp", "maxlines"},
    "executeDAT": {"active", "start", "create", "exit", "framestart", "frameend"} | COMMON_DAT,
    "parameterexecuteDAT": {"active", "op", "pars", "custom", "builtin", "valuechange", "onpulse"} | COMMON_DAT,
    "scriptTOP": {"callbacks", "modoutsidecook", "setuppars"},
    "outTOP": set(),
    "oscinCHOP": {"active", "port"},
    "oscoutCHOP": {"active", "netaddress", "port"},
    "nullCHOP": set(),
    "outCHOP": set(),
}
CALLBACKS = {"websocketDAT", "scriptTOP"}


class TdError(Exception):
    """What TouchDesigner raises."""


def main_thread_only():
    if threading.current_thread() is not threading.main_thread():
        raise TdError("operators may be used in the main thread only")


class Par:
    """A parameter: built-in (of any value) or custom (with a type)."""

    def __init__(self, owner, name, style="any"):
        self.owner, self.name, self.style = owner, name, style
        self.default = self._val = {"Float": 0.0, "Int": 0, "Str": "", "Menu": "", "Toggle": False}.get(style)
        self.min = self.max = self.normMin = self.normMax = 0
        self.clampMin = self.clampMax = False
        self.menuNames, self.menuLabels = [], []

    @property
    def val(self):
        return self._val

    @val.setter
    def val(self, value):
        main_thread_only()
        if self.style == "Menu" and value not in self.menuNames:
            raise TdError(f"{self.name}: {value!r} is not on the menu {self.menuNames}")
        if self.style in ("Float", "Int"):
            if isinstance(value, str):
                raise TdError(f"{self.name}: {value!r} is no number")
            value = max(value, self.min) if self.clampMin else value
            value = min(value, self.max) if self.clampMax else value
            value = int(value) if self.style == "Int" else float(np.float32(value))
        if self.style == "Toggle":
            value = bool(value)
        if self.style == "Str" and not isinstance(value, str):
            raise TdError(f"{self.name}: {value!r} is no text")
        changed, self._val = value != self._val, value
        if changed:
            self.owner.root.changes.append(self)

    def eval(self):
        main_thread_only()
        return self._val


class ParCollection:
    def __init__(self, owner, names):
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_pars", {name: Par(owner, name) for name in names})

    def __getattr__(self, name):
        main_thread_only()
        try:
            return self._pars[name]
        except KeyError:
            raise AttributeError(f"{self._owner.path} has no parameter {name}") from None

    def __setattr__(self, name, value):
        self._owner.log.append((name, value))
        getattr(self, name).val = value


class Page:
    """A page of custom parameters; each append returns a group of parameters."""

    def __init__(self, owner, name):
        self.owner, self.name, self.pars = owner, name, []

    def destroy(self):
        self.owner.customPages.remove(self)
        for par in self.pars:
            del self.owner.par._pars[par.name]

    def _append(self, style, name, label):
        main_thread_only()
        if not re.fullmatch(r"[A-Z][a-z0-9]*", name):
            raise TdError(f"{name}: a custom parameter begins with a capital, then small letters and digits")
        par = Par(self.owner, name, style)
        par.label = label or name
        if name in self.owner.par._pars:
            raise TdError(f"{name}: is there already")
        self.owner.par._pars[name] = par
        self.pars.append(par)
        return [par]


for _style in ("Float", "Int", "Str", "Menu", "Toggle", "Pulse"):
    setattr(Page, f"append{_style}", lambda self, name, label=None, style=_style: self._append(style, name, label))


class Connector:
    def __init__(self):
        self.source = None

    def connect(self, source):
        self.source = source


class Op:
    """An operator; a DAT's text is a module, or callbacks with the globals that TouchDesigner gives them."""

    def __init__(self, root, kind, name, parent):
        self.root, self.kind, self.name, self.parent_op = root, kind, name, parent
        self.path = f"{parent.path.rstrip('/')}/{name}" if parent else "/"
        self.children, self.customPages, self.log, self.sent, self.stored = {}, [], [], [], {}
        self.par = ParCollection(self, PARS.get(kind, ()))
        self.inputConnectors = [Connector()]
        self.text, self._module, self.array, self.cooks = "", None, None, 0

    # any operator
    def op(self, name):
        main_thread_only()
        return self.children.get(name)

    def create(self, kind, name):
        main_thread_only()
        if kind not in PARS or name in self.children or not re.fullmatch(r"\w+", name):
            raise TdError(f"cannot create {kind} {name}")
        self.children[name] = Op(self.root, kind, name, self)
        return self.children[name]

    def destroy(self):
        main_thread_only()
        del self.parent_op.children[self.name]

    def appendCustomPage(self, name):
        main_thread_only()
        self.customPages.append(Page(self, name))
        return self.customPages[-1]

    def store(self, key, value):
        main_thread_only()
        self.stored[key] = value

    @property
    def module(self):
        main_thread_only()
        if self._module is None:
            self._module = types.ModuleType(self.name)
            comp = self.parent_op
            self._module.__dict__.update(op=comp.op, parent=lambda: comp, me=self)
            exec(compile(self.text, self.path, "exec"), self._module.__dict__)
        return self._module

    # WebSocket DAT
    def sendText(self, text):
        main_thread_only()
        self.sent.append(text)

    sendBinary = sendPong = sendText

    # Script TOP
    def cook(self, force=False):
        main_thread_only()
        self.cooks += 1
        self.par.callbacks.eval().module.onCook(self)

    def copyNumpyArray(self, array):
        main_thread_only()
        if array.dtype not in (np.uint8, np.uint16, np.float32):
            raise TdError(f"copyNumpyArray: {array.dtype}")
        if array.ndim != 3 or array.shape[2] not in (3, 4) or not array.flags.c_contiguous:
            raise TdError(f"copyNumpyArray: {array.shape}, contiguous {array.flags.c_contiguous}")
        self.array = array.copy()


class Td(types.ModuleType):
    """The module, and one running project with /project1."""

    def __init__(self):
        super().__init__("td")
        self.changes = []
        self.top = Op(self, "baseCOMP", "", None)
        self.top.create("baseCOMP", "project1")
        for kind in PARS:
            setattr(self, kind, kind)

    def op(self, path):
        found = self.top
        for name in filter(None, path.split("/")):
            found = found.op(name) if found else None
        return found

    def frame(self, comp):
        """One frame of TouchDesigner: changed parameters are told, then the frame begins."""
        changes, self.changes = self.changes, []
        watch = comp.op("parameter_changed")
        for par in dict.fromkeys(changes):
            if par.owner is comp and par.style != "any":
                watch.module.onValueChange(par, None)
        comp.op("every_frame").module.onFrameStart(0)
