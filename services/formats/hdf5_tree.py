"""What an HDF5 file holds, walked without ever leaving it: hard links only, no external bytes, no unpickling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import h5py
import numpy as np

MAX_NODES = 5_000
MAX_DEPTH = 12
MAX_CHUNK_BYTES = 512 * 2**20
MAX_EXPANSION = 2_000
"""Bytes a dataset may declare per stored byte; gzip reaches 1032, fill values reach infinity."""

SMALL_BYTES = 64 * 2**20
TREE_LINES = 12


@dataclass(slots=True)
class Node:
    """A group: its datasets and subgroups by name, and what was left alone in it."""

    path: str
    datasets: dict[str, h5py.Dataset] = field(default_factory=dict)
    groups: dict[str, Node] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This group and all below it, outermost first."""
        yield self
        for group in self.groups.values():
            yield from group.walk()


def read_tree(file: h5py.File) -> Node:
    """The groups and datasets of a file."""
    seen: set[int] = set()
    return _read_group(file, "", seen, 0)


def _read_group(group: h5py.Group, path: str, seen: set[int], depth: int) -> Node:
    node = Node(path)
    for name in group:
        if len(seen) >= MAX_NODES:
            break
        full = f"{path}/{name}" if path else name
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            node.foreign.append(f"{full} (a link)")
            continue
        _take(node, group[name], name, full, seen, depth)
    return node


def _take(node: Node, item: object, name: str, full: str, seen: set[int], depth: int) -> None:
    if not isinstance(item, (h5py.Group, h5py.Dataset)):
        return
    address = h5py.h5o.get_info(item.id).addr
    if address in seen:
        return
    seen.add(address)
    if isinstance(item, h5py.Dataset):
        reason = refusal(item)
        if reason:
            node.foreign.append(f"{full} ({reason})")
        else:
            node.datasets[name] = item
    elif depth < MAX_DEPTH:
        node.groups[name] = _read_group(item, full, seen, depth + 1)


def refusal(dataset: h5py.Dataset) -> str | None:
    """Why a dataset must not be read; None when it may."""
    properties = dataset.id.get_create_plist()
    if properties.get_external_count() or dataset.is_virtual:
        return "its bytes lie in other files"
    if holds_objects(dataset):
        return "pickled Python objects"
    declared = dataset.size * dataset.dtype.itemsize if dataset.size else 0
    if declared > SMALL_BYTES and declared > MAX_EXPANSION * max(1, dataset.id.get_storage_size()):
        return "far more values declared than stored"
    chunk_bytes = int(np.prod(dataset.chunks, dtype=float)) * dataset.dtype.itemsize if dataset.chunks else 0
    return "chunks too large to unpack" if chunk_bytes > MAX_CHUNK_BYTES else None


def holds_objects(dataset: h5py.Dataset) -> bool:
    """Whether the values would be Python objects: pickles, references, lists of varying length."""
    return dataset.dtype.kind == "O" and h5py.check_string_dtype(dataset.dtype) is None


def sketch(root: Node) -> str:
    """The inside of a file in a few words, for messages."""
    lines: list[str] = []
    for node in root.walk():
        for name, dataset in node.datasets.items():
            shape = " x ".join(map(str, dataset.shape)) if dataset.shape else "1 value"
            kind = "records" if dataset.dtype.names else str(dataset.dtype)
            lines.append(f"{node.path}/{name} ({shape}, {kind})".lstrip("/"))
        lines += node.foreign
    shown = "; ".join(lines[:TREE_LINES])
    return f"{shown}; and {len(lines) - TREE_LINES} more" if len(lines) > TREE_LINES else shown or "nothing"
