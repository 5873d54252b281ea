#!/bin/sh
# Finds a Python and makes a virtual environment with trueup in it; plain sh, because it runs before there is any.
#
#   python_env.sh find [VERSION]                  prints the path of a Python (3.11 or newer, or exactly VERSION); 1: none
#   python_env.sh make FOLDER GROUP [VERSION]     FOLDER gets trueup (editable) and the dependency group GROUP
set -eu

# Tried by running, not by name: a pyenv shim exists for every version and works for some.
usable() {
    "$1" -c "import sys, venv, ensurepip
wanted, found = '$2', '%d.%d' % sys.version_info[:2]
sys.exit(found != wanted if wanted else sys.version_info < (3, 11))" >/dev/null 2>&1
}

find_python() {
    for candidate in ${1:+"python$1"} python3 python3.13 python3.12 python3.11 python3.14 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 /usr/bin/python3.1[1-9] /usr/local/bin/python3.1[1-9] \
        /opt/homebrew/bin/python3.1[1-9]; do
        if command -v "$candidate" >/dev/null 2>&1 && usable "$candidate" "${1:-}"; then
            "$candidate" -c "import sys; print(sys.executable)"
            return 0
        fi
    done
    return 1
}

make_env() {
    folder=$1 group=$2 version=${3:-}
    if ! usable "$folder/bin/python" "$version"; then
        if ! python=$(find_python "$version"); then
            echo "trueup: no Python ${version:-3.11 or newer} with venv was found (tried python3, python3.11 to python3.14, pyenv)." >&2
            echo "trueup: install one (on Debian and Ubuntu: apt install python3.11 python3.11-venv) and run make again." >&2
            return 1
        fi
        echo "making $folder with $python"
        rm -rf "$folder"
        "$python" -m venv "$folder"
    fi
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python "$folder/bin/python" --group "$group" --editable ".[pylint]"
    else
        # The pip that comes with Python 3.11 does not know dependency groups.
        "$folder/bin/python" -m pip install -qq --disable-pip-version-check --upgrade "pip>=25.1"
        "$folder/bin/python" -m pip install -qq --disable-pip-version-check --group "$group" --editable ".[pylint]"
    fi
    touch "$folder/.stamp"
}

case "${1:-}" in
find) find_python "${2:-}" ;;
make) make_env "$2" "$3" "${4:-}" ;;
*) echo "usage: python_env.sh find [VERSION] | make FOLDER GROUP [VERSION]" >&2 && exit 2 ;;
esac
