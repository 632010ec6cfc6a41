"use strict";
/* The side panel: the whole at first, an entity, a claim with each sentence that says it, or a path from one entity to another. */
((x) => {
  const { kg, el, t, button, nodes, claims } = x;
  const panel = x.byId("panel");
  const trail = [];
  const entityButton = (id) => button(x.name(id), () => x.open({ node: nodes[id] }, { move: true }), { class: "entity" });
  function marked(q) {
    if (!q.sentence) return el("blockquote", { class: "missing" }, t("notkept"));
    const cuts = new Set([0, q.sentence.length]);
    for (const [a, b] of Object.values(q.words)) cuts.add(a).add(b);
    const at = [...cuts].sort((a, b) => a - b);
    const out = el("blockquote", {});
    for (let i = 0; i + 1 < at.length; i++) {
      const text = q.sentence.slice(at[i], at[i + 1]);
      const roles = ["trigger", "subject", "object"].filter((r) => q.words[r] && q.words[r][0] <= at[i] && at[i + 1] <= q.words[r][1]);
      out.append(roles.length ? el("mark", { class: roles.join(" "), title: roles.filter((r) => r !== "trigger").map((r) => t(r)).join(", ") || null }, text) : text);
    }
    return out;
  }
  function explained(c, q) {
    const told = kg.terms[c.relation].because;
    if (!told || x.lang !== "fr" || !q.words.trigger) return null;
    const put = { trigger: q.sentence.slice(...q.words.trigger), subject: x.name(c.from), object: c.isValue ? c.value : x.name(c.to), value: c.isValue ? x.showValue(c) : "" };
    return el("p", { class: "because" }, told.replace(/\{(trigger|subject|object|value)\}/g, (_, key) => put[key]));
  }
  const link = (href, text) => el("a", { href, rel: "noopener noreferrer", target: "_blank" }, text);
  function sourceOf(q) {
    if (q.brief === null) return null;
    const b = kg.briefs[q.brief];
    const title = b.title || b.begins || `${t("brief")} ${b.key}`;
    const own = kg.served && !b.iri.includes(":") ? el("a", { href: `/${b.iri}` }, title) : title;
    return el("span", { class: "from" }, b.link ? link(b.source, title) : own, b.source && !b.link ? `, ${b.source}` : "", ` · ${b.date ? x.showDate(b.date) : t("undated")}`);
  }
  function quote(c, q) {
    const said = Object.entries(q.qualifiers).filter(([key]) => key !== "bound");
    return el("figure", {}, marked(q),
      el("figcaption", {}, sourceOf(q),
        el("div", { class: "how" }, x.badge(q.status), el("span", {}, `${t("confidence")} ${x.showPercent(q.confidence)}`), said.map(([key, value]) => el("span", {}, `${t(key)} : ${x.showQualifier(key, value)}`))),
        explained(c, q), q.rule ? el("p", { class: "rule" }, `${t("rule")} `, el("code", {}, q.rule)) : null));
  }
  const facts = (rows) => (rows.length ? el("dl", { class: "facts" }, rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])) : null);
  const qualified = (c) => Object.entries(c.qualifiers).filter(([key]) => key !== "bound").map(([key, value]) => x.showQualifier(key, value)).join(" · ");
  const row = (run, what, note) => el("li", {}, el("button", { type: "button", class: "claim", on: { click: run } }, el("span", { class: "what" }, what), el("span", { class: "note" }, note)));
  function claimRow(c, from) {
    const other = from === undefined ? null : x.other(c, from);
    const what = other === null ? [x.name(c.from), " ", el("i", {}, x.term(c.relation)), " ", x.name(c.to)] : [x.icon(nodes[other].type), x.name(other)];
    return row(() => x.open({ claim: c }, { move: true }), what, [qualified(c), c.status === "asserted" ? null : x.badge(c.status)].filter(Boolean));
  }

  function introPanel() {
    const top = [...x.shown.nodes].map((id) => nodes[id]).filter((n) => x.degree(n) > 0).slice(0, 8);
    const groups = x.communities.map((c) => ({ ...c, there: c.ids.filter((id) => x.shown.nodes.has(id)) })).filter((c) => c.there.length > 2).slice(0, 8);
    const recent = claims.filter((c) => x.shown.claims.has(c.id)).sort((a, b) => (a.told < b.told ? 1 : a.told > b.told ? -1 : 0) || b.confidence - a.confidence || a.number - b.number).slice(0, 6);
    const keys = [["/", t("keySearch")], ["+  −  0", t("keyZoom")], ["← → ↑ ↓", t("keyMove")], ["Esc", t("keyClose")]];
    return [
      el("p", { class: "intro" }, t("intro")),
      top.length ? el("section", {}, el("h3", {}, t("most")), el("ol", { class: "rows" }, top.map((n) => row(() => x.open({ node: n }, { move: true }), [x.icon(n.type), n.label], t("linksN", { n: x.neighbours(n).size }))))) : null,
      recent.length ? el("section", {}, el("h3", {}, t("recent")), el("ul", { class: "rows" }, recent.map((c) => claimRow(c)))) : null,
      groups.length > 1 ? el("section", { class: "groups" }, el("h3", {}, t("communities")), el("ul", { class: "rows" }, groups.map((c) => row(() => x.focusOn({ kind: "community", id: c.id }), c.there.slice(0, 3).map(x.name).filter((n, i) => i < 2 || n.length < 25).join(", "), t("entitiesN", { n: c.there.length }))))) : null,
      el("details", { class: "keys" }, el("summary", {}, t("keyboard")), el("dl", { class: "facts" }, keys.flatMap(([k, what]) => [el("dt", {}, el("kbd", {}, k)), el("dd", {}, what)]))),
    ];
  }
  function pathField(n) {
    const list = el("ul", { id: "targets", role: "listbox", "aria-label": t("found"), class: "found", hidden: true });
    const input = el("input", { id: "target", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "targets", "aria-label": t("pathTo", { name: n.label }), placeholder: t("pathHint") });
    x.combobox(input, list, (id) => { if (id !== n.id) showPath(n.id, id); });
    return el("div", { class: "search path" }, input, list);
  }
  function showPath(from, to) {
    x.state.chosen = null;
    x.focusOn({ kind: "path", from, to });
    const heading = panel.querySelector("h2");
    if (heading) heading.focus({ preventScroll: true });
  }
  function actions(n) {
    const f = x.state.focus;
    const near = (hops) => f && f.kind === "around" && f.hops === hops && f.ids.length === 1 && f.ids[0] === n.id;
    const hop = (hops) => button(t(`hop${hops}`), () => { x.focusOn(near(hops) ? null : { kind: "around", ids: [n.id], hops }); }, { "aria-pressed": String(Boolean(near(hops))) });
    const waiting = x.undrawn(n);
    return [el("div", { class: "actions", role: "group", "aria-label": t("actions") }, hop(1), hop(2),
      waiting ? button(t("expand", { n: waiting }), () => x.expand(n.id), { class: "expand" }) : null, button(t("hide"), () => x.hide(n.id), { class: "hide" }),
      kg.served && !n.iri.includes(":") ? el("a", { href: `/entity/${n.iri.split("/").map(encodeURIComponent).join("/")}` }, t("own")) : null), pathField(n)];
  }
  function nodePanel(n) {
    const kinds = new Map();
    for (const c of x.claimsOf(n)) {
      const key = `${c.relation} ${x.isSymmetric(c) ? "" : c.from === n.id ? "out" : "in"}`;
      kinds.set(key, [...(kinds.get(key) || []), c]);
    }
    const families = Object.keys(kg.families);
    const rank = (g) => families.indexOf(x.family(g[0]));
    const groups = [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.length - a.length || x.compare(x.term(a[0].relation), x.term(b[0].relation)));
    return [
      el("p", { class: "kicker" }, x.icon(n.type), x.capital(x.className(n.type)), el("span", {}, "·"), t("linksN", { n: x.neighbours(n).size })),
      el("h2", { tabindex: "-1" }, n.label),
      n.aliases.length ? el("p", { class: "aliases" }, `${t("aliases")} `, n.aliases.map((a, i) => [i ? ", " : "", el("b", {}, a)]).flat()) : null,
      ...actions(n),
      n.values.length ? el("section", {}, el("h3", {}, t("values")), n.values.map((v) => el("details", { class: "value" },
        el("summary", {}, el("span", { class: "key" }, x.capital(x.term(v.relation))), el("span", { class: "val" }, x.showValue(v)), v.status === "asserted" ? null : x.badge(v.status)),
        v.evidence.map((q) => quote(v, q))))) : null,
      x.degree(n) ? el("section", {}, groups.map((g) => {
        const [first] = g;
        const direction = x.isSymmetric(first) ? "↔" : first.from === n.id ? "→" : "←";
        const relation = el("i", {}, x.term(first.relation));
        const heading = first.from === n.id || x.isSymmetric(first) ? [`${n.label} `, relation, ` ${direction}`] : [`${direction} `, relation, ` ${n.label}`];
        return el("div", { class: "kind" }, el("h3", { title: (kg.terms[first.relation].comment || {})[x.lang] }, x.swatch(x.family(first)), " ", heading), el("ul", { class: "rows" }, g.map((c) => claimRow(c, n.id))));
      })) : el("p", { class: "quiet" }, t("noclaims")),
      n.links.length ? el("section", {}, el("h3", {}, t("links")), el("ul", { class: "links" }, n.links.map((l) => el("li", {}, link(l, l.replace(/^https?:\/\//, "")))))) : null,
    ];
  }
  function claimPanel(c) {
    const bound = c.qualifiers.bound ? `${t(c.qualifiers.bound)} ` : "";
    const rows = ["amount", "share", "role", "date"].filter((k) => c.qualifiers[k]).map((k) => [t(k), (k === "amount" || k === "share" ? bound : "") + x.showQualifier(k, c.qualifiers[k])]);
    rows.push([t("confidence"), el("span", { class: "sure" }, el("meter", { min: 0, max: 1, value: c.confidence, "aria-hidden": "true" }), x.showPercent(c.confidence))]);
    return [
      el("p", { class: "kicker" }, x.line(c.status, x.familyColour(c)), x.badge(c.status), el("span", {}, x.familyName(x.family(c)))),
      el("h2", { tabindex: "-1", class: "sentence" }, entityButton(c.from), " ", el("i", { class: c.status, title: (kg.terms[c.relation].comment || {})[x.lang] }, x.term(c.relation)), " ", entityButton(c.to)),
      facts(rows),
      el("section", {}, el("h3", {}, t("evidence")), c.evidence.map((q) => quote(c, q))),
    ];
  }
  function pathPanel({ from, to }) {
    const { route } = x.state;
    const head = [el("p", { class: "kicker" }, t("path")), el("h2", { tabindex: "-1", class: "sentence" }, entityButton(from), " ⇢ ", entityButton(to))];
    if (!route) return [...head, el("p", { class: "quiet" }, t(x.narrowed() || x.state.off.classes.size || x.state.hidden.size ? "noPathFiltered" : "noPath"))];
    return [...head, el("p", { class: "quiet" }, t("steps", { n: route.claims.length })),
      el("ol", { class: "steps" }, route.claims.map((step, i) => el("li", {}, el("p", { class: "kicker" }, x.icon(nodes[route.ids[i]].type), entityButton(route.ids[i]), " → ", x.icon(nodes[route.ids[i + 1]].type), entityButton(route.ids[i + 1])), el("ul", { class: "rows" }, step.map((c) => claimRow(c))),
        step[0].evidence.length ? marked(step[0].evidence[0]) : null)))];
  }
  x.drawPanel = () => {
    const { chosen, focus } = x.state;
    const content = chosen ? (chosen.node ? nodePanel(chosen.node) : claimPanel(chosen.claim)) : focus && focus.kind === "path" ? pathPanel(focus) : introPanel();
    const bar = chosen ? el("div", { class: "bar" }, trail.length ? button(`← ${t("back")}`, goBack) : el("span", {}), button("×", () => x.open(null), { class: "close", "aria-label": t("close"), title: t("close") })) : null;
    panel.replaceChildren(...[bar, ...content].filter(Boolean));
    panel.scrollTop = 0;
  };
  function goBack() {
    x.open(trail.pop() || null, { move: true, back: true });
  }
  /* the way to show an entity or a claim, or, with null, nothing in particular */
  x.open = (what, { move = false, back = false, quiet = false } = {}) => {
    const { chosen } = x.state;
    const same = (a, b) => a && b && a.node === b.node && a.claim === b.claim;
    if (chosen && !back && what && !same(chosen, what)) trail.push(chosen);
    if (!what) trail.length = 0;
    if (what) x.reveal(what);
    x.state.chosen = what;
    x.refresh();
    if (!what) return;
    if (x.state.view === "graph" && move) x.lookAt(what);
    const heading = panel.querySelector("h2");
    if (!quiet && heading) heading.focus({ preventScroll: true });
    if (heading) x.say(heading.textContent);
  };
})(explorer);
