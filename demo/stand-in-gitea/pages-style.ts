/** How the plain pages look, by day and by night. */

/** The style sheet that each page carries in itself. */
export const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1f2328, #e6edf3); --soft: light-dark(#59636e, #9198a1); --line: light-dark(#d1d9e0, #3d444d);
  --page: light-dark(#fff, #0d1117); --shade: light-dark(#f6f8fa, #161b22); --bot: light-dark(#ddf4ff, #10263d); --link: light-dark(#0969da, #58a6ff); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 1.5rem auto 4rem; padding: 0 1rem; color: var(--text); background: var(--page); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-weight: 600; font-size: 1.7rem; margin: .6rem 0; } h1 small { color: var(--soft); font-weight: 400; }
.badge { display: inline-block; border-radius: 1rem; padding: 0 .7rem; color: #fff; font-size: .9rem; }
.open { background: #1a7f37; } .closed { background: #cf222e; } .merged { background: #8250df; } .draft { background: #59636e; }
.label { display: inline-block; border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; color: #1f2328; }
.comment { border: 1px solid var(--line); border-radius: .4rem; margin: 1rem 0; }
.comment header { background: var(--shade); padding: .35rem 1rem; border-bottom: 1px solid var(--line); border-radius: .4rem .4rem 0 0; color: var(--soft); }
.comment header b { color: var(--text); } .comment.bot header { background: var(--bot); }
.tag { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .3rem; font-size: .8rem; }
.comment .body { padding: .3rem 1rem; overflow-x: auto; } .body h3 { font-size: 1.15rem; margin: .6rem 0; } .body p { margin: .6rem 0; }
.event { color: var(--soft); margin: 0 1rem; padding: .25rem 0 .25rem 1rem; font-size: .9rem; border-left: 2px solid var(--line); } .event b { color: var(--text); }
time { color: var(--soft); } summary { cursor: pointer; }
table { border-collapse: collapse; margin: .6rem 0; } td, th { border: 1px solid var(--line); padding: .25rem .7rem; } th { background: var(--shade); }
code { background: var(--shade); border-radius: .25rem; padding: .1rem .3rem; font-size: .87em; }
pre { background: var(--shade); padding: .7rem; overflow-x: auto; border-radius: .4rem; } pre code { padding: 0; }
blockquote { border-left: .25rem solid var(--line); margin-left: 0; padding-left: 1rem; color: var(--soft); }
ul { padding-left: 1.6rem; } li:has(> input[type=checkbox]) { list-style: none; margin-left: -1.3rem; }
ul.threads { list-style: none; padding: 0; } ul.threads li { border-top: 1px solid var(--line); padding: .5rem 0; }
`;
