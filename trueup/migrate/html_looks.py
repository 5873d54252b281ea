"""The style and the script of the HTML report."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --card: #ffffff; --ink: #1d2129; --soft: #5a6270; --line: #dcdfe4; --accent: #1c5fbf;
  --safe: #2b7cd3; --risky: #d08700; --left: #c43d35; --undecided: #8b93a1;
  --plus: #e3f4e6; --plus-ink: #14532d; --minus: #fdeaea; --minus-ink: #7f1d1d; --code: #eef0f3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --card: #1c2027; --ink: #e4e7ec; --soft: #9aa3b2; --line: #323843; --accent: #7fb2ff;
    --safe: #5aa2ee; --risky: #e5ab3c; --left: #f0776e; --undecided: #8b93a1;
    --plus: #12301d; --plus-ink: #a6e3b8; --minus: #3a1a1c; --minus-ink: #f5b5b1; --code: #272c35;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main, header, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.75rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; }
p, li, h3, a { overflow-wrap: anywhere; }
a { color: var(--accent); }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--code); border-radius: 3px; padding: .05em .3em; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: .6rem .75rem; margin: .4rem 0; overflow-x: auto; }
.soft { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
.card { margin: .75rem 0; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.2; }
.filter {
  position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line);
  padding: .6rem 0; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
}
.filter input, .filter select, .filter button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .3rem .5rem; min-width: 0; max-width: 100%;
}
.filter input { flex: 1 1 12rem; }
.filter select { flex: 0 1 13rem; }
.filter output { color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: .25rem 0 .75rem; }
.legend svg { vertical-align: -1px; margin-right: .4rem; }
.safe { fill: var(--safe); } .risky { fill: var(--risky); } .left { fill: var(--left); }
.undecided { fill: var(--undecided); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); font-size: .85rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.bar { width: 45%; min-width: 8rem; padding-top: .6rem; }
td.name { overflow-wrap: anywhere; min-width: 8rem; }
td.bar svg { display: block; width: 100%; height: 12px; }
ul { margin: .25rem 0; padding-left: 1.2rem; }
ul.places { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem .9rem; }
ul.places code { background: none; padding: 0; }
.point { border-top: 1px solid var(--line); padding: .6rem 0; }
.point:first-of-type { border-top: 0; }
.tag { font: 12px/1.4 ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 .35em; }
details { margin: .3rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .5rem; }
.sides > div { min-width: 0; }
.sides pre.was { background: var(--minus); color: var(--minus-ink); }
.sides pre.now { background: var(--plus); color: var(--plus-ink); }
pre.diff span { display: inline-block; min-width: 100%; }
pre.diff .p { background: var(--plus); color: var(--plus-ink); }
pre.diff .m { background: var(--minus); color: var(--minus-ink); }
pre.diff .h { color: var(--soft); }
.plus { color: var(--plus-ink); } .minus { color: var(--minus-ink); }
footer { color: var(--soft); padding-top: 2.5rem; padding-bottom: 2.5rem; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 40rem) {
  .wide { display: none; }
  .chart tr { display: grid; grid-template-columns: minmax(0, 1fr) repeat(3, 3.6rem); }
  .chart tr { border-bottom: 1px solid var(--line); }
  .chart td, .chart th { border: 0; padding-right: 0; }
  .chart td.name { min-width: 0; }
  .chart td.bar { order: 9; grid-column: 1 / -1; width: auto; min-width: 0; padding: 0 0 .4rem; }
  .chart th.bar { display: none; }
  .filter { position: static; }
  .filter select { flex: 1 1 8rem; }
}
@media print { .filter { display: none; } }
"""
"""Colours follow the reader's system; nothing is fetched."""

SCRIPT = """
"use strict";
(() => {
  const words = document.getElementById("words");
  const step = document.getElementById("step");
  const folder = document.getElementById("folder");
  const count = document.getElementById("count");
  const leaves = [...document.querySelectorAll("[data-leaf]")];
  const groups = [...document.querySelectorAll("[data-group]")].reverse();
  const texts = new Map();
  const text = (leaf) => {
    if (!texts.has(leaf)) {
      const around = leaf.closest("[data-about]");
      texts.set(leaf, (leaf.textContent + " " + (around ? around.dataset.about : "")).toLowerCase());
    }
    return texts.get(leaf);
  };
  const holds = (list, wanted) => wanted === "" || (" " + (list || "") + " ").includes(" " + wanted + " ");
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const leaf of leaves) {
      const fits = holds(leaf.dataset.steps, step.value) && holds(leaf.dataset.folders, folder.value)
        && wanted.every((word) => text(leaf).includes(word));
      leaf.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-leaf]:not([hidden])");
    const all = shown === leaves.length;
    count.textContent = all ? "" : shown + " of " + leaves.length + " entries shown";
  };
  let timer = 0;
  words.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
  step.addEventListener("change", show);
  folder.addEventListener("change", show);
  document.getElementById("filter").addEventListener("reset", () => setTimeout(show));
  document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(open));
    for (const one of document.querySelectorAll("details.change")) one.open = open && !one.hidden;
  });
  document.getElementById("filter").hidden = false;
})();
"""
"""Hides what the filter does not ask for; without it everything is there to read."""
