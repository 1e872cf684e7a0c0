"""A stand-in for TouchDesigner's `td` module: the documented calls that the patch uses, refusing what TouchDesigner
refuses. Each rule names its page of docs.derivative.ca; nothing here was compared with TouchDesigner itself.
"""

import builtins
import enum
import pickle
import re
import threading
import types

import numpy as np

PYTHON = (3, 11)
"""Python in TouchDesigner (pages "Python", "Release Notes": builds from 2023 on)."""

PACKAGES = {"numpy", "cv2", "requests", "yaml", "attr", "cryptography", "jsonschema"}
"""Packages that come with it (page "3rd Party Python Packages"); pyzmq does not."""

DAT = {"language", "extension", "wordwrap"}
PARS = {  # {operator type: its parameters that are used} (the page of each operator)
    "baseCOMP": set(),
    "textDAT": DAT,
    "tableDAT": DAT,
    "outDAT": {"label", "connectorder"},
    "executeDAT": {"active", "start", "create", "exit", "framestart", "frameend"} | DAT,
    "parameterexecuteDAT": {"active", "op", "pars", "custom", "builtin", "valuechange", "onpulse"} | DAT,
    "scriptTOP": {"callbacks", "modoutsidecook", "setuppars"},
    "outTOP": {"label", "connectorder"},
    "scriptCHOP": {"callbacks", "setuppars", "timeslice"},
    "oscinCHOP": {"active", "port"},
    "oscoutCHOP": {"active", "netaddress", "port"},
    "nullCHOP": set(),
    "outCHOP": {"label", "connectorder"},
}
CALLBACKS = {  # what each kind calls, by the page of the operator; a function of another name is never called
    "executeDAT": {
        "onStart", "onCreate", "onExit", "onFrameStart", "onFrameEnd", "onPlayStateChange", "onDeviceChange",
        "onProjectPreSave", "onProjectPostSave",
    },
    "parameterexecuteDAT": {
        "onValueChange", "onValuesChanged", "onPulse", "onExpressionChange", "onExportChange", "onEnableChange",
        "onModeChange",
    },
    "scriptTOP": {"onSetupParameters", "onPulse", "onCook"},
    "scriptCHOP": {"onSetupParameters", "onPulse", "onCook", "onGetCookLevel"},
}  # fmt: skip
DEFAULTS = {
    "Float": 0.0, "Int": 0, "Str": "", "Menu": "", "StrMenu": "", "Toggle": False, "File": "", "Folder": "", "Pulse": 0
}  # fmt: skip
TEXTS = {"Str", "StrMenu", "File", "Folder"}


class TdError(Exception):
    """What TouchDesigner raises (td.tdError)."""


class ParMode(enum.Enum):
    """Page "ParMode Class"."""

    CONSTANT = 0
    EXPRESSION = 1
    EXPORT = 2
    BIND = 3


def main_thread_only():
    """Page "Threading": an operator or a parameter may not be used from another thread."""
    if threading.current_thread() is not threading.main_thread():
        raise TdError("operators may be used in the main thread only")


class Par:
    """A parameter: built-in (of any value) or custom (with a style). Page "Par Class"."""

    def __init__(self, owner, name, style="any", page=None):
        self.owner, self.name, self.style, self.page = owner, name, style, page
        self.default = self._val = DEFAULTS.get(style)
        self.min = self.max = self.normMin = self.normMax = 0
        self.clampMin = self.clampMax = self.readOnly = False
        self.menuNames, self.menuLabels = [], []
        self.mode, self.expr = ParMode.CONSTANT, None
        self.is_there = True

    def __setattr__(self, name, value):
        main_thread_only()
        known = "owner name style page default min max normMin normMax clampMin clampMax readOnly menuNames menuLabels"
        if name not in {*known.split(), "mode", "expr", "label", "val", "_val", "is_there"}:
            raise AttributeError(f"a parameter has no {name}")  # members are not made by assignment
        if name in ("menuNames", "menuLabels"):
            if not all(isinstance(text, str) for text in value):
                raise TdError(f"{self.name}: {name} {value!r}: a menu has texts")
            value = list(value)
        if name == "mode" and not isinstance(value, ParMode):
            raise TypeError(f"mode {value!r}: expected a ParMode")
        object.__setattr__(self, name, value)

    @property
    def val(self):
        return self._val

    @val.setter
    def val(self, value):
        """A value set here ends an expression (the mode becomes CONSTANT)."""
        main_thread_only()
        if not self.is_there:
            raise TdError(f"{self.name}: this parameter was destroyed")
        if self.style == "Menu":
            if len(self.menuNames) != len(self.menuLabels):
                raise TdError(f"{self.name}: {len(self.menuNames)} names and {len(self.menuLabels)} labels")
            if value not in self.menuNames:
                raise TdError(f"{self.name}: {value!r} is not on the menu {self.menuNames}")
        if self.style in ("Float", "Int"):
            if isinstance(value, str):
                raise TdError(f"{self.name}: {value!r} is not a number")
            value = max(value, self.min) if self.clampMin else value
            value = min(value, self.max) if self.clampMax else value
            value = int(value) if self.style == "Int" else float(np.float32(value))
        if self.style == "Toggle":
            value = bool(value)
        if self.style in TEXTS and not isinstance(value, str):
            raise TdError(f"{self.name}: {value!r} is not a text")
        self.mode = ParMode.CONSTANT if self.mode is not ParMode.BIND else self.mode
        changed, self._val = value != self._val, value
        if changed:
            self.owner.root.changes.append(self)

    def eval(self):
        main_thread_only()
        return self.expr() if self.mode is ParMode.EXPRESSION else self._val

    def destroy(self):
        """Only a custom parameter can be destroyed."""
        if self.style == "any":
            raise TdError(f"{self.name}: a built-in parameter")
        self.page.pars.remove(self)
        del self.owner.par._pars[self.name]
        self.is_there = False


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
        getattr(self, name).val = value


