"""Follows the program's own advice until an account is as an undisturbed one would be. Standard library only."""

import os
import re
import shutil
import time
import zlib

import lake
from nights import SWEEP_SECONDS

MOST_STEPS = 10
# A sentence that names a path and says that it has to go.
IN_THE_WAY = [re.compile(r"cannot [a-z ]+?(/\S+): .*move it away"), re.compile(r"(/\S+) cannot be read.*remove it")]
COMMANDS = [("verify --refetch", ["verify", "--refetch"]), ("pipesnap rebuild", ["rebuild"]), ("run again", ["run"]),
            ("pipesnap run", ["run"]), ("the next run", ["run"]), ("pipesnap verify", ["verify"])]


def remove(folder):
    """Also what nobody may read."""
    for place, _, names in os.walk(folder):
        for name in names:
            if not os.path.islink(f"{place}/{name}"):
                os.chmod(f"{place}/{name}", 0o600)
    shutil.rmtree(folder)


class Undisturbed:
    """What a lake comes to when nothing is damaged."""

    def __init__(self, nights, name):
        self.nights, self.lake = nights, f"{nights.folder}/{name}"
        place = nights.copy(name, f"{name}-undisturbed")
        nights.settle(place)
        nights.must(place, "verify")
        views = dict(lake.State.VIEWS, coverage="SELECT DISTINCT stream, since FROM coverage")
        self.views, self.state = views, lake.State(f"{place}/out", views)
        self.kept = present(self.state)
        # Of an unfinished file that is damaged, or that the index has forgotten, no more than the newest comes back.
        self.unfinished = [line for path in staged(f"{nights.folder}/{name}/out") for line in unpacked(path)]

    def heal(self, place, path, code, text):
        """What was done, and what is still wrong."""
        steps, fault = [], "nothing was done"
        for _ in range(MOST_STEPS):
            if code == 0:
                steps.append("run")
                code, text = self.nights.call(place, "run")
                if code != 0:
                    continue
                code, text = self.nights.call(place, "verify")
                if code == 0:
                    fault = self.difference(place, path)
                    if not fault:
                        return steps, None
                    # What a sweep has still to find waits until the next one is due.
                    time.sleep(SWEEP_SECONDS)
                continue
            step = self.follow(place, path, text)
            if step is None:
                return steps, f"code {code} without advice: {text}"
            steps.append(step[0])
            code, text = step[1:]
        return steps, f"it does not end: {fault}, {code}, {text}"

    def follow(self, place, path, text):
        sentence = text[text.rfind("pipesnap: ") :]
        for pattern in IN_THE_WAY:
            found = pattern.search(sentence)
            if found and os.path.lexists(found[1]):
                os.makedirs(f"{place}/away", exist_ok=True)
                os.rename(found[1], f"{place}/away/{len(os.listdir(f'{place}/away'))}")
                return f"moved {os.path.basename(found[1])} away", 0, ""
        if "owner and rights" in sentence and os.path.lexists(path):
            os.chmod(path, 0o640)
            return "gave the rights back", 0, ""
        for words, command in COMMANDS:
            if words in sentence:
                return " ".join(command), *self.nights.call(place, *command)
        return None

    def difference(self, place, path):
        found = lake.State(f"{place}/out", self.views)
        if found.faults:
            return "; ".join(found.faults)
        if found.lines - self.state.lines:
            return f"{(found.lines - self.state.lines).total()} lines twice or of other bytes"
        allowed = set(self.unfinished) | set(self.spoiled(path, place))
        # That a record was gone for a while, or came and went, nobody can tell once its lines are lost.
        touched = {lake.key(line) for line in allowed}
        lost = [line for line in self.state.lines - found.lines
                if line not in allowed and (line[1] == b"upsert" or lake.key(line) not in touched)]
        if lost:
            return f"{len(lost)} lines lost, such as {lost[0]}"
        kept = present(found)
        if kept != self.kept:
            missing = set(self.kept.items()) ^ set(kept.items())
            return f"{len(missing)} records stand otherwise, such as {next(iter(missing))}"
        if found.views["coverage"] != self.state.views["coverage"]:
            return f"the coverage differs: {found.views['coverage']}"
        if len(found.views["versions"]) != found.lines.total() or len(found.views["records"]) != len(found.newest()):
            return "the views do not show the lines"
        return None

    def spoiled(self, path, place):
        """The lines that lay in the damaged file: the API shows no old version again."""
        whole = path.replace(place, self.lake, 1)
        return unpacked(whole) if whole.endswith(".gz") else []


def present(state):
    """The records that stand, without those that are gone."""
    return {key: line for key, line in state.newest().items() if line[1] == b"upsert"}


def staged(out):
    folder = f"{out}/staging/torture"
    return [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".gz")]


def unpacked(path):
    """The lines of a file, also of one that has no end."""
    name = os.path.basename(path)
    stream = path.split("stream=")[1].split("/")[0] if "stream=" in path else name.rsplit("-", 2)[0]
    with open(path, "rb") as file:
        text = zlib.decompressobj(31).decompress(file.read())
    for line in text.split(b"\n"):
        own = lake.OWN_FIELDS.match(line)
        if own:
            yield stream, own[1], line[own.end() :] + b"\n"
