"use strict";
/* The legend, which filters: classes by shape and colour, statuses by line, relations by family, sources, confidence. Counts are
   of the whole page, so that one sees what a filter takes away. */
((x) => {
  const { kg, el, t, button } = x;
  const toggle = (set, keys, on) => { for (const k of keys) { if (on) set.delete(k); else set.add(k); } };
  function check(set, keys, sign, label, count, { comment, strong } = {}) {
    const input = el("input", { type: "checkbox", on: { change: () => { toggle(set, keys, input.checked); x.change(); } } });
    const off = keys.filter((k) => set.has(k)).length;
    input.checked = off < keys.length;
    input.indeterminate = off > 0 && off < keys.length;
    return el("li", { class: strong ? "strong" : "" }, el("label", { title: comment }, input, sign, el("span", { class: "name" }, label), el("span", { class: "count" }, x.number(count))));
  }
  function block(id, title, set, keys, items) {
    const all = (on) => () => { toggle(set, keys, on); x.change(); };
    const both = el("span", { class: "both" }, button(t("every"), all(true), { "aria-label": `${title} : ${t("every")}` }), button(t("no"), all(false), { "aria-label": `${title} : ${t("no")}` }));
    return el("section", { id }, el("div", { class: "head" }, el("h2", {}, title), both), el("ul", {}, items));
  }
  const folded = new Set();
  function relations() {
    const { relations: off } = x.state.off;
    const counts = x.tally(x.claims, (c) => c.relation);
    const known = [...counts.keys()];
    const open = folded.size === 0 ? known.length <= 9 : folded.has("open");
    const items = [];
    for (const family of Object.keys(kg.families)) {
      const own = known.filter((r) => kg.terms[r].family === family).sort((a, b) => counts.get(b) - counts.get(a) || x.compare(x.term(a), x.term(b)));
      if (!own.length) continue;
      const sum = own.reduce((n, r) => n + counts.get(r), 0);
      items.push(check(off, own, x.swatch(family), x.familyName(family), sum, { strong: true }));
      if (open || own.some((r) => off.has(r)) && !own.every((r) => off.has(r))) for (const r of own) {
        const item = check(off, [r], null, x.term(r), counts.get(r), { comment: (kg.terms[r].comment || {})[x.lang] });
        item.className = "part";
        items.push(item);
      }
    }
    items.push(el("li", { class: "more" }, button(open ? t("fewer") : t("more"), () => { folded.clear(); folded.add(open ? "closed" : "open"); x.drawLegend(); x.byId("relations").querySelector(".more button").focus(); }, { "aria-expanded": String(open) })));
    return block("relations", t("relations"), off, known, items);
  }
  function sure() {
    const lowest = Math.floor(Math.min(1, ...x.everything.map((c) => c.confidence)) * 20) * 5;
    const out = el("output", { for: "sure" });
    const told = () => { out.textContent = x.state.sure ? `≥ ${x.showPercent(x.state.sure)}` : t("every"); };
    const range = el("input", { id: "sure", type: "range", min: lowest, max: 95, step: 5, value: Math.max(lowest, Math.round(x.state.sure * 100)), "aria-label": t("leastConfidence"),
      on: { input: () => { x.state.sure = +range.value <= lowest ? 0 : range.value / 100; told(); x.change(); } } });
    told();
    return el("section", { id: "confidence" }, el("div", { class: "head" }, el("h2", {}, t("confidence")), out), range);
  }
  function select(key, choices) {
    const box = el("select", { on: { change: () => { x.state[key] = box.value; x.restyle(); x.saveLink(); } } }, choices.map((c) => el("option", { value: c }, t(`${key}_${c}`))));
    box.value = x.state[key];
    return el("label", {}, el("span", {}, t(key)), box);
  }
  x.drawLegend = () => {
    const focused = document.activeElement && x.byId("legend").contains(document.activeElement) ? [...x.byId("legend").querySelectorAll("input, button, select")].indexOf(document.activeElement) : -1;
    const { off } = x.state;
    const classes = x.tally(x.nodes, (n) => n.type);
    const statuses = x.tally(x.everything, (c) => c.status);
    const origins = x.tally(x.everything, (c) => c.origins);
    const from = [...origins.keys()].sort((a, b) => origins.get(b) - origins.get(a) || x.compare(a, b));
    const solitary = x.nodes.filter((n) => x.degree(n) === 0).length;
    const lone = el("input", { type: "checkbox", on: { change: () => { x.state.lone = lone.checked; x.change(); } } });
    lone.checked = x.state.lone;
    x.byId("legend").replaceChildren(
      block("classes", t("entities"), off.classes, kg.order, [...kg.order.map((k) => check(off.classes, [k], x.icon(k), x.capital(x.className(k)), classes.get(k) || 0)),
        solitary ? el("li", { class: "lone" }, el("label", {}, lone, el("span", { class: "icon" }), el("span", { class: "name" }, x.capital(t("lone"))), el("span", { class: "count" }, x.number(solitary)))) : ""]),
      block("statuses", t("status"), off.statuses, x.STATUSES, x.STATUSES.map((k) => check(off.statuses, [k], x.line(k), x.capital(t(k)), statuses.get(k) || 0))),
      x.claims.length ? relations() : "",
      x.everything.length ? sure() : "",
      from.length > 1 ? block("origins", t("sources"), off.origins, from, from.slice(0, 40).map((o) => check(off.origins, [o], null, o, origins.get(o)))) : "",
      el("section", { id: "looks" }, el("div", { class: "head" }, el("h2", {}, t("looks"))), select("size", ["links", "evidence", "betweenness"]), select("colour", ["class", "community"])),
    );
    if (focused >= 0) { const again = [...x.byId("legend").querySelectorAll("input, button, select")][focused]; if (again) again.focus(); }
  };

  /* what narrows the view, and how to take it back */
  x.drawChips = () => {
    const { state } = x;
    const chips = [];
    const chip = (text, undo) => chips.push(button([el("span", {}, text), el("span", { "aria-hidden": "true" }, " ×")], undo, { class: "chip", title: t("takeBack"), "aria-label": `${text} : ${t("takeBack")}` }));
    const f = state.focus;
    if (f) chip(f.kind === "around" ? t("aroundChip", { name: f.ids.map(x.name).join(", "), n: f.hops }) : f.kind === "path" ? `${x.name(f.from)} ⇢ ${x.name(f.to)}` : x.communityName(f.id), () => x.focusOn(null));
    if (state.from || state.to) chip(x.sliceText(), () => { Object.assign(state, { from: "", to: "" }); x.change(); });
    if (state.sure) chip(`${t("confidence")} ≥ ${x.showPercent(state.sure)}`, () => { state.sure = 0; x.change(); });
    if (state.hidden.size) chip(t("hiddenN", { n: state.hidden.size }), () => { state.hidden.clear(); x.change(); });
    const sets = Object.values(state.off).reduce((n, set) => n + set.size, 0);
    if (sets) chip(t("filtersN", { n: sets }), () => { for (const set of Object.values(state.off)) set.clear(); x.change(); });
    if (chips.length > 1) chips.push(button(t("showAll"), x.reset, { class: "chip all" }));
    const waiting = x.shown.nodes.size - x.drawn.nodes.size;
    if (waiting) chips.push(el("span", { class: "chip note" }, t("waiting", { n: waiting })));
    x.byId("chips").replaceChildren(...chips);
  };
})(explorer);