class Page:
    """A page of custom parameters; each append returns a group of parameters. Page "Page Class"."""

    def __init__(self, owner, name):
        self.owner, self.name, self.pars = owner, name, []

    def destroy(self):
        main_thread_only()
        for par in list(self.pars):
            par.destroy()
        self.owner.customPages.remove(self)

    def _append(self, style, name, label):
        """Names: page "Custom Parameters": a capital, then small letters and digits, no underscore."""
        main_thread_only()
        if not re.fullmatch(r"[A-Z][a-z0-9]*", name):
            raise TdError(f"{name}: a custom parameter begins with a capital, then small letters and digits")
        if name in self.owner.par._pars:
            raise TdError(f"{name}: is there already")  # stricter: replace=True would lose its value and expression
        par = Par(self.owner, name, style, self)
        par.label = label or name
        self.owner.par._pars[name] = par
        self.pars.append(par)
        return [par]


for _style in DEFAULTS:
    setattr(Page, f"append{_style}", lambda self, name, label=None, style=_style: self._append(style, name, label))


class Connector:
    def __init__(self, owner):
        self.owner, self.source = owner, None

    def connect(self, source):
        """Only operators of one family can be wired (page "Connector Class")."""
        main_thread_only()
        if source.family != self.owner.family:
            raise TdError(f"{source.path} into {self.owner.path}: different families")
        self.source = source


class Cell:
    """Page "Cell Class": its value is a text."""

    def __init__(self, value):
        self.val = str(value)


class Channel(list):
    """Page "Channel Class": samples are numbers."""

    def __init__(self, name, count):
        super().__init__([0.0] * count)
        self.name = name

    def __setitem__(self, at, value):
        super().__setitem__(at, float(value))


