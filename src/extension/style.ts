/** Of every page: light and dark by the reader's own setting; nothing is loaded. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c2430; --quiet: #566270; --ground: #fff; --card: #f5f7fa; --line: #d5dbe3;
  --link: #0b57b0; --good: #1a7f4b; --wait: #8f5a00; --bad: #b3261e; --open: #e0a030; --none: #dfe5ec;
  --covered: #2f9560; --node: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --quiet: #9caab9; --ground: #12161c; --card: #1b212a;
  --line: #323c49; --link: #7fb5ff; --good: #4cc38a; --wait: #e5b454; --bad: #ff8a80; --open: #d9982c; --none: #2a323d;
  --covered: #2c7a53; --node: #222a35 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 68rem; padding: 1.25rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
a { color: var(--link) } a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem } h3 { font-size: 1rem; margin: 0 }
p { margin: .2rem 0 } .quiet { color: var(--quiet) } code { font-size: .9em }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: .75rem 0 }
.state { font-weight: 600 } .good { color: var(--good) } .wait { color: var(--wait) } .bad { color: var(--bad) }
ul { margin: .3rem 0; padding-left: 1.2rem }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem 1.2rem; margin: .8rem 0 0 }
dt { color: var(--quiet); font-size: .85rem } dd { margin: 0; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto; overflow-wrap: normal } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--quiet); font-weight: 500; font-size: .85rem; white-space: nowrap } td.n, th.n { text-align: right }
td.n { white-space: nowrap } td.said { min-width: 16rem } td code { overflow-wrap: anywhere }
td.path { min-width: 13rem }
.timeline { display: block; width: 100%; height: 22px; margin-top: .8rem } .none { fill: var(--none) }
.covered { fill: var(--covered) } .gap { fill: var(--open) } .aside { fill: var(--bad) }
.ends { display: flex; justify-content: space-between; color: var(--quiet); font-size: .85rem }
.key { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--quiet); font-size: .85rem }
.key i { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .35em }
i.covered { background: var(--covered) } i.gap { background: var(--open) } i.aside { background: var(--bad) } i.none { background: var(--none) }
ul.events { list-style: none; padding: 0 } ul.events li { padding: .3rem 0; border-bottom: 1px solid var(--line) }
progress { width: 100%; height: .6rem; accent-color: var(--link) }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .75rem 0 }
input, button { font: inherit; color: inherit; background: var(--node); border: 1px solid var(--line); border-radius: 6px;
  padding: .25rem .6rem; max-width: 100% }
.graph { display: block; margin: 0 auto; min-width: 36rem; max-width: max(100%, 52rem); font: 13px system-ui, sans-serif }
.graph .edge { fill: none; stroke: var(--quiet); stroke-width: 1; opacity: .7 } .graph .arrow { fill: var(--quiet) }
.graph .how { fill: var(--quiet); font-size: 12px; paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round }
.graph rect { fill: var(--node); stroke: var(--line) } .graph text { fill: var(--text) } .graph .kind { fill: var(--quiet); font-size: 11px }
nav a { margin-right: 1rem } nav a[aria-current] { font-weight: 600 } .kinds a { display: inline-block; margin: 0 1rem .3rem 0 } .first { margin: 0 }
details { margin-top: .75rem } .narrow { display: none }
@media (max-width: 48rem) { .narrow { display: block } .wide { display: none } }
.graph .centre rect { stroke: var(--link); stroke-width: 2 } .graph .unseen rect { stroke-dasharray: 4 }
.graph a { text-decoration: none } .graph a:hover rect, .graph a:focus-visible rect { stroke: var(--link); stroke-width: 2 }
.graph a:focus-visible { outline: none } .graph a .name { fill: var(--link) }
`;
