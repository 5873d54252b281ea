#!/usr/bin/env bash
# What the GitHub action runs: trueup in the version the project asks for, with its findings as annotations.
set -uo pipefail
# No word of an input is a pattern or a command.
set -f

spec="trueup"
version="${INPUT_VERSION:-}"
if [ -z "$version" ] && [ -f uv.lock ]; then
  version=$(awk '/^name = "trueup"$/ { found = 1; next } found && /^version = / { gsub(/version = |"/, ""); print; exit }' uv.lock)
fi
if [ -z "$version" ] && [ -f pyproject.toml ]; then
  version=$(sed -nE 's/.*["'"'"']trueup[[:space:]]*([=<>!~][^"'"'"';]*)["'"'"';].*/\1/p' pyproject.toml | head -n 1)
fi
case "$version" in
  "") ;;
  [0-9]*) spec="trueup==$version" ;;
  [=\<\>!~]*) spec="trueup$version" ;;
  *)
    echo "::error title=trueup::version is neither a version nor a specifier"
    exit 2
    ;;
esac

read -r -a args <<<"${INPUT_ARGS:-check}"
read -r -a src <<<"${INPUT_SRC:-.}"
summary=""
if [ "${args[0]:-}" = "check" ]; then
  args+=("-o" "github:-")
  if [ -n "${INPUT_SARIF:-}" ]; then args+=("-o" "sarif:$INPUT_SARIF"); fi
  if [ "${INPUT_SUMMARY:-true}" = "true" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    summary="${RUNNER_TEMP:-/tmp}/trueup-summary.md"
    args+=("-o" "markdown:$summary")
  fi
fi
uvx --from "$spec" trueup "${args[@]}" -- "${src[@]}"
code=$?
if [ -n "$summary" ] && [ -f "$summary" ]; then cat "$summary" >>"$GITHUB_STEP_SUMMARY"; fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >>"$GITHUB_OUTPUT"; fi
exit "$code"
