"use strict";
/* The page put together: words, what the address asks for, keys. */
((x) => {
  const { kg, t, byId } = x;
  const all = (selector) => document.querySelectorAll(selector);
  x.refresh = () => {
    x.restyle();
    if (document.activeElement?.id !== "sure") x.drawLegend(); // a slider in somebody's hand must stay
    x.drawChips();
    x.drawTimeline();
    x.drawPanel();
    x.drawTable();
    x.saveLink();
  };
  function words() {
    document.documentElement.lang = x.lang;
    for (const e of all("[data-text]")) e.textContent = t(e.dataset.text);
    for (const e of all("[data-label]")) e.setAttribute("aria-label", t(e.dataset.label));
    for (const e of all("button[data-label]")) e.title = t(e.dataset.label);
    for (const e of all("[data-placeholder]")) e.placeholder = t(e.dataset.placeholder);
    for (const e of all("[data-lang]")) e.setAttribute("aria-pressed", String(e.dataset.lang === x.lang));
    const s = kg.summary;
    byId("title").textContent = document.title = kg.title[x.lang] || kg.title.fr;
    byId("summary").textContent = t("summary", { entities: t("entitiesN", { n: s.entities }), claims: t("claimsN", { n: s.claims }), briefs: t("briefsN", { n: s.briefs }) })
      + (kg.period ? ` ${kg.period[0] === kg.period[1] ? t("onDay", { day: x.showDate(kg.period[0]) }) : t("period", { from: x.showDate(kg.period[0]), to: x.showDate(kg.period[1]) })}` : "");
    byId("cut").hidden = kg.cut.entities === 0;
    byId("cut").textContent = kg.cut.entities ? t("cut", { kept: kg.cut.limit, entities: t("entitiesN", { n: kg.cut.entities }), claims: t("claimsN", { n: kg.cut.claims }) }) : "";
  }
  function speak(next) {
    x.lang = next;
    words();
    x.relabel();
    x.refresh();
  }
  const group = byId("languages");
  for (const l of x.languages) group.append(x.button(l.toUpperCase(), () => speak(l), { lang: l, "data-lang": l, "aria-pressed": "false" }));

  function fromAddress() {
    try { x.fromLink(location.hash.slice(1)); } catch { x.fromLink(""); } // an address somebody has cut short
    words();
  }
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) === x.link()) return;
    fromAddress();
    x.refresh();
    x.show(x.state.view);
    x.restoreView();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName) && event.target.type !== "checkbox";
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
    else if (event.key === "0") x.fit(null, true);
    else if (event.key === "Escape" && x.state.chosen) { x.open(null); byId("network").focus({ preventScroll: true }); }
    else if (event.key === "Escape" && x.state.focus) x.focusOn(null);
  });
  byId("closer").addEventListener("click", () => x.zoom(1.4));
  byId("farther").addEventListener("click", () => x.zoom(1 / 1.4));
  byId("all").addEventListener("click", () => x.fit(null, true));
  byId("as-graph").addEventListener("click", () => x.show("graph"));
  byId("as-table").addEventListener("click", () => x.show("table"));
  x.combobox(byId("search"), byId("found"), (id) => { if (x.state.view !== "graph") x.show("graph"); x.open({ node: x.nodes[id] }, { move: true }); });
  x.makeTable();
  x.makeExports();

  fromAddress();
  x.makeNetwork();
  x.drawLegend();
  x.drawChips();
  x.drawTimeline();
  x.drawPanel();
  x.show(x.state.view);
  x.restyle();
  x.restoreView();
  let first = true;
  new ResizeObserver(() => { if (first) first = false; else if (!x.state.chosen && !x.state.at) x.fit(null, false); }).observe(byId("stage"));
  window.kg = x;
  requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); }));
})(explorer);
