/** The style sheet of all account pages, light or dark by `prefers-color-scheme`. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --ink: #1c2024; --quiet: #60646c; --line: #d3d7de; --field: #82868e; --accent: #0b5fd0; --on-accent: #fff;
  font: 16px/1.5 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #111315; --card: #1b1e21; --ink: #eceef0; --quiet: #a3a9b1; --line: #3c4147; --field: #767c85; --accent: #6aa9ff; --on-accent: #0b1220; }
}
* { box-sizing: border-box; }
[hidden] { display: none; }
body { background: var(--ground); color: var(--ink); display: grid; margin: 0; min-height: 100vh; padding: 1rem; place-items: center; }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; max-width: 26rem; min-width: 0; overflow-wrap: anywhere; padding: 2rem; width: 100%; }
.service { color: var(--quiet); font-size: .875rem; margin: 0; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: .25rem 0 1rem; }
p { margin: 0 0 1rem; }
[data-outcome] { margin-bottom: 0; }
label { display: block; font-weight: 600; }
.choice { color: var(--quiet); font-weight: 400; margin-bottom: 1rem; }
input:not([type=checkbox]) { background: transparent; border: 1px solid var(--field); border-radius: .5rem; color: inherit; font: inherit; margin: .25rem 0 .5rem; padding: .625rem .75rem; width: 100%; }
button { background: var(--accent); border: 1px solid transparent; border-radius: .5rem; color: var(--on-accent); cursor: pointer; font: inherit; font-weight: 600; padding: .75rem 1rem; width: 100%; }
button:disabled { cursor: progress; opacity: .6; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[data-outcome]:focus { outline: 0; }
[role=alert] { border-left: 3px solid #d4380d; margin-top: 1rem; padding-left: .75rem; }
[data-outcome] ~ form { margin-top: 1rem; }
[data-outcome] ~ form input { margin-bottom: 1rem; }
[data-outcome] ~ #back { margin: 1rem 0 0; }
a { color: var(--accent); }
`;
