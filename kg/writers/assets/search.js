"use strict";
/* Finding an entity by any of its names, whatever their case and accents: the search field, and « path to… » in the panel. */
((x) => {
  const { el } = x;
  const index = x.nodes.flatMap((n) => [n.label, ...n.aliases].map((text, i) => ({ id: n.id, text, folded: x.fold(text), alias: i > 0 })));
  function grade(e, wanted) {
    if (e.folded === wanted) return 0;
    if (e.folded.startsWith(wanted)) return 1;
    const at = e.folded.indexOf(wanted);
    if (at < 0) return 9;
    return /[\s'\-.(]/.test(e.folded[at - 1]) ? 2 : 3;
  }
  x.matches = (text, most = 9) => {
    const wanted = x.fold(text.trim());
    const best = new Map();
    if (wanted) for (const e of index) {
      const g = grade(e, wanted) + (e.alias ? 0.5 : 0);
      if (g < 9 && (!best.has(e.id) || g < best.get(e.id)[0])) best.set(e.id, [g, e]);
    }
    return [...best.values()].sort((a, b) => a[0] - b[0] || a[1].id - b[1].id).slice(0, most).map(([, e]) => e);
  };
  /* a field with a list of proposals under it (the combobox pattern of WAI-ARIA) */
  x.combobox = (input, list, take) => {
    let offers = [];
    let active = -1;
    const point = (i, shown) => {
      active = i;
      [...list.children].forEach((li, k) => { if (li.id) li.setAttribute("aria-selected", String(k === i)); });
      list.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown));
      if (shown && i >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${i}`);
      else input.removeAttribute("aria-activedescendant");
    };
    const choose = (i) => {
      if (!offers[i]) return;
      input.value = x.name(offers[i].id);
      point(-1, false);
      take(offers[i].id);
    };
    const offer = () => {
      offers = x.matches(input.value);
      const wanted = Boolean(input.value.trim());
      list.replaceChildren(...offers.map((e, i) => el("li", { id: `${list.id}-${i}`, role: "option", "aria-selected": "false", on: { mousedown: (event) => { event.preventDefault(); choose(i); } } },
        x.icon(x.nodes[e.id].type), el("span", { class: "name" }, x.name(e.id)), e.alias ? el("span", { class: "alias" }, e.text) : null, el("span", { class: "note" }, x.className(x.nodes[e.id].type)))));
      if (wanted && !offers.length) list.append(el("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, x.t("none")));
      if (wanted) x.say(offers.length ? x.t("results", { n: offers.length }) : x.t("none"));
      point(offers.length ? 0 : -1, wanted);
    };
    input.addEventListener("input", offer);
    input.addEventListener("focus", () => { if (input.value) input.select(); });
    input.addEventListener("blur", () => point(-1, false));
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) offer();
        else if (offers.length) point((active + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length, true);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (list.hidden) offer();
        choose(Math.max(active, 0));
      } else if (event.key === "Escape") {
        event.stopPropagation();
        input.value = "";
        point(-1, false);
      }
    });
  };
})(explorer);
