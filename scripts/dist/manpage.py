#!/usr/bin/env python3
"""Writes the manual page from what the program says of itself: `manpage.py PROGRAM > pipesnap.1`. So it has every
command and option by construction."""

import json
import subprocess
import sys


def escaped(text):
    """For a line of roff: nothing in it is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def names(argument):
    value = f" \\fI{escaped(argument['valueName'])}\\fR" if argument["kind"] == "option" else ""
    if argument["kind"] == "positional":
        return f"\\fI{escaped(argument['valueName'])}\\fR"
    order = sorted(argument["names"], key=lambda name: name["kind"] == "long")
    dashes = [("--" if name["kind"] == "long" else "-") + name["name"] for name in order]
    return ", ".join(f"\\fB{escaped(name)}\\fR" for name in dashes) + value


def arguments(command):
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True):
            continue
        yield ".TP"
        yield names(argument)
        words = " ".join(argument.get("abstract", "").split())
        if "defaultValue" in argument:
            words += f" (default: {argument['defaultValue']})"
        yield escaped(words) or "\\&"


def discussion(command, heading):
    """Titles in capitals become headings, what is set in stands as it is."""
    is_set_in = False
    for line in command.get("discussion", "").splitlines():
        if line.strip() and line == line.upper() and line.endswith(":") and not line.startswith(" "):
            if is_set_in:
                yield ".fi"
                is_set_in = False
            yield f".{heading} {escaped(line.rstrip(':'))}"
            continue
        if not is_set_in:
            yield ".nf"
            is_set_in = True
        yield escaped(line)
    if is_set_in:
        yield ".fi"


def usage(command):
    needed = [names(one) for one in command.get("arguments", []) if one["kind"] == "positional"]
    return " ".join([f"\\fB{command['commandName']}\\fR", *needed, "[\\fIOPTION\\fR ...]"])


def page(root, version, day):
    yield f'.TH PIPESNAP 1 "{day}" "pipesnap {version}" "User commands"'
    yield ".SH NAME"
    yield f"pipesnap \\- {escaped(root['abstract'][0].lower() + root['abstract'][1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield "\\fBpipesnap\\fR \\fICOMMAND\\fR [\\fIJOB\\fR] [\\fIOPTION\\fR ...]"
    yield ".SH DESCRIPTION"
    yield ("It is run by cron, may be killed at any instant, and is simply run again: it goes on where it was. Each "
           "command takes a job file, a page of YAML; examples and the whole manual lie in "
           "\\fI/usr/local/share/pipesnap\\fR and \\fI/usr/local/share/doc/pipesnap\\fR when it was installed there.")
    yield ".SH COMMANDS"
    for command in root["subcommands"]:
        if not command.get("shouldDisplay", True) or command["commandName"] == "help":
            continue
        yield f".SS {usage(command)}"
        yield escaped(command.get("abstract", ""))
        yield from arguments(command)
    yield ".SH OPTIONS"
    yield from arguments(root)
    yield from discussion(root, "SH")
    yield ".SH ENVIRONMENT"
    yield ("A job file may take any value from the environment: \\fB${NAME}\\fR or \\fB${NAME:\\-default}\\fR; the "
           "token best comes from a file.")


def main():
    program, day = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    said = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    print("\n".join(page(json.loads(said)["command"], version, day)))


if __name__ == "__main__":
    main()
