"""The files by which a job is let in: the job file, the token, what a login left. The cure is the user's: the file as
it was, or a new login. Standard library only."""

import os
import time

import healing
import spoil

# What is left out would be another job, or another's token, and nobody could know.
HARMLESS_TO_KNOW = {"another's content", "content twice", "a byte more", "a stray copy"}
SHORT_SAMPLE = 2


class Access:
    """A lake whose job is let in by one file, which is damaged in a copy of it."""

    def __init__(self, nights, kind, name, code, access=None):
        self.nights, self.kind, self.name, self.code = nights, kind, name, code
        self.place = nights.copy("nights", kind.replace(" ", "-"))
        nights.write_job(self.place, access)
        self.is_login = name == "refresh"
        if name == "token":
            write_private(f"{self.place}/token", nights.simulator.token.encode())
        elif self.is_login:
            nights.log_in(self.place)
        nights.must(self.place, "run")
        with open(f"{self.place}/{name}", "rb") as file:
            self.whole = file.read()

    def ways(self, dice, how):
        ways = [way for way in spoil.WHOLE.items() if way[0] not in HARMLESS_TO_KNOW]
        if self.kind != "job file":
            ways += [(f"a byte of {section}", spoil.flip(dice.choice(places)))
                     for section, places in spoil.sections(self.kind, self.whole).items()]
        return ways if how == "full" else dice.sample(ways, SHORT_SAMPLE)

    def judge(self, act, dice):
        place = self.nights.copy(os.path.basename(self.place), "case-access")
        try:
            path = f"{place}/{self.name}"
            act(path, dice, path)
            before = tree(f"{place}/out")
            code, text = self.nights.call(place, "run")
            is_found = code == self.code and self.name in text.replace("refresh token", self.name)
            # White space around a token does not matter, nor when a login was.
            is_harmless = code == 0 and (self.is_login or self.read(path).strip() == self.whole.strip())
            wrong = None if is_found or is_harmless else f"run ended with {code}: {text}"
            if self.kind == "job file" and is_found and tree(f"{place}/out") != before:
                wrong = "something was touched"
            return is_found, is_harmless, wrong, self.heal(place, path, text)
        finally:
            healing.remove(place)

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            return file.read()

    def heal(self, place, path, text):
        """As the advice says; where it says that something is in the way, or not to be read, that goes first."""
        if self.is_login:
            code, text = self.nights.log_in(place)
            if code != 0 and "move it away" in text:
                os.rename(path, f"{place}/away")
                code, text = self.nights.log_in(place)
            if code != 0:
                return f"login ended with {code}: {text}"
        else:
            if os.path.lexists(path):
                os.rename(path, f"{place}/away")
            write_private(path, self.whole)
        code, text = self.nights.call(place, "run")
        return None if code == 0 else f"run ended with {code}: {text}"


def write_private(path, data):
    with open(path, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(data)


def tree(out):
    return sorted((place, name, os.lstat(f"{place}/{name}").st_mtime_ns, os.lstat(f"{place}/{name}").st_size)
                  for place, _, names in os.walk(out) for name in names)


def judge(nights, damage, dice, how):
    kinds = [Access(nights, "job file", "job.yaml", 78),
             Access(nights, "token file", "token", 77, "token: {file: token}"),
             Access(nights, "refresh token", "refresh", 77, nights.oauth())]
    # Within the second of the last run nothing is new, and a run that asks for nothing needs nobody to let it in.
    time.sleep(1.1)
    for kind in kinds:
        for name, act in kind.ways(dice, how):
            damage.note(damage.case(kind.kind, "nights", kind.name, name), *kind.judge(act, dice))
