// The style of a replay's page. Data alone.

/** One style sheet for light and dark, from a phone's width on. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbfa, #16181b);
  --card: light-dark(#ffffff, #1e2125);
  --line: light-dark(#e2e3e1, #33373d);
  --ink: light-dark(#1c1e21, #e9eaec);
  --soft: light-dark(#5c6168, #a3a9b1);
  --admitted: light-dark(#5b8fc7, #5f97d3);
  --refused: light-dark(#c2452d, #f0775c);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 72rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.5rem; margin: .5rem 0 0; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
h3 { font-size: .875rem; font-weight: 600; margin: 0 0 .25rem; }
header p { margin: .25rem 0; color: var(--soft); }
pre { overflow-x: auto; font-size: .8125rem; }
.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); margin-top: 1rem; }
article, figure { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; min-width: 0; }
.tiles article { margin: 0; }
article h2 { margin: 0; font-size: .9375rem; color: var(--soft); overflow-wrap: anywhere; }
article p { margin: .25rem 0; }
article ul { margin: .5rem 0 0; padding-left: 1.25rem; font-size: .875rem; }
.figure { font-size: 1.75rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figure small { font-size: 1rem; color: var(--soft); }
figcaption { font-size: .875rem; color: var(--soft); margin-bottom: .75rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; }
.plot { position: relative; }
.plot svg { height: 11rem; border-bottom: 1px solid var(--line); border-top: 1px dashed var(--line); }
.most { position: absolute; top: .125rem; left: .25rem; font-size: .75rem; color: var(--soft); }
.ends { display: flex; justify-content: space-between; gap: 1rem; font-size: .75rem; color: var(--soft); }
.admitted { fill: var(--admitted); }
.refused { fill: var(--refused); }
.hit { fill: transparent; }
.hit:hover { fill: var(--ink); fill-opacity: .12; }
.legend { display: flex; gap: 1.25rem; font-size: .875rem; margin: 0 0 .5rem; }
.legend span::before { content: ""; display: inline-block; width: .75rem; height: .75rem; margin-right: .375rem; border-radius: 2px; }
.legend .admitted::before { background: var(--admitted); }
.legend .refused::before { background: var(--refused); }
.pair { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); align-items: start; }
.bars { margin: 0; font-size: .875rem; }
.bars div { margin-bottom: .5rem; }
.bars dt { font-family: ui-monospace, monospace; font-size: .8125rem; }
.bars dd { margin: 0; display: grid; grid-template-columns: 1fr max-content; gap: .75rem; align-items: center; font-variant-numeric: tabular-nums; }
.bars svg { height: .75rem; }
.small { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); }
.small svg { height: 4.5rem; border-bottom: 1px solid var(--line); }
.scroll { overflow-x: auto; margin-bottom: 1.5rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .375rem; overflow-wrap: anywhere; }
th, td { text-align: left; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--soft); }
:focus-visible { outline: 2px solid var(--admitted); outline-offset: 2px; }
`;
