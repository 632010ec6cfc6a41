"use strict";
/* What the reader has chosen, what follows from it, and the link that says it.
   « shown »: what passes filters and focus. « drawn »: what of it stands on the canvas with its arrows; of a large graph the most
   central entities and those that were opened, the others being dots. */
((x) => {
  const { kg } = x;
  const fresh = () => ({
    off: { classes: new Set(), statuses: new Set(), relations: new Set(), origins: new Set() },
    lone: true, sure: 0, by: x.claims.some((c) => c.told) ? "told" : "event", from: "", to: "",
    hidden: new Set(), opened: new Set(), focus: null, chosen: null, route: null,
    view: "graph", rows: "", sort: ["subject", 1], size: "links", colour: "class", at: null,
  });
  x.state = fresh();
  x.shown = { nodes: new Set(), claims: new Set(), values: new Set() };
  x.drawn = { nodes: new Set(), claims: new Set() };
  x.big = x.nodes.length > kg.whole;

  const within = (c) => {
    const s = x.state;
    if (!s.from && !s.to) return true;
    const day = x.when(c, s.by);
    return Boolean(day) && (!s.from || day >= s.from.slice(0, day.length)) && (!s.to || day.slice(0, s.to.length) <= s.to);
  };
  x.admits = (id) => !x.state.off.classes.has(x.nodes[id].type) && !x.state.hidden.has(id);
  x.passes = (c, anytime = false) => {
    const { off, sure } = x.state;
    return !off.statuses.has(c.status) && !off.relations.has(c.relation) && c.confidence >= sure
      && (off.origins.size === 0 || c.origins.length === 0 || c.origins.some((o) => !off.origins.has(o)))
      && (anytime || within(c)) && x.admits(c.from) && (c.isValue || x.admits(c.to));
  };
  x.narrowed = () => {
    const { off, sure, from, to } = x.state;
    return off.statuses.size > 0 || off.relations.size > 0 || off.origins.size > 0 || sure > 0 || Boolean(from || to);
  };
  /* the entities of the focus, nearest first; null when there is none */
  function focused() {
    const { focus } = x.state;
    x.state.route = null;
    if (!focus) return null;
    if (focus.kind === "around") return new Set(x.around(focus.ids, focus.hops, x.passes).keys());
    if (focus.kind === "community") return new Set(x.nodes.filter((n) => n.community === focus.id).map((n) => n.id));
    x.state.route = x.path(focus.from, focus.to, x.passes);
    return new Set(x.state.route ? x.state.route.ids : [focus.from, focus.to]);
  }
  x.sift = () => {
    const { state, nodes } = x;
    const focus = focused();
    const onRoute = state.route && new Set(state.route.claims.flat());
    const shown = { nodes: new Set(), claims: new Set(), values: new Set() };
    for (const c of x.claims) if ((!onRoute || onRoute.has(c)) && (!focus || (focus.has(c.from) && focus.has(c.to))) && x.passes(c)) shown.claims.add(c.id);
    const linked = new Set();
    for (const c of x.claims) if (shown.claims.has(c.id)) linked.add(c.from).add(c.to);
    for (const n of nodes) {
      if (!x.admits(n.id) || (focus && !focus.has(n.id))) continue;
      if (!focus && !linked.has(n.id) && (x.narrowed() || (x.degree(n) === 0 && !state.lone))) continue;
      shown.nodes.add(n.id);
    }
    for (const v of x.values) if (shown.nodes.has(v.from) && !onRoute && x.passes(v)) shown.values.add(v.iri);
    x.shown = shown;
    x.place();
    const drawn = { nodes: shown.nodes, claims: shown.claims };
    if (shown.nodes.size > kg.whole) {
      drawn.nodes = new Set([...shown.nodes].slice(0, kg.first));
      for (const id of state.opened) if (shown.nodes.has(id)) drawn.nodes.add(id);
      drawn.claims = new Set(x.claims.filter((c) => shown.claims.has(c.id) && drawn.nodes.has(c.from) && drawn.nodes.has(c.to)).map((c) => c.id));
    }
    x.drawn = drawn;
  };
  /* the claims of the list and of the exports: all that are shown, drawn or not, with the values of the entities shown */
  x.listed = () => [...x.claims.filter((c) => x.shown.claims.has(c.id)), ...x.values.filter((v) => x.shown.values.has(v.iri))];

  /* --- changing it --- */
  x.change = () => {
    x.sift();
    const { chosen } = x.state;
    if (chosen && ((chosen.node && !x.shown.nodes.has(chosen.node.id)) || (chosen.claim && !x.shown.claims.has(chosen.claim.id)))) x.state.chosen = null;
    x.refresh();
    x.say(x.counts());
  };
  x.counts = () => x.t("shown", { entities: x.t("entitiesN", { n: x.shown.nodes.size }), claims: x.t("claimsN", { n: x.shown.claims.size + x.shown.values.size }) });
  x.focusOn = (focus) => { x.state.focus = focus; x.change(); x.fit(null, true); };
  x.hide = (id) => { x.state.hidden.add(id); x.change(); };
  x.expand = (id) => {
    const near = [...x.neighbours(x.nodes[id])].filter((m) => x.shown.nodes.has(m) && !x.drawn.nodes.has(m)).sort((a, b) => a - b);
    for (const m of [id, ...near.slice(0, 60)]) x.state.opened.add(m);
    x.change();
    x.fit([id, ...x.neighbours(x.nodes[id])].filter((m) => x.drawn.nodes.has(m)), true);
  };
  x.undrawn = (n) => [...x.neighbours(n)].filter((m) => x.shown.nodes.has(m) && !x.drawn.nodes.has(m)).length;
  x.reset = () => {
    const { lone, view, size, colour, sort, chosen } = x.state;
    x.state = { ...fresh(), lone, view, size, colour, sort, chosen };
    x.change();
    x.fit(null, true);
  };
  /* what is asked for by name is shown, whatever filter hid it */
  x.reveal = (what) => {
    const { state } = x;
    const ids = what.node ? [what.node.id] : [what.claim.from, what.claim.to];
    const there = () => (what.node ? x.shown.nodes.has(what.node.id) : x.shown.claims.has(what.claim.id));
    for (const id of ids) state.opened.add(id);
    if (!there()) {
      for (const id of ids) { state.off.classes.delete(x.nodes[id].type); state.hidden.delete(id); }
      if (what.claim) { state.off.statuses.delete(what.claim.status); state.off.relations.delete(what.claim.relation); }
      state.lone = true;
      x.sift();
    }
    if (!there()) { state.focus = null; x.sift(); }
    if (!there()) { for (const set of Object.values(state.off)) set.clear(); Object.assign(state, { sure: 0, from: "", to: "" }); x.sift(); }
    if (ids.some((id) => !x.drawn.nodes.has(id))) x.sift();
  };

  /* --- the link --- */
  const iri = (id) => x.nodes[id].iri;
  const id = (name) => { const found = x.find(name || ""); return found && found.node ? found.node.id : null; };
  const LISTS = { class: "classes", status: "statuses", relation: "relations", origin: "origins" };
  x.link = () => {
    const { state } = x;
    const p = new URLSearchParams();
    if (state.chosen) p.set("open", (state.chosen.node || state.chosen.claim).iri);
    const f = state.focus;
    if (f && f.kind === "around") { for (const n of f.ids) p.append("around", iri(n)); p.set("hops", f.hops); }
    if (f && f.kind === "path") { p.set("path", iri(f.from)); p.set("to-entity", iri(f.to)); }
    if (f && f.kind === "community") p.set("community", iri(x.nodes.find((n) => n.community === f.id).id));
    for (const [key, set] of Object.entries(LISTS)) for (const value of state.off[set]) p.append(`without-${key}`, value);
    for (const n of state.hidden) p.append("hide", iri(n));
    if (x.big) for (const n of state.opened) p.append("expand", iri(n));
    const plain = fresh();
    for (const key of ["by", "from", "to", "sure", "size", "colour", "view", "rows"]) if (state[key] !== plain[key]) p.set(key, state[key]);
    if (!state.lone) p.set("lone", "no");
    if (String(state.sort) !== String(plain.sort)) p.set("sort", state.sort.join(" "));
    if (x.lang !== x.languages[0]) p.set("lang", x.lang);
    if (state.at) p.set("at", state.at.join(" "));
    return p.toString();
  };
  x.fromLink = (text) => {
    const p = new URLSearchParams(text);
    const state = fresh();
    const plain = decodeURIComponent(text.includes("=") ? "" : text); // an IRI alone opens what it names
    const open = x.find(p.get("open") || plain);
    const ids = (key) => p.getAll(key).map(id).filter((n) => n !== null);
    if (ids("around").length) state.focus = { kind: "around", ids: ids("around"), hops: Math.min(9, Math.max(1, parseInt(p.get("hops"), 10) || 1)) };
    const [from, to, community] = [id(p.get("path")), id(p.get("to-entity")), id(p.get("community"))];
    if (from !== null && to !== null) state.focus = { kind: "path", from, to };
    if (community !== null) state.focus = { kind: "community", id: x.nodes[community].community };
    for (const [key, set] of Object.entries(LISTS)) state.off[set] = new Set(p.getAll(`without-${key}`));
    state.hidden = new Set(ids("hide"));
    state.opened = new Set(ids("expand"));
    for (const [key, allowed] of Object.entries({ by: /^(told|event)$/, from: /^\d{4}(-\d\d){0,2}$/, to: /^\d{4}(-\d\d){0,2}$/, size: /^(links|evidence|betweenness)$/, colour: /^(class|community)$/, view: /^(graph|table)$/, rows: /./ })) {
      if (p.has(key) && allowed.test(p.get(key))) state[key] = p.get(key);
    }
    state.sure = Math.min(1, Math.max(0, parseFloat(p.get("sure")) || 0));
    state.lone = p.get("lone") !== "no";
    const [column, sign] = (p.get("sort") || "").split(" ");
    if (x.columns[column]) state.sort = [column, sign === "-1" ? -1 : 1];
    if (x.languages.includes(p.get("lang"))) x.lang = p.get("lang");
    const at = (p.get("at") || "").split(" ").map(Number);
    if (at.length === 3 && at.every(Number.isFinite) && at[2] > 0) state.at = at;
    x.state = state;
    x.sift();
    if (open) { x.reveal(open); state.chosen = open; }
  };
  let timer = 0;
  x.saveLink = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = x.link();
      // Within a notebook's frame there is no address to write to.
      try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* the link can still be copied */ }
    }, 120);
  };
})(explorer);
