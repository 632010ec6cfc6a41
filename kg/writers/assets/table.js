"use strict";
/* The same claims as rows: sorted by any column, found by any word of theirs, each opening what says it. */
((x) => {
  const { el, t, byId } = x;
  const PAGE = 300;
  const object = (c) => (c.isValue ? x.showValue(c) : x.name(c.to));
  x.columns = {
    subject: [(c) => x.name(c.from), (c) => x.name(c.from)],
    relation: [(c) => x.term(c.relation), (c) => x.term(c.relation)],
    object: [object, object],
    status: [(c) => x.badge(c.status), (c) => x.STATUSES.indexOf(c.status)],
    amount: [(c) => (c.qualifiers.amount ? x.showMoney(c.qualifiers.amount) : ""), (c) => parseFloat(c.qualifiers.amount) || 0],
    date: [(c) => (c.event ? x.showDate(c.event) : ""), (c) => c.event],
    told: [(c) => (c.told ? x.showDate(c.told) : ""), (c) => c.told],
    confidence: [(c) => x.showPercent(c.confidence), (c) => c.confidence],
  };
  for (const key of ["amount", "date", "told"]) if (!x.everything.some(x.columns[key][1])) delete x.columns[key];
  let length = PAGE;
  const text = (c) => x.fold([x.name(c.from), x.term(c.relation), object(c), t(c.status), c.qualifiers.role || "", ...c.evidence.map((q) => q.sentence)].join(" "));
  function rows() {
    const wanted = x.fold(x.state.rows).split(/\s+/).filter(Boolean);
    const found = x.listed().filter((c) => { if (!wanted.length) return true; const words = text(c); return wanted.every((w) => words.includes(w)); });
    const [by, sign] = x.state.sort;
    const key = x.columns[by][1];
    const compare = (a, b) => (typeof a === "number" ? a - b : x.compare(a, b));
    return found.map((c) => [key(c), c]).sort((a, b) => sign * compare(a[0], b[0]) || x.compare(x.name(a[1].from), x.name(b[1].from)) || (a[1].iri < b[1].iri ? -1 : 1)).map(([, c]) => c);
  }
  const show = (c) => x.open(c.isValue ? { node: x.nodes[c.from] } : { claim: c }, { quiet: true });
  x.drawTable = () => {
    if (x.state.view !== "table") return;
    const found = rows();
    const [by, sign] = x.state.sort;
    const sort = (key) => () => { x.state.sort = [key, x.state.sort[0] === key ? -x.state.sort[1] : 1]; x.drawTable(); x.saveLink(); byId(`sort-${key}`).focus(); };
    const shown = found.slice(0, length);
    byId("rows").replaceChildren(el("table", {}, el("caption", {}, t("claimsN", { n: found.length })),
      el("thead", {}, el("tr", {}, Object.keys(x.columns).map((key) => el("th", { scope: "col", class: key, "aria-sort": by === key ? (sign > 0 ? "ascending" : "descending") : "none" },
        x.button([t(key), by === key ? el("span", { "aria-hidden": "true" }, sign > 0 ? " ▲" : " ▼") : ""], sort(key), { id: `sort-${key}` }))))),
      el("tbody", {}, shown.map((c) => el("tr", { on: { click: () => show(c) } }, Object.entries(x.columns).map(([key, [cell]]) => el("td", { class: key }, key === "relation" ? x.button(cell(c), (e) => { e.stopPropagation(); show(c); }) : cell(c))))))),
    found.length > shown.length ? x.button(t("moreRows", { n: found.length - shown.length }), () => { length += PAGE; x.drawTable(); }, { class: "chip" }) : "");
  };
  x.makeTable = () => {
    byId("row-filter").addEventListener("input", () => { x.state.rows = byId("row-filter").value; length = PAGE; x.drawTable(); x.saveLink(); });
  };
  x.show = (view) => {
    x.state.view = view;
    const table = view === "table";
    byId("table").hidden = !table;
    byId("network").hidden = table;
    byId("tools").hidden = table;
    byId("as-graph").setAttribute("aria-pressed", String(!table));
    byId("as-table").setAttribute("aria-pressed", String(table));
    byId("row-filter").value = x.state.rows;
    if (table) x.drawTable();
    else { x.network.redraw(); x.fitIfUnseen(); }
    x.saveLink();
  };
})(explorer);
