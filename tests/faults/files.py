"""Files to send: their sizes by a seed, their bytes so that a part lost, doubled or moved is noticed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

KIB = 1024
MIB = 1024 * KIB
# More than the engine sends in one PUT.
LARGE = 104 * MIB + 12_345
_BLOCK = random.Random(0).randbytes(MIB)


def few_sizes(*, large: int = 1) -> list[int]:
    """For one kind of fault: the borders, small ones, some that take a while, and `large` ones in parts."""
    return [0, 1, 100 * KIB, *[7 * KIB + number for number in range(12)], *[MIB] * 5, 9 * MIB, *[LARGE] * large]


def many_sizes(seed: int, count: int) -> list[int]:
    """As people have them: most are small, a few are very large, some are empty."""
    chance = random.Random(seed)
    sizes = [0, 0, 1, *[LARGE + chance.randrange(20 * MIB) for _ in range(max(1, count // 160))]]
    spans = ((60, 1, 100 * KIB), (31, 100 * KIB, 2 * MIB), (8, 2 * MIB, 16 * MIB), (1, 16 * MIB, 40 * MIB))
    while len(sizes) < count:
        _, least, most = chance.choices(spans, weights=[weight for weight, *_ in spans])[0]
        sizes.append(chance.randrange(least, most))
    chance.shuffle(sizes)
    return sizes


def write_files(folder: Path, sizes: Iterable[int]) -> dict[str, Path]:
    """Files by their names, which tell them apart."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"f{number:04}.bin" for number, _ in enumerate(sizes)]
    for path, size in zip(paths, sizes, strict=True):
        _write(path, size)
    return {path.name: path for path in paths}


def _write(path: Path, size: int) -> None:
    """Every block begins with a mark of its own."""
    with path.open("wb") as target:
        for position in range(0, size, MIB):
            mark = hashlib.sha256(f"{path.name} {position}".encode()).digest()
            target.write((mark + _BLOCK)[: min(MIB, size - position)])


def are_equal(source: Path, stored: Path) -> bool:
    """Byte for byte; `stored` may be a folder, whose files follow each other in the order of their names."""
    pieces = sorted(stored.iterdir()) if stored.is_dir() else [stored]
    if source.stat().st_size != sum(piece.stat().st_size for piece in pieces):
        return False
    with source.open("rb") as file:
        return all(_comes_next(piece, file) for piece in pieces)


def _comes_next(piece: Path, source: BinaryIO) -> bool:
    with piece.open("rb") as file:
        while block := file.read(MIB):
            if block != source.read(len(block)):
                return False
    return True
