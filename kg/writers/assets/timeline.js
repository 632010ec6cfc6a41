"use strict";
/* When it was told, or when it happened: a histogram, a slice of which one takes by dragging, or with the two sliders under it. */
((x) => {
  const { el, svg, t, byId } = x;
  const STEPS = [["day", 62], ["month", 72], ["quarter", 72], ["year", 80], ["decade", Infinity]];
  const day = (iso) => Date.UTC(+iso.slice(0, 4), (+iso.slice(5, 7) || 1) - 1, +iso.slice(8, 10) || 1) / 864e5;
  const pad = (n) => String(n).padStart(2, "0");
  /* the bin a date falls in: the start of its period, written as far as it goes (2014, 2014-05, 2014-05-18) */
  function binOf(iso, step) {
    const [y, m] = [+iso.slice(0, 4), +iso.slice(5, 7) || 1];
    if (step === "decade") return `${String(y).slice(0, 3)}0`;
    if (step === "year") return iso.slice(0, 4);
    if (step === "quarter") return `${iso.slice(0, 4)}-${pad(Math.floor((m - 1) / 3) * 3 + 1)}`;
    if (step === "month") return `${iso.slice(0, 4)}-${pad(m)}`;
    return `${iso.slice(0, 4)}-${pad(m)}-${pad(+iso.slice(8, 10) || 1)}`;
  }
  function next(bin, step) {
    const [y, m, d] = bin.split("-").map(Number);
    if (step === "decade") return String(y + 10);
    if (step === "year") return String(y + 1).padStart(4, "0");
    if (step === "day") return new Date(Date.UTC(y, m - 1, d + 1)).toISOString().slice(0, 10);
    const after = m + (step === "quarter" ? 3 : 1);
    return after > 12 ? `${y + 1}-${pad(after - 12)}` : `${y}-${pad(after)}`;
  }
  const lastOf = (bin, step) => (step === "decade" ? String(+bin + 9) : step === "quarter" ? `${bin.slice(0, 4)}-${pad(+bin.slice(5, 7) + 2)}` : bin);
  x.bins = () => {
    const dates = x.everything.map((c) => x.when(c, x.state.by)).filter((d) => /^\d{4}/.test(d));
    if (!dates.length) return null;
    const [first, last] = dates.reduce(([a, b], d) => [d < a ? d : a, d > b ? d : b], [dates[0], dates[0]]);
    const fine = { day: dates.every((d) => d.length > 7), month: dates.filter((d) => d.length > 4).length > dates.length / 2 };
    const span = day(last) - day(first) + 1;
    const wide = { day: 1, month: 30.4, quarter: 91.3, year: 365.25, decade: 3652.5 };
    const [step] = STEPS.find(([name, most]) => (name === "day" ? fine.day : name === "month" || name === "quarter" ? fine.month : true) && span / wide[name] <= most);
    const list = [];
    for (let bin = binOf(first, step), end = binOf(last, step); bin <= end && list.length < 400; bin = next(bin, step)) list.push(bin);
    return { step, list, dated: dates.length };
  };
  const label = (bin, step) => (step === "decade" ? `${bin}–${String(+bin + 9).slice(2)}` : x.showDate(bin));
  x.sliceText = () => {
    const { from, to } = x.state;
    return from && to && from.slice(0, to.length) === to ? x.showDate(to) : `${from ? x.showDate(from) : "…"} – ${to ? x.showDate(to) : "…"}`;
  };
  x.drawTimeline = () => {
    const box = byId("timeline");
    const bins = x.bins();
    const both = ["told", "event"].filter((by) => x.everything.some((c) => x.when(c, by)));
    box.hidden = !both.length;
    if (!both.length) return;
    const { state } = x;
    const held = document.activeElement && box.contains(document.activeElement) ? document.activeElement.id : "";
    const pick = el("select", { id: "by", "aria-label": t("timeline"), on: { change: () => { Object.assign(state, { by: pick.value, from: "", to: "" }); x.change(); } } }, both.map((by) => el("option", { value: by }, t(`by_${by}`))));
    pick.value = state.by;
    if (!bins) { box.replaceChildren(el("div", { class: "head" }, pick)); return; }
    const { list, step } = bins;
    const all = new Array(list.length).fill(0);
    const lit = new Array(list.length).fill(0);
    const at = new Map(list.map((b, i) => [b, i]));
    for (const c of x.everything) {
      const when = x.when(c, state.by);
      if (!/^\d{4}/.test(when)) continue;
      const i = at.get(binOf(when, step));
      all[i]++;
      if (x.passes(c, true)) lit[i]++;
    }
    const highest = Math.max(1, ...all);
    const first = state.from ? Math.max(0, list.findIndex((b) => lastOf(b, step) >= state.from.slice(0, b.length))) : 0;
    const end = list.findLastIndex((b) => !state.to || b <= state.to);
    const last = end < 0 ? list.length - 1 : end;
    const set = (a, z) => {
      const [low, high] = [Math.max(0, Math.min(a, z)), Math.min(list.length - 1, Math.max(a, z))];
      const whole = low === 0 && high === list.length - 1;
      Object.assign(state, { from: whole ? "" : list[low], to: whole ? "" : lastOf(list[high], step) });
      x.change();
    };
    const [W, H] = [1000, 46];
    const w = W / list.length;
    const bars = list.map((b, i) => {
      const [tall, full] = [(all[i] / highest) * H, (lit[i] / highest) * H];
      const inside = first <= i && i <= last;
      return svg("g", {}, svg("title", {}, `${label(b, step)} : ${t("claimsN", { n: all[i] })}`), svg("rect", { x: i * w, y: 0, width: w, height: H, fill: "transparent" }),
        svg("rect", { class: "all", x: i * w + w * 0.08, y: H - tall, width: w * 0.84, height: tall }), svg("rect", { class: inside ? "in" : "out", x: i * w + w * 0.08, y: H - full, width: w * 0.84, height: full }));
    });
    const chart = svg("svg", { id: "bars", viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": t("timelineTold", { n: bins.dated, from: label(list[0], step), to: label(list.at(-1), step) }) }, ...bars);
    const binAt = (event) => { const r = chart.getBoundingClientRect(); return Math.max(0, Math.min(list.length - 1, Math.floor(((event.clientX - r.left) / r.width) * list.length))); };
    chart.addEventListener("pointerdown", (event) => {
      const start = binAt(event);
      let now = start;
      const mark = () => bars.forEach((g, i) => g.lastChild.setAttribute("class", Math.min(start, now) <= i && i <= Math.max(start, now) ? "in" : "out"));
      mark();
      const move = (e) => { now = binAt(e); mark(); };
      const stop = () => { window.removeEventListener("pointermove", move); set(start, now); };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", stop, { once: true });
    });
    const slider = (id, value, run) => el("input", { id, type: "range", min: 0, max: list.length - 1, step: 1, value, "aria-label": t(id), "aria-valuetext": label(list[value], step), on: { change: (event) => run(+event.target.value) } });
    box.replaceChildren(
      el("div", { class: "head" }, pick, el("span", { class: "slice" }, state.from || state.to ? x.sliceText() : `${label(list[0], step)} – ${label(list.at(-1), step)}`),
        x.everything.length - bins.dated ? el("span", { class: "quiet" }, t("undatedN", { n: x.everything.length - bins.dated })) : null,
        state.from || state.to ? x.button(t("wholePeriod"), () => set(0, list.length - 1), { id: "whole" }) : null),
      chart, el("div", { class: "sliders" }, slider("since", first, (i) => set(i, Math.max(i, last))), slider("until", last, (i) => set(Math.min(first, i), i))));
    const again = held && byId(held);
    if (again) again.focus();
  };
})(explorer);
