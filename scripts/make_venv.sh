#!/bin/sh
# Make a virtual environment with the first Python that is new enough; usage: make_venv.sh FOLDER
set -eu
folder=$1

new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

choose_python() {
    for name in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    echo "PZ Server needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python3 run" >&2
    exit 1
}

# Debian and Ubuntu ship venv as a package of its own.
install_venv_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    version=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$version" >/dev/null
}

python=$(choose_python)
if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
    rm -rf "$folder"
    if ! install_venv_package "$python" || ! "$python" -m venv "$folder"; then
        rm -rf "$folder"
        echo "$python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv, then try again." >&2
        exit 1
    fi
fi