class Op:
    """An operator; a DAT's text is a module, or callbacks with the globals that TouchDesigner gives them.

    Page "OP Class" and those of the families.
    """

    def __init__(self, root, kind, name, parent):
        self.root, self.kind, self.name, self.parent_op = root, kind, name, parent
        self.OPType, self.family = kind, kind[-4:] if kind.endswith(("COMP", "CHOP")) else kind[-3:]
        self.path = f"{parent.path.rstrip('/')}/{name}" if parent else "/"
        self.children, self.customPages, self.stored = {}, [], {}
        self.par = ParCollection(self, PARS.get(kind, ()))
        self.inputConnectors = [Connector(self)]
        self._text, self._module, self.array, self.cooks, self.rows = "", None, None, 0, []
        self.chans, self.numSamples = [], 1

    # any operator
    def op(self, name):
        main_thread_only()
        return self.children.get(name)

    @property
    def inputs(self):
        main_thread_only()
        return [connector.source for connector in self.inputConnectors if connector.source]

    def create(self, kind, name):
        """Page "Operator Name": letters, digits, underscore, and no digit first."""
        main_thread_only()
        if self.family != "COMP" or kind not in PARS or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise TdError(f"cannot create {kind} {name}")
        if name in self.children:
            raise TdError(f"{name}: is there already")  # stricter: TouchDesigner would add a number to the name
        self.children[name] = Op(self.root, kind, name, self)
        return self.children[name]

    def destroy(self):
        main_thread_only()
        del self.parent_op.children[self.name]

    def appendCustomPage(self, name):
        main_thread_only()
        if self.family != "COMP" or any(page.name == name for page in self.customPages):
            raise TdError(f"{self.path}: a page {name}")
        self.customPages.append(Page(self, name))
        return self.customPages[-1]

    def store(self, key, value):
        """Page "Storage": what is stored is saved with the project, by pickle."""
        main_thread_only()
        pickle.dumps(value)
        self.stored[key] = value

    def fetch(self, key, *default, search=True):
        main_thread_only()
        if key not in self.stored and not default:
            raise TdError(f"{key}: not in storage")
        return self.stored.get(key, *default)

    @property
    def text(self):
        return self._text

    @text.setter
    def text(self, value):
        """A new text is a new module: what the old one remembered is gone (page "DAT Class", Module)."""
        main_thread_only()
        if self.family != "DAT":
            raise AttributeError(f"{self.path} has no text")
        self._text, self._module = value, None

    @property
    def module(self):
        main_thread_only()
        if self.family != "DAT":
            raise AttributeError(f"{self.path} has no module")
        if self._module is None:
            self._module = types.ModuleType(self.name)
            comp = self.parent_op
            self._module.__dict__.update(op=comp.op, parent=lambda: comp, me=self, ParMode=ParMode)
            self._module.__dict__["print"] = lambda *texts: self.root.textport.append(" ".join(map(str, texts)))
            self._module.__dict__["__builtins__"] = builtins
            exec(compile(self._text, self.path, "exec"), self._module.__dict__)
            self._refuse_unknown_callbacks()
        return self._module

    def _refuse_unknown_callbacks(self):
        kinds = [self.kind] if self.kind in CALLBACKS else []
        kinds += [other.kind for other in self.parent_op.children.values() if self._is_callbacks_of(other)]
        for kind in kinds:
            unknown = {name for name in vars(self._module) if re.match("on[A-Z]", name)} - CALLBACKS[kind]
            if unknown:
                raise TdError(f"{self.path}: {kind} never calls {unknown}")

    def _is_callbacks_of(self, other):
        return "callbacks" in other.par._pars and other.par._pars["callbacks"]._val is self

    # Table DAT
    @property
    def numRows(self):
        main_thread_only()
        return len(self.rows)

    def appendRow(self, values):
        main_thread_only()
        self.rows.append([Cell(value) for value in values])

    def deleteRow(self, at):
        main_thread_only()
        del self.rows[at]

    def __getitem__(self, place):
        main_thread_only()
        row, column = place
        return self.rows[row][column]

    def __setitem__(self, place, value):
        main_thread_only()
        row, column = place
        self.rows[row][column] = Cell(value)

    def clear(self):
        """Of a Table DAT and of a Script CHOP, which may be changed only while it cooks (page "scriptCHOP Class")."""
        main_thread_only()
        self.rows, self.chans = [], []

    # Script CHOP
    def appendChan(self, name):
        main_thread_only()
        self.chans.append(Channel(name, self.numSamples))
        return self.chans[-1]

    # Script TOP and Script CHOP
    def cook(self, force=False):
        main_thread_only()
        self.cooks += 1
        self.par.callbacks.eval().module.onCook(self)

    def copyNumpyArray(self, array):
        """Page "scriptTOP Class": (height, width, 1 to 4 channels), uint8, uint16 or float32, bottom row first."""
        main_thread_only()
        if array.dtype not in (np.uint8, np.uint16, np.float32):
            raise TdError(f"copyNumpyArray: {array.dtype}")
        if array.ndim != 3 or not 1 <= array.shape[2] <= 4 or not array.flags.c_contiguous:
            raise TdError(f"copyNumpyArray: {array.shape}, contiguous {array.flags.c_contiguous}")
        self.array = array.copy()


class Td(types.ModuleType):
    """The module, and one running project with /project1."""

    def __init__(self):
        super().__init__("td")
        self.changes, self.textport = [], []
        self.top = Op(self, "baseCOMP", "", None)
        self.top.create("baseCOMP", "project1")
        for kind in PARS:
            setattr(self, kind, kind)

    def op(self, path):
        main_thread_only()
        found = self.top
        for name in filter(None, path.split("/")):
            found = found.op(name) if found else None
        return found

    def frame(self, comp):
        """One frame of TouchDesigner: changed parameters are told, then the frame begins."""
        changes, self.changes = self.changes, []
        watch = comp.op("parameter_changed")
        for par in dict.fromkeys(changes):
            if par.owner is comp and par.style != "any" and par.is_there:
                watch.module.onValueChange(par, None)
        comp.op("every_frame").module.onFrameStart(0)
