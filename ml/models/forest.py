"""LightGBM's trees as a text, asked through LightGBM's C library: one row costs microseconds, and no wrapper loads.

LightGBM's Python package loads scikit-learn and pandas, and checks each question for as long as the trees take to
answer it. A server needs neither. The functions called here are public (LightGBM/c_api.h).
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ml.contracts import Floats

RAW, CONTRIBUTIONS = 1, 3  # C_API_PREDICT_RAW_SCORE, C_API_PREDICT_CONTRIB
FLOAT64, ROW_MAJOR = 1, 1
ALL_ROUNDS = (0, -1)
ONE_THREAD, ALL_THREADS = b"num_threads=1", b"num_threads=0"
FEW = 1000  # rows below which starting threads costs more than scoring
NUMBER_BYTES = 8
LIBRARIES = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")


@dataclass(frozen=True)
class Forest:
    """A booster in LightGBM's text format; what it says is that of the booster it was written by, to the last bit.

    text    all that it is
    inputs  how many columns a row has
    outputs margins of a row: one, or one a class

    Any number of threads may ask at once. Raises ValueError when the text is none of LightGBM's.
    """

    text: str
    inputs: int = field(init=False, compare=False, repr=False)
    outputs: int = field(init=False, compare=False, repr=False)
    _handles: _Handles = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the text."""
        handles = _Handles(self.text)
        for name, value in (("inputs", handles.inputs), ("outputs", handles.outputs), ("_handles", handles)):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[type[Forest], tuple[str]]:
        """Return how a copy is made: from the text, for the library's memory has one owner."""
        return Forest, (self.text,)

    def margins(self, codes: Floats) -> Floats:
        """Return raw scores, (n, outputs)."""
        return self._handles.many(RAW, codes) if len(codes) != 1 else margins_of_row([self], codes)[None, :]

    def contributions(self, codes: Floats) -> Floats:
        """Return TreeSHAP values and the base, (n, outputs × (inputs + 1))."""
        if len(codes) != 1:
            return self._handles.many(CONTRIBUTIONS, codes)
        found = np.empty((1, self.outputs * (self.inputs + 1)))
        self._handles.one(self._handles.contributions, _row(self, codes).ctypes.data, found.ctypes.data)
        return found


def margins_of_row(forests: Sequence[Forest], codes: Floats) -> Floats:
    """Return what each forest says of one row, codes (1, inputs): raw scores one after the other."""
    row, found = _row(forests[0], codes), np.empty(sum(each.outputs for each in forests))
    read, write = row.ctypes.data, found.ctypes.data
    for each in forests:
        if each.inputs != forests[0].inputs:
            raise ValueError(f"forests of {forests[0].inputs} and of {each.inputs} inputs cannot read the same row")
        each._handles.one(each._handles.margins, read, write)
        write += each.outputs * NUMBER_BYTES
    return found


def _row(forest: Forest, codes: Floats) -> Floats:
    """Return the codes as the library reads them. Raises ValueError when it would read beyond them."""
    if codes.shape[-1] != forest.inputs:
        raise ValueError(f"the trees read {forest.inputs} inputs, given were {codes.shape[-1]}")
    return np.ascontiguousarray(codes, dtype=np.float64)


class _Handles:
    """The library's own objects of one forest, freed with it: the booster, and how one row is asked of it.

    One row is asked while Python's lock is held: it costs less than to give the lock away, and the library's buffer
    for one row is then nobody else's. Many rows are asked without it.
    """

    def __init__(self, text: str) -> None:
        library, booster, rounds = _library(ctypes.PyDLL), ctypes.c_void_p(), ctypes.c_int()
        _done(library.LGBM_BoosterLoadModelFromString(text.encode(), ctypes.byref(rounds), ctypes.byref(booster)))
        self.booster = booster
        self.inputs, self.outputs = self._count("LGBM_BoosterGetNumFeature"), self._count("LGBM_BoosterGetNumClasses")
        self.margins, self.contributions = (self._row_question(kind) for kind in (RAW, CONTRIBUTIONS))
        self._ask = library.LGBM_BoosterPredictForMatSingleRowFast
        weakref.finalize(self, _free, booster, (self.margins, self.contributions))

    def one(self, question: ctypes.c_void_p, row: int, found: int) -> None:
        """Write the answer about the row at an address to an address."""
        length = ctypes.c_int64()
        _done(self._ask(question, row, ctypes.addressof(length), found))

    def many(self, kind: int, codes: Floats) -> Floats:
        """Return the answers about rows, (n, …)."""
        if codes.ndim != 2 or codes.shape[1] != self.inputs:
            raise ValueError(f"the trees read {self.inputs} inputs, given were {codes.shape[-1]}")
        rows, width = np.ascontiguousarray(codes, dtype=np.float64), self.outputs
        found = np.empty((len(rows), width if kind == RAW else width * (self.inputs + 1)))
        if len(rows):
            threads, length = ONE_THREAD if len(rows) < FEW else ALL_THREADS, ctypes.c_int64()
            ask = _library(ctypes.CDLL).LGBM_BoosterPredictForMat
            _done(ask(self.booster, ctypes.c_void_p(rows.ctypes.data), FLOAT64, ctypes.c_int32(len(rows)),
                      ctypes.c_int32(self.inputs), ROW_MAJOR, kind, *ALL_ROUNDS, threads, ctypes.byref(length),
                      ctypes.c_void_p(found.ctypes.data)))  # fmt: skip
        return found

    def _count(self, name: str) -> int:
        count = ctypes.c_int()
        _done(getattr(_library(ctypes.PyDLL), name)(self.booster, ctypes.byref(count)))
        return count.value

    def _row_question(self, kind: int) -> ctypes.c_void_p:
        """Return the library's object that answers one kind of question about one row."""
        made = ctypes.c_void_p()
        begin = _library(ctypes.PyDLL).LGBM_BoosterPredictForMatSingleRowFastInit
        _done(begin(self.booster, kind, *ALL_ROUNDS, FLOAT64, ctypes.c_int32(self.inputs), ONE_THREAD,
                    ctypes.byref(made)))  # fmt: skip
        return made


@cache
def _library(kind: type[ctypes.CDLL]) -> Any:
    """Return LightGBM's library, called with Python's lock given away (CDLL) or held (PyDLL)."""
    found = find_spec("lightgbm")
    places = [Path(place) for place in (found.submodule_search_locations or ())] if found else []
    path = next((each for place in places for name in LIBRARIES if (each := place / "lib" / name).is_file()), None)
    if path is None:
        raise ImportError("LightGBM's library is not installed; install apualy with its requirements again")
    library = kind(str(path))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    library.LGBM_BoosterPredictForMatSingleRowFast.argtypes = [ctypes.c_void_p] * 4
    return library


def _done(code: int) -> None:
    if code:
        raise ValueError(_library(ctypes.PyDLL).LGBM_GetLastError().decode("utf-8", "replace"))


def _free(booster: ctypes.c_void_p, questions: tuple[ctypes.c_void_p, ...]) -> None:
    library = _library(ctypes.PyDLL)
    for each in questions:
        library.LGBM_FastConfigFree(each)
    library.LGBM_BoosterFree(booster)
