"""One git commit for each step of a migration, of what that step wrote and nothing else."""

from __future__ import annotations

import os
import shlex
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

from trueup import __version__
from trueup.model import Finding, Rule, Safety
from trueup.report.screen import escape
from trueup.report.text import plural

from .git import CommitFailed, ask, tell
from .guard import Refused
from .run import StepDone

_WIDTH = 72
"""Columns of a commit's text, as git's own tools show it."""
_FILES = 100
"""So many files are named in a commit's text; git shows them all anyway."""
_LINES = 20
"""So many of the last lines are shown of what a hook said."""

_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
"""What lies in git's folder while something is going on that a commit would end or disturb."""


def ensure_can_commit(paths: Iterable[str]) -> None:
    """Return if commits can be made in the repositories of some files and folders; raise Refused if not."""
    for top in dict.fromkeys(_top(path if os.path.isdir(path) else os.path.dirname(path) or ".") for path in paths):
        where = escape(top)
        for name, what in _UNFINISHED.items():
            there = ask(top, "rev-parse", "--git-path", name).stdout.decode("utf-8", "surrogateescape").strip("\n")
            if there and os.path.exists(os.path.join(top, there)):
                raise Refused(f"{what} is going on in {where}: finish or abort it first")
        who = ask(top, "var", "GIT_COMMITTER_IDENT")
        if who.returncode != 0:
            raise Refused(
                f"git does not know who commits in {where}: "
                "`git config user.name ...` and `git config user.email ...` tell it"
            )


def commit(files: Mapping[str, str], message: Callable[[Sequence[str]], str]) -> list[str]:
    """Commit some files as they are on disk, one commit a repository; the first lines of what was committed.

    What else is staged or changed stays as it is. Hooks run, and may change the files: where one refuses because it has
    done so, as formatters do, the same files are committed once more.

    Args:
        files: absolute path -> path as it is shown.
        message: the commit's text, for the shown paths of one repository.

    Raises:
        CommitFailed: git said no; the files stay on disk as they are.
    """
    by_top: dict[str, dict[str, str]] = {}
    for path, shown in files.items():
        real = os.path.realpath(path)  # of a link, what it leads to was written
        by_top.setdefault(_top(os.path.dirname(real)), {})[real] = shown
    made = []
    for top, mine in by_top.items():
        paths = sorted(mine)
        if ask(top, "--literal-pathspecs", "diff", "--quiet", "HEAD", "--", *paths).returncode == 0:
            continue
        text = message([mine[path] for path in paths])
        before = _contents(paths)
        done = _commit(top, paths, text)
        if done is not None and _contents(paths) != before:
            done = _commit(top, paths, text)
        if done is not None:
            raise CommitFailed(_refusal(top, text, done))
        # A hook may have staged what it changed, and the index would not know that it is committed.
        tell(top, "--literal-pathspecs", "reset", "--quiet", "--", *paths)
        made.append(text.partition("\n")[0])
    return made


def _commit(top: str, paths: Sequence[str], text: str) -> str | None:
    """Commit; None if that went well, else what was said."""
    names = b"".join(os.fsencode(path) + b"\0" for path in paths)
    done = tell(
        top,
        "--literal-pathspecs",
        "commit",
        "--quiet",
        "--only",
        "--cleanup=whitespace",
        f"--message={text}",
        "--pathspec-from-file=-",
        "--pathspec-file-nul",
        stdin=names,
    )
    return None if done.returncode == 0 else done.stdout.decode("utf-8", "replace")


def _refusal(top: str, text: str, said: str) -> str:
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    shown = ["..."] * (len(lines) > _LINES) + lines[-_LINES:]
    subject = text.partition("\n")[0]
    where = shlex.quote(top)
    what = f"git would not commit `{subject}`, so the migration stopped there; what git and its hooks said:"
    cure = (
        "what that step wrote stands in the work tree, not committed: see to what was said, then "
        f"`git -C {where} commit -a` it or `git -C {where} restore .` it, and run the same command again to go on"
    )
    return "\n".join([what, *(f"  {line}" for line in shown), cure])


def _contents(paths: Sequence[str]) -> list[bytes]:
    result = []
    for path in paths:
        try:
            with open(path, "rb") as file:
                result.append(file.read())
        except OSError:
            result.append(b"")
    return result


def _top(folder: str) -> str:
    done = ask(folder, "rev-parse", "--show-toplevel")
    if done.returncode != 0:
        raise CommitFailed(f"{escape(folder)} is not in a git work tree")
    return os.fsdecode(done.stdout.removesuffix(b"\n"))


# Texts ---------------------------------------------------------------------------------------------------------------


def step_message(done: StepDone, rules: Mapping[str, Rule], paths: Sequence[str]) -> str:
    """The text of a step's commit: what it did to which files, why, how far that can be trusted, where to read more."""
    here = set(paths)
    fixed = [finding for finding in done.fixed if finding.path in here]
    topics = dict.fromkeys(code[:-2] for code in sorted({finding.code for finding in fixed}))
    edits, step = plural(len(fixed), "edit"), done.step
    subject = f"trueup({','.join(topics) or step.name}): {step.subject or step.name}"
    parts = [f"{subject} [{plural(len(paths), 'file')}, {edits}]", _wrapped(f"{_begun(step.title)}.")]
    by_rule: dict[str, list[Finding]] = {}
    for finding in sorted(fixed, key=lambda one: one.code):
        by_rule.setdefault(finding.code, []).append(finding)
    parts += [_about(rules.get(code), found) for code, found in by_rule.items()]
    return _whole(parts, paths)


def _about(rule: Rule | None, found: Sequence[Finding]) -> str:
    files = plural(len({finding.path for finding in found}), "file")
    lines = [f"{found[0].code} {found[0].name}: {len(found)} in {files}"]
    if rule is not None:
        lines.append(_wrapped(rule.summary, "  "))
    unsafe: dict[str, int] = {}
    for finding in found:
        if finding.safety is Safety.UNSAFE:
            unsafe[finding.why or "see the rule's page"] = unsafe.get(finding.why or "see the rule's page", 0) + 1
    kept = len(found) - sum(unsafe.values())
    lines += [f"  {kept if unsafe else 'All'} keep behaviour."] * bool(kept)
    lines += [_wrapped(f"{count} may change it: {escape(why.rstrip('.'))}.", "  ") for why, count in unsafe.items()]
    if rule is not None and rule.url:
        lines.append(f"  {rule.url}")
    return "\n".join(lines)


def bounds_message(changes: Sequence[str], paths: Sequence[str]) -> str:
    """The text of the commit that raises bounds; `changes` are told one to a line."""
    title = f"trueup: what the code depends on now [{plural(len(paths), 'file')}, {plural(len(changes), 'edit')}]"
    listed = "\n".join(f"  {escape(change)}" for change in changes)
    return _whole([title, listed, "Lock files are not touched: lock again."], paths)


def markers_message(changed: int, paths: Sequence[str]) -> str:
    """The text of the commit that writes and takes out markers."""
    title = f"trueup: TODO comments where a person must act [{plural(len(paths), 'file')}, {plural(changed, 'edit')}]"
    return _whole([title, "Comments only; those whose place is in order are taken out."], paths)


def _whole(parts: Iterable[str], paths: Sequence[str]) -> str:
    names = [f"  {escape(path)}" for path in paths[:_FILES]]
    if len(paths) > _FILES:
        names.append(f"  and {len(paths) - _FILES} more")
    made = f"Made by trueup {__version__}: `trueup migrate-v2 --commit`"
    return "\n\n".join([*parts, "\n".join(["Files:", *names]), made]) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
