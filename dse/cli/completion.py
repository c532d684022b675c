"""`dse completion SHELL`: what a shell asks to complete the words of `dse`.

The shell hands the line up to the cursor in `_DSE_COMPLETE` to `dse`, which prints what may stand
in the place of the last word, a candidate a line.
"""

from __future__ import annotations

import re
import shlex
from enum import StrEnum
from typing import Annotated

import typer

COMPLETION_VARIABLE = "_DSE_COMPLETE"
_PLAIN = re.compile(r"[\w.,:=+@%/\[-]+")
"""What no shell takes for more than a word."""

_BASH = r"""_dse() {
    local line="${COMP_LINE:0:COMP_POINT}" IFS=$'\n'
    local word="${line##*[[:space:]]}" cut=""
    # What stands before the last = or : is a word of its own to bash.
    if [[ "$COMP_WORDBREAKS" == *=* && "$word" == *[=:]* ]]; then
        cut="${word%"${word##*[=:]}"}"
    fi
    local found=($(_DSE_COMPLETE="$line" dse 2>/dev/null))
    COMPREPLY=("${found[@]#"$cut"}")
    if [[ ${#found[@]} -eq 1 && "${found[0]}" == *[=.] ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _dse dse
"""
_ZSH = r"""#compdef dse
_dse() {
    local -a found open
    found=("${(@f)$(_DSE_COMPLETE="${(j: :)words[1,CURRENT]}" dse 2>/dev/null)}")
    found=(${found:#})
    if (( ! ${#found} )); then
        _files
        return
    fi
    open=(${(M)found:#*[=.]})
    found=(${found:#*[=.]})
    (( ${#open} )) && compadd -Q -S '' -a open
    (( ${#found} )) && compadd -Q -a found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _dse dse
"""
_FISH = r"""function __dse_complete
    env _DSE_COMPLETE=(commandline -cp | string collect) dse 2>/dev/null
end
complete -c dse -f -a '(__dse_complete)'
"""


class Shell(StrEnum):
    """A shell that completes words."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


_SCRIPTS = {Shell.bash: _BASH, Shell.zsh: _ZSH, Shell.fish: _FISH}


def completion(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.")],
) -> None:
    """Print what makes a shell complete commands, options, overrides and columns.

    bash, in ~/.bashrc: eval "$(dse completion bash)"

    zsh, in ~/.zshrc: eval "$(dse completion zsh)"

    fish: dse completion fish > ~/.config/fish/completions/dse.fish
    """
    print(_SCRIPTS[shell], end="")


def print_completions(app: typer.Typer, line: str) -> None:
    """Print what may stand in the place of the last word of a line that begins with `dse`."""
    from dse.cli.completing import completed

    words = _words(line)
    for candidate in completed(app, words[1:-1], words[-1]):
        # Names of somebody else's files and stores become words of a command line.
        if _PLAIN.fullmatch(candidate):
            print(candidate)


def _words(line: str) -> list[str]:
    """Return the words of a line that may end within a quote; the last is what is completed."""
    for ending in ("", "'", '"'):
        try:
            words = shlex.split(line + ending)
        except ValueError:
            continue
        return [*words, ""] if not ending and line[-1:].isspace() else words or [""]
    return line.split(" ")
