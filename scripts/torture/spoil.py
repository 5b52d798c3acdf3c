"""The kinds of damage that a file can meet, and the sections of our files of which each is to be met.
Standard library only."""

import os
import shutil
import socket
import struct

BORDER = b"\x00\x00\xff\xff"
GZIP_HEADER, GZIP_TRAILER = 10, 10
SQLITE_HEADER = 100
LEAVES_AND_NODES = {0x0D: "leaf", 0x05: "node", 0x0A: "leaf", 0x02: "node"}


def sections(kind, data):
    """Places in the bytes by what stands there."""
    found = {}
    if kind == "index":
        sort_database(data, found)
    elif kind == "-wal":
        sort_log(data, found)
    elif kind == "-shm":
        found = {"header": list(range(96)), "the rest": list(range(96, len(data)))}
    elif data[:2] == b"\x1f\x8b":
        sort_gzip(data, found, ends=kind != "unfinished file")
    else:
        sort_json(data, found)
    return {name: places for name, places in found.items() if places}


def sort_gzip(data, found, ends):
    end = len(data) - (GZIP_TRAILER if ends else 0)
    found["header"] = list(range(GZIP_HEADER))
    borders, at = set(), data.find(BORDER)
    while 0 <= at < end:
        borders.update(range(at, min(at + 4, end)))
        at = data.find(BORDER, at + 4)
    found["flush border"] = sorted(borders)
    found["block"] = [place for place in range(GZIP_HEADER, end) if place not in borders]
    if ends:
        found["last block"], found["CRC"] = list(range(end, end + 2)), list(range(end + 2, end + 6))
        found["length"] = list(range(end + 6, end + 10))


def sort_json(data, found):
    """Keys are strings before a colon."""
    text, place = data.decode("latin-1"), 0
    while place < len(text):
        start, sign = place, text[place]
        if sign == '"':
            place = text.find('"', place + 1)
            place = len(text) - 1 if place < 0 else place
            name = "key" if text[place + 1 :].lstrip()[:1] == ":" else "string"
        elif sign in "{}[]:,":
            name = "structure"
        elif sign.isspace():
            name = "white space"
        else:
            name = "number or word"
        place += 1
        found.setdefault(name, []).extend(range(start, place))


def sort_database(data, found):
    size = struct.unpack(">H", data[16:18])[0] or 65536
    found["file header"] = list(range(SQLITE_HEADER))
    for page in range(0, len(data), size):
        start = page + (SQLITE_HEADER if page == 0 else 0)
        name = LEAVES_AND_NODES.get(data[start])
        if name is None:
            found.setdefault("other page", []).extend(range(page, page + size))
            continue
        head = 12 if name == "node" else 8
        cells, content = struct.unpack(">HH", data[start + 3 : start + 7])
        room = start + head + 2 * cells
        found.setdefault(f"{name} header", []).extend(range(start, start + head))
        found.setdefault("cell pointers", []).extend(range(start + head, room))
        found.setdefault("free room", []).extend(range(room, page + (content or 65536)))
        found.setdefault("cells", []).extend(range(page + (content or 65536), page + size))


def sort_log(data, found):
    size = struct.unpack(">I", data[8:12])[0]
    found["log header"] = list(range(32))
    for frame in range(32, len(data), 24 + size):
        found.setdefault("frame header", []).extend(range(frame, min(frame + 24, len(data))))
        found.setdefault("frame", []).extend(range(frame + 24, min(frame + 24 + size, len(data))))


# What is done to a file. Each takes its path, the dice, and the path of another file of its kind.


def flip(place):
    def act(path, dice, other):
        with open(path, "r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ dice.randint(1, 255)]))
    return act


def cut(path, dice, other):
    os.truncate(path, dice.randrange(1, max(2, os.path.getsize(path))))


def cut_end(path, dice, other):
    os.truncate(path, max(0, os.path.getsize(path) - dice.choice([1, 4, 8, 10])))


def empty(path, dice, other):
    os.truncate(path, 0)


def missing(path, dice, other):
    os.remove(path)


def replaced(path, dice, other):
    shutil.copyfile(other, path)


def twice(path, dice, other):
    with open(path, "r+b") as file:
        data = file.read()
        file.write(data)


def longer(path, dice, other):
    with open(path, "ab") as file:
        file.write(bytes([dice.randrange(256)]))


def folder(path, dice, other):
    os.remove(path)
    os.mkdir(path)


def full_folder(path, dice, other):
    folder(path, dice, other)
    with open(f"{path}/something", "w") as file:
        file.write("of somebody")


def link_to_nowhere(path, dice, other):
    os.remove(path)
    os.symlink("nowhere/at-all", path)


def link_to_itself(path, dice, other):
    os.remove(path)
    os.symlink(os.path.basename(path), path)


def pipe(path, dice, other):
    os.remove(path)
    os.mkfifo(path)


def a_socket(path, dice, other):
    os.remove(path)
    # The name of a socket may not be long.
    here = os.getcwd()
    os.chdir(os.path.dirname(path))
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"./{os.path.basename(path)[-90:]}")
        os.rename(os.path.basename(path)[-90:], os.path.basename(path))
    finally:
        os.chdir(here)


def unreadable(path, dice, other):
    os.chmod(path, 0)


def stray(path, dice, other):
    """A copy under a name beside it."""
    shutil.copyfile(path, stray_path(path))


def stray_path(path):
    name = os.path.basename(path)
    return f"{os.path.dirname(path)}/stray-{name}"


WHOLE = {
    "cut anywhere": cut, "cut at its end": cut_end, "empty": empty, "missing": missing, "another's content": replaced,
    "content twice": twice, "a byte more": longer, "a folder": folder, "a folder with files": full_folder,
    "a link to nowhere": link_to_nowhere, "a link to itself": link_to_itself, "a pipe": pipe, "a socket": a_socket,
    "not readable": unreadable, "a stray copy": stray,
}
