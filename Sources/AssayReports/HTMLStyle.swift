/// The style sheet of a report: system fonts, both colour schemes, and rules for paper.
enum HTMLStyle {
    static let sheet = """
        :root { --ink: #1c1e21; --faint: #667080; --paper: #fff; --line: #d8dde3; --soft: #f4f6f8;
          --bad: #b3261e; --warn: #8a5a00; --good: #1b6e3c; --mark: #fff3cd; --gone: #fde7e5;
          --new: #e2f4e8; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --faint: #98a2b0;
          --paper: #15181c; --line: #343b44; --soft: #1e2329; --bad: #ff8a80; --warn: #f2c14e;
          --good: #7bd69b; --mark: #40381b; --gone: #45211f; --new: #1b3a27; } }
        * { box-sizing: border-box; }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
          max-width: 1200px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 22px; margin: 0 0 12px; overflow-wrap: anywhere; }
        h2 { font-size: 18px; margin: 32px 0 8px; padding-top: 8px;
          border-top: 1px solid var(--line); overflow-wrap: anywhere; }
        h3 { font-size: 15px; margin: 20px 0 6px; overflow-wrap: anywhere; }
        p { margin: 4px 0; overflow-wrap: anywhere; }
        .about { color: var(--faint); font-size: 13px; }
        .decision { font-size: 17px; padding: 10px 14px; border-left: 6px solid;
          background: var(--soft); margin: 8px 0 12px; }
        .decision span { color: var(--ink); }
        .decision strong { text-transform: uppercase; letter-spacing: .04em; margin-right: 8px; }
        .blocked { color: var(--bad); } .hold { color: var(--warn); } .pass { color: var(--good); }
        code, .pair { font-family: ui-monospace, monospace; font-size: 13px; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 14px;
          font-variant-numeric: tabular-nums; }
        th { text-align: left; font-weight: 600; color: var(--faint); font-size: 12px; }
        th, td { padding: 4px 10px 4px 0; vertical-align: top; unicode-bidi: isolate; }
        td { border-top: 1px solid var(--line); overflow-wrap: anywhere; min-width: 7em; }
        th.n, td.n { text-align: right; white-space: nowrap; min-width: 0; }
        .checks td { white-space: nowrap; }
        .checks .why td { border-top: 0; padding-bottom: 10px; white-space: normal;
          color: var(--faint); font-size: 13px; }
        .checks tr td { color: var(--ink); }
        td.mark, .why td { min-width: 0; } .mark { font-weight: 700; width: 22px; }
        tr.block .mark { color: var(--bad); } tr.hold .mark, tr.warn .mark { color: var(--warn); }
        tr.pass .mark { color: var(--good); }
        .bar { display: block; margin-top: 2px; }
        .bar .axis { stroke: var(--line); stroke-width: 1; }
        .bar .range { stroke: var(--warn); stroke-width: 6; }
        .bar .limit { stroke: var(--ink); stroke-width: 2; }
        .bar .value { fill: var(--paper); stroke: var(--warn); stroke-width: 2; }
        .bar.fail .range, .bar.fail .value { stroke: var(--bad); }
        .bar.pass .range, .bar.pass .value { stroke: var(--good); }
        .fault { color: var(--bad); font-weight: 600; }
        .pair { table-layout: fixed; margin: 4px 0 12px; background: var(--soft); }
        .pair td { border: 0; padding: 0 8px; white-space: pre-wrap; line-height: 1.45; }
        .pair td:nth-child(2) { width: 28px; text-align: center; font-weight: 700; }
        .pair th { padding: 2px 8px; } .pair th:nth-child(2) { width: 28px; }
        .pair tr.changed td { background: var(--mark); }
        .pair tr.gone td { background: var(--gone); } .pair tr.new td { background: var(--new); }
        .pair tr.equal td { color: var(--faint); font-style: italic; }
        pre { background: var(--soft); padding: 8px; margin: 4px 0; white-space: pre-wrap;
          overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; }
        @media print { body { max-width: none; padding: 0; font-size: 11px; }
          :root { --ink: #000; --faint: #444; --paper: #fff; --line: #bbb; --soft: #f6f6f6;
          --bad: #b3261e; --warn: #8a5a00; --good: #1b6e3c; --mark: #fff3cd; --gone: #fde7e5;
          --new: #e2f4e8; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          table { font-size: 10px; } .checks td { white-space: normal; }
          .wide { overflow: visible; } tr, .decision { break-inside: avoid; }
          h2, h3 { break-after: avoid; } }
        """
}
