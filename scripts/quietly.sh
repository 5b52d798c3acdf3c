#!/bin/sh
# quietly.sh COMMAND [ARGUMENT …]: runs it, and shows what it printed only when its exit code is not among
# those in NORMAL ("0" when that is not set). For cron, which mails whatever a command prints.
if [ $# -eq 0 ]; then
    echo "usage: quietly.sh COMMAND [ARGUMENT ...]" >&2
    exit 64
fi
printed=$("$@" 2>&1)
code=$?
case " ${NORMAL:-0} " in
*" $code "*) ;;
*) printf '%s\n(exit code %s)\n' "$printed" "$code" ;;
esac
exit "$code"
