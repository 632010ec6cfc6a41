"use strict";
/* What every part of the page uses: its data, its words, dates and amounts in the reader's language, and elements made of text.
   Each module adds its functions to « explorer » and finds the others there. Whatever comes from a brief is put into the page
   with textContent or fillText: never as markup. */
const explorer = {};
((x) => {
  const json = (id) => JSON.parse(document.getElementById(id).textContent);
  const { kg, options, nodes: firstNodes } = json("data");
  const words = json("words");
  x.kg = kg;
  x.options = JSON.parse(options);
  x.firstNodes = firstNodes;
  x.languages = Object.keys(words);
  x.lang = x.languages[0];
  x.byId = (id) => document.getElementById(id);
  x.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* words: « {n} » is put in; one of several forms is chosen by the number n */
  x.t = (key, values = {}) => {
    const found = words[x.lang][key];
    if (found === undefined) throw new Error(`no words for ${key}`);
    const text = typeof found === "string" ? found : found[new Intl.PluralRules(x.lang).select(values.n)] || found.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? x.number(values[name]) : values[name]));
  };
  const locale = () => (x.lang === "en" ? "en-GB" : x.lang);
  const typographic = (text) => (x.lang === "fr" ? text.replace(/'/g, "’") : text);
  const told = (labels) => typographic(labels[x.lang] || labels.fr);
  x.term = (relation) => told(x.kg.terms[relation]);
  x.className = (type) => told(x.kg.classes[type]);
  x.familyName = (family) => told(x.kg.families[family]);
  x.compare = (a, b) => a.localeCompare(b, x.lang);
  x.fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'");
  x.capital = (s) => s.charAt(0).toLocaleUpperCase(x.lang) + s.slice(1);
  x.number = (n, how) => new Intl.NumberFormat(locale(), how).format(n);

  x.showDate = (iso) => {
    const m = /^(-?\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso);
    if (!m || !m[2]) return iso;
    const how = { timeZone: "UTC", year: "numeric", month: "long" };
    if (m[3]) how.day = "numeric";
    return new Intl.DateTimeFormat(locale(), how).format(new Date(Date.UTC(+m[1], m[2] - 1, m[3] || 1))).replace(/^1 /, x.lang === "fr" ? "1er " : "1 ");
  };
  x.showMoney = (value) => {
    const m = /^(-?[\d.]+) ([A-Z]{3})$/.exec(value);
    if (!m) return value;
    return x.number(+m[1], { style: "currency", currency: m[2], currencyDisplay: "narrowSymbol", notation: "compact", maximumFractionDigits: 2, minimumFractionDigits: 0 });
  };
  x.showPercent = (share) => x.number(share, { style: "percent" });
  x.showQualifier = (key, value) => {
    if (key === "amount") return x.showMoney(value);
    if (key === "date") return x.showDate(value);
    if (key === "share") return /^[\d.]+( ?%)?$/.test(value) ? x.number(parseFloat(value) / 100, { style: "percent", maximumFractionDigits: 2 }) : value;
    return value;
  };
  x.showValue = (v) => {
    const kind = kg.terms[v.relation].kind;
    const text = kind === "money" ? x.showMoney(v.value) : kind === "date" ? x.showDate(v.value) : kind === "integer" && /^-?\d+$/.test(v.value) ? x.number(+v.value) : v.value;
    return v.qualifiers.bound ? `${x.t(v.qualifiers.bound)} ${text}` : text;
  };

  /* elements: attributes by name, « on » for events; children are text unless they are elements themselves */
  x.el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    return made;
  };
  x.svg = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  x.button = (label, run, attributes = {}) => x.el("button", { type: "button", on: { click: run }, ...attributes }, label);
  x.say = (text) => { x.byId("said").textContent = text; };
  x.tally = (list, key) => list.reduce((sum, item) => { for (const k of [key(item)].flat()) sum.set(k, (sum.get(k) || 0) + 1); return sum; }, new Map());
})(explorer);
