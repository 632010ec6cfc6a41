"use strict";
/* The page around the network: legend and filters, search, panel, table, and the labels on the canvas.
   vis-network draws nodes and arrows; labels are ours, because they must give way to one another (see placeLabels).
   Whatever comes from a brief is put into the page with textContent or fillText: never as markup. */
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const kg = page.kg;
  const STATUS = {
    asserted: { colour: "#8391a3", text: "#56637a", dashes: false, width: 1.5 },
    planned: { colour: "#2f7db5", text: "#1f6596", dashes: [9, 6], width: 1.8 },
    rumoured: { colour: "#9a7417", text: "#7f5f10", dashes: [2, 5], width: 2.4 },
    denied: { colour: "#c4372c", text: "#b02a20", dashes: false, width: 1.6 },
  };
  const STATUSES = Object.keys(STATUS);
  const TINTS = ["#f0f4f8", "#f7f2e9", "#eef5ef", "#f8f0f2", "#f1f0f8", "#f4f5e9", "#eaf4f5", "#f6f1ee"];
  const WORDS = {
    fr: {
      skip: "Aller au détail", search: "Chercher", searchHint: "Chercher un nom…", found: "Propositions", none: "Rien de ce nom",
      view: "Affichage", graph: "Graphe", table: "Liste", language: "Langue", legend: "Légende et filtres", zoom: "Zoom", closer: "Agrandir", farther: "Réduire",
      fit: "Voir tout le graphe", fitShort: "Tout", panel: "Détail", nothing: "Aucune entité ne passe ces filtres.",
      canvas: "Graphe des entités. Flèches du clavier pour se déplacer, plus et moins pour zoomer ; la liste dit la même chose en texte.",
      entities: "Entités", statuses: "Statut", relations: "Relations", every: "tout", no: "rien", lone: "sans lien", loneCaption: "Entités sans lien",
      asserted: "affirmé", planned: "prévu", rumoured: "rumeur", denied: "démenti", other: "autre", back: "Retour", close: "Fermer",
      intro: "Chaque point est une entité nommée dans une brève, chaque flèche une relation qu’une brève énonce. Cliquez sur l’un ou l’autre pour lire la phrase qui le dit.",
      most: "Les plus reliées", recent: "Dernières affirmations", aliases: "Aussi appelé", values: "Repères", links: "Ailleurs", claims: "Relations", noclaims: "Aucune relation dans les brèves lues.",
      amount: "Montant", date: "Date", role: "Fonction", share: "Part", confidence: "Confiance", status: "Statut", evidence: "Ce qui a été lu", rule: "Règle", subject: "Sujet", relation: "Relation",
      object: "Objet", source: "Source", undated: "sans date", atLeast: "au moins", atMost: "au plus", about: "environ", brief: "Brève", zoomed: "Centrer", notkept: "Phrase non conservée dans ce fichier.",
      counts: (n, b, c) => `${number(n)} entité${n > 1 ? "s" : ""} et ${number(c)} affirmation${c > 1 ? "s" : ""} lues dans ${number(b)} brève${b > 1 ? "s" : ""}`,
      from: (a, b) => (a === b ? `du ${a}` : `du ${a} au ${b}`), links_: (n) => `${n} lien${n > 1 ? "s" : ""}`, times: (n) => `${n} mention${n > 1 ? "s" : ""}`,
      cut: (l, e, c) => `Seules les ${l} entités les plus reliées sont dessinées : ${e} autres et ${c} affirmations ne figurent pas dans cette page.`,
      results: (n) => `${n} proposition${n > 1 ? "s" : ""}`, rows: (n) => `${n} affirmation${n > 1 ? "s" : ""}`,
    },
    en: {
      skip: "Skip to details", search: "Search", searchHint: "Find a name…", found: "Suggestions", none: "Nothing by that name",
      view: "View", graph: "Graph", table: "List", language: "Language", legend: "Legend and filters", zoom: "Zoom", closer: "Zoom in", farther: "Zoom out",
      fit: "Show the whole graph", fitShort: "All", panel: "Details", nothing: "No entity passes these filters.",
      canvas: "Graph of entities. Arrow keys move, plus and minus zoom; the list says the same as text.",
      entities: "Entities", statuses: "Status", relations: "Relations", every: "all", no: "none", lone: "without links", loneCaption: "Entities without links",
      asserted: "asserted", planned: "planned", rumoured: "rumoured", denied: "denied", other: "other", back: "Back", close: "Close",
      intro: "Each point is an entity named in a brief, each arrow a relation a brief states. Click either to read the sentence that says so.",
      most: "Most connected", recent: "Latest claims", aliases: "Also known as", values: "Key facts", links: "Elsewhere", claims: "Relations", noclaims: "No relation in the briefs read.",
      amount: "Amount", date: "Date", role: "Position", share: "Share", confidence: "Confidence", status: "Status", evidence: "What was read", rule: "Rule", subject: "Subject", relation: "Relation",
      object: "Object", source: "Source", undated: "undated", atLeast: "at least", atMost: "at most", about: "about", brief: "Brief", zoomed: "Centre", notkept: "Sentence not kept in this file.",
      counts: (n, b, c) => `${number(n)} ${n === 1 ? "entity" : "entities"} and ${number(c)} claim${c === 1 ? "" : "s"} read in ${number(b)} brief${b === 1 ? "" : "s"}`,
      from: (a, b) => (a === b ? `of ${a}` : `from ${a} to ${b}`), links_: (n) => `${n} link${n === 1 ? "" : "s"}`, times: (n) => `${n} mention${n === 1 ? "" : "s"}`,
      cut: (l, e, c) => `Only the ${l} most connected entities are drawn: ${e} others and ${c} claims are not in this page.`,
      results: (n) => `${n} suggestion${n === 1 ? "" : "s"}`, rows: (n) => `${n} claim${n === 1 ? "" : "s"}`,
    },
  };
  let lang = "fr";
  const locale = () => (lang === "en" ? "en-GB" : lang);
  const t = (key) => WORDS[lang][key];
  const byId = (id) => document.getElementById(id);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* --- the data, joined --- */
  const nodes = page.nodes.map((n) => ({ ...n, ...kg.entities[n.id], out: [], in: [] }));
  const claims = page.edges.map((e, i) => ({ ...e, ...kg.claims[i], number: i }));
  for (const c of claims) {
    nodes[c.from].out.push(c);
    if (c.to !== c.from) nodes[c.to].in.push(c);
  }
  const values = nodes.flatMap((n) => n.values.map((v) => ({ ...v, from: n.id, relation: v.attribute, isValue: true })));
  const isSymmetric = (c) => Boolean(kg.terms[c.relation].symmetric);
  const neighbours = (n) => new Set([...n.out.map((c) => c.to), ...n.in.map((c) => c.from)]);
  const name = (id) => nodes[id].label;
  const term = (relation) => (lang === "fr" ? kg.terms[relation].fr.replace(/'/g, "’") : kg.terms[relation][lang]);
  const className = (type) => kg.classes[type][lang];
  const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'");
  const capital = (s) => s.charAt(0).toLocaleUpperCase(lang) + s.slice(1);
  const number = (n, options) => new Intl.NumberFormat(locale(), options).format(n);

  function showDate(iso) {
    const m = /^(-?\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso);
    if (!m || !m[2]) return iso;
    const options = { timeZone: "UTC", year: "numeric", month: "long" };
    if (m[3]) options.day = "numeric";
    return new Intl.DateTimeFormat(locale(), options).format(new Date(Date.UTC(+m[1], m[2] - 1, m[3] || 1))).replace(/^1 /, lang === "fr" ? "1er " : "1 ");
  }
  function showMoney(value) {
    const m = /^(-?[\d.]+) ([A-Z]{3})$/.exec(value);
    if (!m) return value;
    return number(+m[1], { style: "currency", currency: m[2], currencyDisplay: "narrowSymbol", notation: "compact", maximumFractionDigits: 2, minimumFractionDigits: 0 });
  }
  const showPercent = (confidence) => number(confidence, { style: "percent" });
  function showQualifier(key, value) {
    if (key === "amount") return showMoney(value);
    if (key === "date") return showDate(value);
    if (key === "share") return /^[\d.]+( ?%)?$/.test(value) ? showPercent(parseFloat(value) / 100) : value;
    return value;
  }
  function showValue(v) {
    const kind = kg.terms[v.attribute].kind;
    const text = kind === "money" ? showMoney(v.value) : kind === "date" ? showDate(v.value) : kind === "integer" && /^-?\d+$/.test(v.value) ? number(+v.value) : v.value;
    return v.qualifiers.bound ? `${t(v.qualifiers.bound)} ${text}` : text;
  }

  /* --- small helpers for the page --- */
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    return made;
  }
  function svg(tag, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  const SHAPES = {
    dot: () => svg("circle", { cx: 9, cy: 9, r: 6.2 }),
    circle: () => SHAPES.dot(),
    square: () => svg("rect", { x: 3.2, y: 3.2, width: 11.6, height: 11.6 }),
    box: () => svg("rect", { x: 1, y: 4.2, width: 16, height: 9.6, rx: 2.6 }),
    ellipse: () => svg("ellipse", { cx: 9, cy: 9, rx: 8.2, ry: 5 }),
    diamond: () => svg("polygon", { points: "9,1.5 16.5,9 9,16.5 1.5,9" }),
    triangle: () => svg("polygon", { points: "9,2 16.6,15 1.4,15" }),
    triangleDown: () => svg("polygon", { points: "9,16 1.4,3 16.6,3" }),
    hexagon: () => svg("polygon", { points: "5,2.2 13,2.2 17,9 13,15.8 5,15.8 1,9" }),
    star: () => svg("polygon", { points: "9,1 11.2,6.4 17,6.8 12.5,10.5 14,16.2 9,13 4,16.2 5.5,10.5 1,6.8 6.8,6.4" }),
  };
  function icon(type) {
    const look = kg.classes[type];
    const shape = (SHAPES[look.shape] || SHAPES.dot)();
    shape.setAttribute("fill", look.colour);
    shape.setAttribute("stroke", darker(look.colour));
    return svg("svg", { class: "icon", viewBox: "0 0 18 18", width: 16, height: 16, "aria-hidden": "true" }, shape);
  }
  function line(status) {
    const s = STATUS[status];
    const drawn = svg("line", { x1: 0, y1: 6, x2: 30, y2: 6, stroke: s.colour, "stroke-width": s.width + 0.4, "stroke-dasharray": s.dashes ? s.dashes.join(" ").replace("9 6", "7 4").replace("2 5", "2 4") : "none" });
    const parts = [drawn];
    if (status === "denied") parts.push(svg("path", { d: "M11 2l8 8M19 2l-8 8", stroke: s.colour, "stroke-width": 2, fill: "none" }));
    else parts.push(svg("polygon", { points: "36,6 28,2.4 28,9.6", fill: s.colour }));
    return svg("svg", { class: "icon line", viewBox: "0 0 36 12", width: 34, height: 12, "aria-hidden": "true" }, ...parts);
  }
  function darker(colour) {
    const m = /^#(..)(..)(..)$/.exec(colour);
    return m ? `#${m.slice(1).map((h) => Math.round(parseInt(h, 16) * 0.72).toString(16).padStart(2, "0")).join("")}` : colour;
  }
  const badge = (status) => el("span", { class: `badge ${status}` }, t(status));
  const say = (text) => { byId("said").textContent = text; };

  /* --- filters --- */
  const off = { classes: new Set(), statuses: new Set(), relations: new Set() };
  let lone = true;
  let visible = { nodes: new Set(), claims: new Set() };
  const passes = (c) => !off.statuses.has(c.status) && !off.relations.has(c.relation);
  function sift() {
    const narrowed = off.statuses.size > 0 || off.relations.size > 0;
    const on = (id) => !off.classes.has(nodes[id].type);
    visible = { nodes: new Set(), claims: new Set() };
    for (const c of claims) if (passes(c) && on(c.from) && on(c.to)) visible.claims.add(c.id);
    for (const n of nodes) {
      const all = [...n.out, ...n.in];
      if (!on(n.id) || (all.length === 0 && (!lone || narrowed))) continue;
      if (narrowed && all.length > 0 && !all.some((c) => visible.claims.has(c.id))) continue;
      visible.nodes.add(n.id);
    }
  }

  /* --- the network --- */
  const dimmed = { nodes: new Set(), claims: new Set() };
  const BOXY = { box: [2.3, 1.45], ellipse: [2.4, 1.5] };
  function renderer(shape) {
    return ({ ctx, x, y, state, style }) => {
      const [w, h] = BOXY[shape].map((k) => k * style.size * 0.8);
      return {
        drawNode() {
          ctx.save();
          ctx.beginPath();
          if (shape === "ellipse") ctx.ellipse(x, y, w / 2, h / 2, 0, 0, 2 * Math.PI);
          else ctx.roundRect(x - w / 2, y - h / 2, w, h, Math.min(5, h / 3));
          ctx.fillStyle = style.color;
          ctx.fill();
          ctx.lineWidth = state.selected ? 3 : 1.5;
          ctx.strokeStyle = style.borderColor;
          ctx.stroke();
          ctx.restore();
        },
        nodeDimensions: { width: w, height: h },
      };
    };
  }
  function drawnNode(n) {
    const look = { id: n.id, x: n.x, y: n.y, size: n.size, hidden: !visible.nodes.has(n.id), opacity: dimmed.nodes.has(n.id) ? 0.16 : 1 };
    const edge = darker(n.color);
    look.color = { background: n.color, border: edge, highlight: { background: n.color, border: "#16202e" }, hover: { background: n.color, border: "#16202e" } };
    look.shape = n.shape === "circle" || !SHAPES[n.shape] ? "dot" : n.shape;
    if (BOXY[n.shape]) {
      look.shape = "custom";
      look.ctxRenderer = renderer(n.shape);
    }
    return look;
  }
  /* in a crowd, links that leave a community step back: those within it tell more */
  const strength = (c) => (visible.claims.size < 220 ? 1 : nodes[c.from].community === nodes[c.to].community ? 0.8 : 0.2);
  function drawnClaim(c) {
    const s = STATUS[c.status];
    const strong = chosen && chosen.claim === c;
    return {
      id: c.id, from: c.from, to: c.to, arrows: c.arrows, smooth: c.smooth, dashes: s.dashes, width: strong ? s.width + 1.6 : s.width,
      color: { color: s.colour, highlight: s.colour, hover: s.text, opacity: dimmed.claims.has(c.id) ? 0.1 : chosen ? 1 : strength(c) }, hidden: !visible.claims.has(c.id),
    };
  }
  let chosen = null;
  sift();
  const nodeSet = new vis.DataSet(nodes.map(drawnNode));
  const claimSet = new vis.DataSet(claims.map(drawnClaim));
  const options = JSON.parse(page.options);
  options.interaction.keyboard = { enabled: true, bindToWindow: false };
  const network = new vis.Network(byId("network"), { nodes: nodeSet, edges: claimSet }, options);

  /* --- labels: ours, so that they never pile up --- */
  const FACE = '"Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", system-ui, sans-serif';
  const ruler = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  function width(text, weight, size) {
    const key = weight + text;
    if (!widths.has(key)) {
      ruler.font = `${weight} 100px ${FACE}`;
      widths.set(key, ruler.measureText(text).width / 100);
    }
    return widths.get(key) * size;
  }
  function wrap(label) {
    const short = label.length > 40 ? `${label.slice(0, 38).trimEnd()}…` : label;
    if (short.length <= 16) return [short];
    let best = null;
    for (const m of short.matchAll(/[\s\-/]+/g)) {
      const at = m.index + m[0].trimEnd().length;
      const longest = Math.max(at, short.length - at);
      if (at > 1 && (best === null || longest < best[1])) best = [at, longest];
    }
    return best ? [short.slice(0, best[0]).trim(), short.slice(best[0]).trim()] : [short];
  }
  const lines = nodes.map((n) => wrap(n.label));
  class Taken {
    constructor() { this.cells = new Map(); }
    * near(b) {
      for (let x = Math.floor(b[0] / 60); x <= Math.floor(b[2] / 60); x++)
        for (let y = Math.floor(b[1] / 60); y <= Math.floor(b[3] / 60); y++) yield `${x},${y}`;
    }
    add(b, owner) {
      for (const key of this.near(b)) {
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push([b, owner]);
      }
    }
    free(b, ignored) {
      for (const key of this.near(b))
        for (const [o, whose] of this.cells.get(key) || [])
          if (!(ignored && ignored(whose)) && b[0] < o[2] && o[0] < b[2] && b[1] < o[3] && o[1] < b[3]) return false;
      return true;
    }
  }
  const around = (n) => [...n.out, ...n.in].filter((c) => visible.claims.has(c.id)).map((c) => (c.from === n.id ? c.to : c.from)).slice(0, 40);
  function crosses(x, y, [ex, ey], b) {
    const far = Math.hypot(ex - x, ey - y) || 1;
    for (let d = 8; d < Math.min(far, 70); d += 6) {
      const px = x + ((ex - x) * d) / far;
      const py = y + ((ey - y) * d) / far;
      if (b[0] < px && px < b[2] && b[1] < py && py < b[3]) return true;
    }
    return false;
  }
  let version = 0;
  let hovered = null;
  let labels = { key: "", nodes: [], claims: [], marks: [] };
  function placeLabels(scale) {
    const key = `${scale.toFixed(4)} ${version} ${lang}`;
    if (labels.key === key) return labels;
    const taken = new Taken();
    const discs = new Taken();
    const grow = Math.min(1.45, Math.max(1, Math.sqrt(scale)));
    const body = network.body;
    const result = { key, nodes: [], claims: [], marks: [] };
    const bright = (id) => visible.nodes.has(id) && !dimmed.nodes.has(id);
    for (const id of visible.nodes) {
      const { x, y } = body.nodes[id];
      const r = nodes[id].size * scale * 0.95;
      discs.add([x * scale - r, y * scale - r, x * scale + r, y * scale + r], id);
    }
    const lively = claims.filter((c) => visible.claims.has(c.id) && !dimmed.claims.has(c.id) && body.edges[c.id].connected);
    for (const c of lively) {
      if (c.status !== "denied") continue;
      const p = body.edges[c.id].edgeType.getPoint(0.5);
      const r = Math.max(1.6, Math.min(5, 9 * scale)) * (strength(c) < 0.5 && !chosen ? 0.6 : 1);
      if (r > 3) taken.add([p.x * scale - r - 2, p.y * scale - r - 2, p.x * scale + r + 2, p.y * scale + r + 2], c.id);
      result.marks.push({ claim: c, x: p.x, y: p.y, r });
    }
    const forced = new Set([hovered, chosen && chosen.node ? chosen.node.id : null, ...(chosen && chosen.claim ? [chosen.claim.from, chosen.claim.to] : [])]);
    const order = [...forced].filter((id) => id !== null && visible.nodes.has(id));
    for (const n of nodes) if (!forced.has(n.id) && bright(n.id)) order.push(n.id);
    for (const id of order) {
      const n = nodes[id];
      const degree = n.out.length + n.in.length;
      const px = (degree >= 8 && id < 12 ? 15.5 : degree >= 4 && id < 60 ? 13.5 : 12.5) * grow;
      const weight = degree >= 4 && id < 60 ? "600" : "400";
      const text = lines[id];
      const w = Math.max(...text.map((l) => width(l, weight, px)));
      const h = px * 1.17 * text.length;
      const x = body.nodes[id].x * scale;
      const y = body.nodes[id].y * scale;
      const r = n.size * scale + 3;
      const [side, rise] = [r + w / 2 + 1, r + h / 2];
      const spots = [[0, rise], [0, -rise], [side, 0], [-side, 0], [side * 0.85, rise * 0.8], [side * 0.85, -rise * 0.8], [-side * 0.85, rise * 0.8], [-side * 0.85, -rise * 0.8]].map(([dx, dy]) => [x + dx, y + dy]);
      const air = scale < 0.4 ? 5 : 1.5;
      const box = ([cx, cy]) => [cx - w / 2 - air, cy - h / 2 - air / 2, cx + w / 2 + air, cy + h / 2 + air / 2];
      const ends = around(n).map((m) => [body.nodes[m].x * scale, body.nodes[m].y * scale]);
      const crossed = (b) => ends.filter((end) => crosses(x, y, end, b)).length;
      /* nodes are numbered by importance: seen from afar, a leading name may cover the points of lesser ones */
      const lesser = scale < 0.55 && visible.nodes.size > 150 ? (other) => other === id || other > 2 * id + 12 || (scale < 0.34 && id < 15) : (other) => other === id;
      const free = spots.filter((s) => taken.free(box(s)) && discs.free(box(s), lesser)).map((s) => [s, crossed(box(s)) + (spots.indexOf(s) > 3 ? 0.9 : 0)]).sort((a, b) => a[1] - b[1]);
      const spot = free.length ? free[0][0] : forced.has(id) ? spots[0] : null;
      if (!spot) continue;
      taken.add(box(spot), `label ${id}`);
      result.nodes.push({ id, text, weight, px, x: spot[0] / scale, y: spot[1] / scale, box: box(spot) });
    }
    const first = (c) => (chosen && chosen.claim === c ? 0 : 1);
    for (const c of lively.sort((a, b) => first(a) - first(b) || Math.min(a.from, a.to) - Math.min(b.from, b.to) || a.number - b.number)) {
      const px = (scale < 0.7 ? 10 : 11) * grow;
      const text = (c.status === "denied" ? "✕ " : "") + term(c.relation);
      const w = width(text, "400", px);
      const edge = body.edges[c.id].edgeType;
      const a = edge.getPoint(0);
      const z = edge.getPoint(1);
      const room = Math.hypot(z.x - a.x, z.y - a.y) * scale - (nodes[c.from].size + nodes[c.to].size) * scale;
      if ((room < w * 0.92 || scale < 0.34) && first(c)) continue;
      for (const at of [0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72]) {
        const p = edge.getPoint(at);
        const before = edge.getPoint(at - 0.03);
        const after = edge.getPoint(at + 0.03);
        let angle = Math.atan2(after.y - before.y, after.x - before.x);
        if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
        const steps = Math.max(1, Math.ceil(w / px));
        const squares = [];
        for (let k = 0; k <= steps; k++) {
          const d = (k / steps - 0.5) * (w - px);
          const cx = p.x * scale + d * Math.cos(angle);
          const cy = p.y * scale + d * Math.sin(angle);
          squares.push([cx - px * 0.55, cy - px * 0.55, cx + px * 0.55, cy + px * 0.55]);
        }
        if (!(at === 0.72 && !first(c)) && !squares.every((b) => taken.free(b, (whose) => whose === c.id) && discs.free(b))) continue;
        for (const b of squares) taken.add(b, c.id);
        result.claims.push({ claim: c, text, px, w, angle, x: p.x, y: p.y, boxes: squares });
        break;
      }
    }
    const named = new Set(result.claims.map((l) => l.claim));
    result.marks = result.marks.filter((m) => !named.has(m.claim)); // a struck label says it already
    labels = result;
    return labels;
  }
  function hull(points) {
    const p = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const half = (list) => {
      const out = [];
      for (const q of list) {
        while (out.length > 1 && (out.at(-1)[0] - out.at(-2)[0]) * (q[1] - out.at(-2)[1]) <= (out.at(-1)[1] - out.at(-2)[1]) * (q[0] - out.at(-2)[0])) out.pop();
        out.push(q);
      }
      return out.slice(0, -1);
    };
    return [...half(p), ...half(p.reverse())];
  }
  const groups = new Map();
  for (const n of nodes) groups.set(n.community, [...(groups.get(n.community) || []), n.id]);
  network.on("beforeDrawing", (ctx) => {
    ctx.save();
    ctx.lineJoin = "round";
    for (const [community, members] of groups) {
      const ids = members.filter((id) => visible.nodes.has(id));
      if (ids.length < 3) continue;
      const points = hull(ids.map((id) => [network.body.nodes[id].x, network.body.nodes[id].y]));
      ctx.fillStyle = ctx.strokeStyle = TINTS[community % TINTS.length];
      ctx.lineWidth = 96;
      ctx.beginPath();
      points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  });
  network.on("afterDrawing", (ctx) => {
    const scale = network.getScale();
    const { nodes: names, claims: arrows, marks } = placeLabels(scale);
    ctx.save();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    for (const mark of marks) {
      const r = mark.r / scale;
      for (const [colour, wide] of [["#fff", mark.r], [STATUS.denied.colour, 0.6 + mark.r / 3.2]]) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = wide / scale;
        ctx.beginPath();
        ctx.moveTo(mark.x - r, mark.y - r);
        ctx.lineTo(mark.x + r, mark.y + r);
        ctx.moveTo(mark.x + r, mark.y - r);
        ctx.lineTo(mark.x - r, mark.y + r);
        ctx.stroke();
      }
    }
    for (const l of arrows) {
      const s = STATUS[l.claim.status];
      ctx.save();
      ctx.translate(l.x, l.y);
      ctx.rotate(l.angle);
      ctx.font = `400 ${l.px / scale}px ${FACE}`;
      ctx.strokeStyle = "rgba(255,255,255,.94)";
      ctx.lineWidth = 4 / scale;
      ctx.strokeText(l.text, 0, 0);
      ctx.fillStyle = s.text;
      ctx.fillText(l.text, 0, 0);
      if (l.claim.status === "denied") {
        const sign = width("✕ ", "400", l.px);
        ctx.fillRect((sign - l.w / 2) / scale, -0.4 / scale, (l.w - sign) / scale, 1.1 / scale);
      }
      ctx.restore();
    }
    for (const l of names) {
      ctx.font = `${l.weight} ${l.px / scale}px ${FACE}`;
      ctx.strokeStyle = "rgba(255,255,255,.92)";
      ctx.lineWidth = 3.6 / scale;
      ctx.fillStyle = "#16202e";
      l.text.forEach((row, i) => {
        const y = l.y + ((i - (l.text.length - 1) / 2) * l.px * 1.17) / scale;
        ctx.strokeText(row, l.x, y);
        ctx.fillText(row, l.x, y);
      });
    }
    ctx.restore();
  });
  function restyle() {
    version++;
    nodeSet.update(nodes.map((n) => { const d = drawnNode(n); delete d.x; delete d.y; return d; }));
    claimSet.update(claims.map(drawnClaim));
    byId("nothing").hidden = visible.nodes.size > 0;
  }
  function fit(ids, animated, most = 1.35) {
    const all = ids || [...visible.nodes];
    const linked = all.filter((id) => nodes[id].out.length + nodes[id].in.length > 0);
    const used = linked.length > 0 && all.length > 150 ? linked : all; // in a crowd, those without a link may wait below
    if (used.length === 0) return;
    const box = byId("network").getBoundingClientRect();
    const span = (axis, pad) => {
      const at = used.map((id) => network.body.nodes[id][axis]);
      return [Math.min(...at) - pad, Math.max(...at) + pad];
    };
    let [left, right] = span("x", 0);
    let [top, bottom] = span("y", 0);
    let scale = Math.min(most, Math.max(40, box.width - 110) / Math.max(1, right - left), Math.max(40, box.height - 84) / Math.max(1, bottom - top));
    if (!ids) for (let turn = 0; turn < 12; turn++) { // labels need room as well, and how much depends on the scale
      const known = new Set(used);
      const boxes = placeLabels(scale).nodes.filter((l) => known.has(l.id)).map((l) => l.box);
      [left, right] = span("x", 24 / scale);
      [top, bottom] = span("y", 24 / scale);
      for (const b of boxes) {
        left = Math.min(left, b[0] / scale);
        right = Math.max(right, b[2] / scale);
        top = Math.min(top, b[1] / scale);
        bottom = Math.max(bottom, b[3] / scale);
      }
      const fits = Math.min((box.width - 24) / ((right - left) * scale), (box.height - 24) / ((bottom - top) * scale));
      if (fits >= 1 && (fits < 1.04 || scale === most)) break;
      scale = Math.min(most, scale * (fits < 1 ? fits : Math.sqrt(fits)));
    }
    const animation = animated && !calm ? { duration: 350, easingFunction: "easeInOutQuad" } : false;
    network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 + (ids ? 8 / scale : 0) }, scale, animation });
  }
  function dim() {
    dimmed.nodes.clear();
    dimmed.claims.clear();
    if (!chosen || (!chosen.node && !chosen.claim)) return;
    const near = chosen.node ? neighbours(chosen.node).add(chosen.node.id) : new Set([chosen.claim.from, chosen.claim.to]);
    for (const n of nodes) if (!near.has(n.id)) dimmed.nodes.add(n.id);
    for (const c of claims) if (chosen.node ? c.from !== chosen.node.id && c.to !== chosen.node.id : c !== chosen.claim) dimmed.claims.add(c.id);
  }

  /* --- the panel --- */
  const panel = byId("panel");
  const trail = [];
  const entityButton = (id) => el("button", { type: "button", class: "entity", on: { click: () => open({ node: nodes[id] }, { move: true }) } }, name(id));
  function marked(q) {
    if (!q.sentence) return el("blockquote", { class: "missing" }, t("notkept"));
    const cuts = new Set([0, q.sentence.length]);
    for (const [a, b] of Object.values(q.words)) { cuts.add(a); cuts.add(b); }
    const at = [...cuts].sort((a, b) => a - b);
    const out = el("blockquote", {});
    for (let i = 0; i + 1 < at.length; i++) {
      const text = q.sentence.slice(at[i], at[i + 1]);
      const roles = ["trigger", "subject", "object"].filter((r) => q.words[r] && q.words[r][0] <= at[i] && at[i + 1] <= q.words[r][1]);
      out.append(roles.length ? el("mark", { class: roles[0] }, text) : text);
    }
    return out;
  }
  function explained(c, q) {
    const told = kg.terms[c.relation].because;
    if (!told || lang !== "fr" || !q.words.trigger) return null;
    const words = { trigger: q.sentence.slice(...q.words.trigger), subject: name(c.from), object: c.isValue ? c.value : name(c.to), value: c.isValue ? showValue(c) : "" };
    return el("p", { class: "because" }, told.replace(/\{(trigger|subject|object|value)\}/g, (_, key) => words[key]));
  }
  function sourceOf(q) {
    const b = q.brief === null || q.brief === undefined ? null : kg.briefs[q.brief];
    if (!b) return null;
    const title = b.title || `${t("brief")} ${b.key}`;
    return el("span", { class: "from" }, b.link ? el("a", { href: b.source, rel: "noopener noreferrer", target: "_blank" }, title) : title,
      b.source && !b.link ? `, ${b.source}` : "", ` · ${b.date ? showDate(b.date) : t("undated")}`);
  }
  function quote(c, q) {
    const said = Object.entries(q.qualifiers).filter(([key]) => key !== "bound");
    return el("figure", {}, marked(q),
      el("figcaption", {}, sourceOf(q),
        el("div", { class: "how" }, badge(q.status), el("span", {}, `${t("confidence")} ${showPercent(q.confidence)}`), ...said.map(([key, value]) => el("span", {}, `${t(key)} : ${showQualifier(key, value)}`))),
        explained(c, q), q.rule ? el("p", { class: "rule" }, `${t("rule")} `, el("code", {}, q.rule)) : null));
  }
  const facts = (rows) => (rows.length ? el("dl", { class: "facts" }, rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])) : null);
  const qualified = (c) => Object.entries(c.qualifiers).filter(([key]) => key !== "bound").map(([key, value]) => showQualifier(key, value)).join(" · ");
  function claimRow(c, from) {
    const other = from === undefined ? null : c.from === from ? c.to : c.from;
    const text = other === null ? [name(c.from), " ", el("i", {}, term(c.relation)), " ", name(c.to)] : [icon(nodes[other].type), name(other)];
    return el("li", {}, el("button", { type: "button", class: "claim", on: { click: () => open({ claim: c }, { move: true }) } }, el("span", { class: "what" }, text),
      el("span", { class: "note" }, qualified(c), c.status === "asserted" ? null : badge(c.status))));
  }
  function introPanel() {
    const top = nodes.filter((n) => n.out.length + n.in.length > 0).slice(0, 8);
    const dated = (c) => Math.max(-1, ...c.evidence.map((q) => (q.brief === null || !kg.briefs[q.brief].date ? -1 : q.brief)));
    const recent = [...claims].sort((a, b) => dated(b) - dated(a) || b.confidence - a.confidence || a.number - b.number).slice(0, 6);
    return [
      el("p", { class: "intro" }, t("intro")),
      top.length ? el("section", {}, el("h3", {}, t("most")), el("ol", { class: "rows" }, top.map((n) => el("li", {},
        el("button", { type: "button", class: "claim", on: { click: () => open({ node: n }, { move: true }) } }, el("span", { class: "what" }, icon(n.type), n.label), el("span", { class: "note" }, t("links_")(neighbours(n).size))))))) : null,
      recent.length ? el("section", {}, el("h3", {}, t("recent")), el("ul", { class: "rows" }, recent.map((c) => claimRow(c)))) : null,
    ];
  }
  function nodePanel(n) {
    const kinds = new Map();
    for (const c of [...n.out, ...n.in]) {
      const key = `${c.relation} ${isSymmetric(c) ? "" : c.from === n.id ? "out" : "in"}`;
      kinds.set(key, [...(kinds.get(key) || []), c]);
    }
    const groups = [...kinds.values()].sort((a, b) => b.length - a.length || term(a[0].relation).localeCompare(term(b[0].relation), lang));
    return [
      el("p", { class: "kicker" }, icon(n.type), capital(className(n.type))),
      el("h2", { tabindex: "-1" }, n.label),
      n.aliases.length ? el("p", { class: "aliases" }, `${t("aliases")} `, n.aliases.map((a, i) => [i ? ", " : "", el("b", {}, a)]).flat()) : null,
      n.values.length ? el("section", {}, el("h3", {}, t("values")), n.values.map((v) => el("details", { class: "value" },
        el("summary", {}, el("span", { class: "key" }, capital(term(v.attribute))), el("span", { class: "val" }, showValue(v)), v.status === "asserted" ? null : badge(v.status)),
        v.evidence.map((q) => quote({ ...v, from: n.id, relation: v.attribute, isValue: true }, q))))) : null,
      n.out.length + n.in.length ? el("section", {}, groups.map((g) => {
        const direction = isSymmetric(g[0]) ? "↔" : g[0].from === n.id ? "→" : "←";
        const heading = g[0].from === n.id || isSymmetric(g[0]) ? [`${n.label} `, el("i", {}, term(g[0].relation)), ` ${direction}`] : [`${direction} `, el("i", {}, term(g[0].relation)), ` ${n.label}`];
        return el("div", { class: "kind" }, el("h3", { title: (kg.terms[g[0].relation].comment || {})[lang] }, heading), el("ul", { class: "rows" }, g.map((c) => claimRow(c, n.id))));
      })) : el("p", { class: "quiet" }, t("noclaims")),
      n.links.length ? el("section", {}, el("h3", {}, t("links")), el("ul", { class: "links" }, n.links.map((l) => el("li", {}, el("a", { href: l, rel: "noopener noreferrer", target: "_blank" }, l.replace(/^https?:\/\//, "")))))) : null,
    ];
  }
  function claimPanel(c) {
    const bound = c.qualifiers.bound ? `${t(c.qualifiers.bound)} ` : "";
    const rows = ["amount", "share", "role", "date"].filter((k) => c.qualifiers[k]).map((k) => [t(k), (k === "amount" || k === "share" ? bound : "") + showQualifier(k, c.qualifiers[k])]);
    rows.push([t("confidence"), el("span", { class: "sure" }, el("meter", { min: 0, max: 1, value: c.confidence, "aria-hidden": "true" }), showPercent(c.confidence))]);
    return [
      el("p", { class: "kicker" }, line(c.status), badge(c.status)),
      el("h2", { tabindex: "-1", class: "sentence" }, entityButton(c.from), " ", el("i", { class: c.status, title: (kg.terms[c.relation].comment || {})[lang] }, term(c.relation)), " ", entityButton(c.to)),
      facts(rows),
      el("section", {}, el("h3", {}, t("evidence")), c.evidence.map((q) => quote(c, q))),
    ];
  }
  function draw() {
    const content = !chosen ? introPanel() : chosen.node ? nodePanel(chosen.node) : claimPanel(chosen.claim);
    const bar = chosen ? el("div", { class: "bar" },
      trail.length ? el("button", { type: "button", on: { click: goBack } }, `← ${t("back")}`) : el("span", {}),
      el("button", { type: "button", class: "close", "aria-label": t("close"), title: t("close"), on: { click: () => open(null) } }, "×")) : null;
    panel.replaceChildren(...[bar, ...content].filter(Boolean));
    panel.scrollTop = 0;
  }
  function goBack() {
    const last = trail.pop();
    open(last || null, { move: true, back: true });
  }
  function open(what, { move = false, back = false, quiet = false } = {}) {
    const same = (a, b) => a && b && a.node === b.node && a.claim === b.claim;
    if (chosen && !back && what && !same(chosen, what)) trail.push(chosen);
    if (!what) trail.length = 0;
    chosen = what;
    if (what) reveal(what);
    dim();
    restyle();
    network.setSelection({ nodes: what && what.node ? [what.node.id] : [], edges: what && what.claim ? [what.claim.id] : [] }, { highlightEdges: false });
    draw();
    const iri = what ? (what.node || what.claim).iri : "";
    history.replaceState(null, "", iri ? `#${encodeURIComponent(iri)}` : location.pathname + location.search);
    if (!what) return;
    if (move) fit(what.node ? [...neighbours(what.node), what.node.id].filter((id) => visible.nodes.has(id)) : [what.claim.from, what.claim.to], true, 1.15);
    const heading = panel.querySelector("h2");
    if (!quiet && heading) heading.focus({ preventScroll: true });
    if (heading) say(heading.textContent);
  }
  function reveal(what) {
    const ids = what.node ? [what.node.id] : [what.claim.from, what.claim.to];
    const before = off.classes.size + off.statuses.size + off.relations.size;
    for (const id of ids) off.classes.delete(nodes[id].type);
    if (what.claim) { off.statuses.delete(what.claim.status); off.relations.delete(what.claim.relation); }
    else if (!visible.nodes.has(what.node.id)) { lone = true; off.statuses.clear(); off.relations.clear(); }
    if (before !== off.classes.size + off.statuses.size + off.relations.size) { sift(); drawLegend(); drawTable(); }
  }

  /* --- legend --- */
  function check(set, key, sign, label, count, comment) {
    const input = el("input", { type: "checkbox", on: { change: () => { if (input.checked) set.delete(key); else set.add(key); refilter(); } } });
    input.checked = !set.has(key);
    input.dataset.key = key;
    return el("li", {}, el("label", { title: comment }, input, sign, el("span", { class: "name" }, label), el("span", { class: "count" }, number(count))));
  }
  function block(id, title, set, keys, items, folded) {
    const all = (on) => () => { set.clear(); if (!on) keys.forEach((k) => set.add(k)); refilter(); drawLegend(); };
    const tools = el("span", { class: "both" }, el("button", { type: "button", on: { click: all(true) }, "aria-label": `${title} : ${t("every")}` }, t("every")), el("button", { type: "button", on: { click: all(false) }, "aria-label": `${title} : ${t("no")}` }, t("no")));
    return el("section", { id, class: folded ? "long" : "" }, el("div", { class: "head" }, el("h2", {}, title), tools), el("ul", {}, items));
  }
  const tally = (list, key) => list.reduce((sum, item) => sum.set(item[key], (sum.get(item[key]) || 0) + 1), new Map());
  function drawLegend() {
    const classes = tally(nodes, "type");
    const statuses = tally([...claims, ...values], "status");
    const relations = tally(claims, "relation");
    const known = [...relations.keys()].sort((a, b) => relations.get(b) - relations.get(a) || term(a).localeCompare(term(b), lang));
    const solitary = nodes.filter((n) => n.out.length + n.in.length === 0).length;
    const loneBox = el("input", { type: "checkbox", on: { change: () => { lone = loneBox.checked; refilter(); } } });
    loneBox.checked = lone;
    byId("legend").replaceChildren(
      block("classes", t("entities"), off.classes, kg.order, [...kg.order.map((k) => check(off.classes, k, icon(k), capital(className(k)), classes.get(k) || 0)),
        solitary ? el("li", { class: "lone" }, el("label", {}, loneBox, el("span", { class: "icon" }), el("span", { class: "name" }, capital(t("lone"))), el("span", { class: "count" }, number(solitary)))) : null]),
      block("statuses", t("statuses"), off.statuses, STATUSES, STATUSES.map((k) => check(off.statuses, k, line(k), capital(t(k)), statuses.get(k) || 0))),
      known.length ? block("relations", t("relations"), off.relations, known, known.map((k) => check(off.relations, k, null, term(k), relations.get(k), (kg.terms[k].comment || {})[lang])), true) : "");
  }
  function refilter() {
    sift();
    if (chosen && ((chosen.node && !visible.nodes.has(chosen.node.id)) || (chosen.claim && !visible.claims.has(chosen.claim.id)))) open(null);
    else restyle();
    drawTable();
    say(t("counts")(visible.nodes.size, kg.summary.briefs, visible.claims.size));
  }

  /* --- search --- */
  const search = byId("search");
  const found = byId("found");
  const index = nodes.flatMap((n) => [n.label, ...n.aliases].map((text, i) => ({ id: n.id, text, folded: fold(text), alias: i > 0 })));
  let offers = [];
  let active = -1;
  function offer() {
    const wanted = fold(search.value.trim());
    const grade = (e) => (e.folded === wanted ? 0 : e.folded.startsWith(wanted) ? 1 : e.folded.split(/[\s'\-.]+/).some((w) => w.startsWith(wanted)) ? 2 : e.folded.includes(wanted) ? 3 : 9);
    const best = new Map();
    if (wanted) for (const e of index) {
      const g = grade(e) + (e.alias ? 0.5 : 0);
      if (g < 9 && (!best.has(e.id) || g < best.get(e.id)[0])) best.set(e.id, [g, e]);
    }
    offers = [...best.values()].sort((a, b) => a[0] - b[0] || a[1].id - b[1].id).slice(0, 9).map(([, e]) => e);
    active = offers.length ? 0 : -1;
    found.replaceChildren(...offers.map((e, i) => el("li", { id: `offer-${i}`, role: "option", "aria-selected": String(i === active), on: { mousedown: (event) => { event.preventDefault(); take(i); } } },
      icon(nodes[e.id].type), el("span", { class: "name" }, name(e.id)), e.alias ? el("span", { class: "alias" }, e.text) : null, el("span", { class: "note" }, className(nodes[e.id].type)))));
    if (wanted && !offers.length) found.append(el("li", { class: "none" }, t("none")));
    if (wanted) say(offers.length ? t("results")(offers.length) : t("none"));
    point(active, Boolean(wanted));
  }
  function point(i, shown) {
    active = i;
    [...found.children].forEach((li, k) => { if (li.id) li.setAttribute("aria-selected", String(k === i)); });
    found.hidden = !shown;
    search.setAttribute("aria-expanded", String(shown));
    if (shown && i >= 0) search.setAttribute("aria-activedescendant", `offer-${i}`);
    else search.removeAttribute("aria-activedescendant");
  }
  function take(i) {
    if (!offers[i]) return;
    search.value = name(offers[i].id);
    point(-1, false);
    if (!byId("table").hidden) show("graph");
    open({ node: nodes[offers[i].id] }, { move: true });
  }
  search.addEventListener("input", offer);
  search.addEventListener("focus", () => { if (search.value) search.select(); });
  search.addEventListener("blur", () => point(-1, false));
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.hidden) offer();
      else if (offers.length) point((active + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length, true);
    } else if (event.key === "Enter") { event.preventDefault(); if (found.hidden) offer(); take(Math.max(active, 0)); }
    else if (event.key === "Escape") { event.stopPropagation(); search.value = ""; point(-1, false); }
  });

  /* --- the same, as a table --- */
  let sorting = ["subject", 1];
  function drawTable() {
    const box = byId("table");
    if (box.hidden) return;
    const day = (c) => c.qualifiers.date || "";
    const columns = {
      subject: [(c) => name(c.from), (c) => name(c.from)],
      relation: [(c) => term(c.relation), (c) => term(c.relation)],
      object: [(c) => (c.isValue ? showValue(c) : name(c.to)), (c) => (c.isValue ? c.value : name(c.to))],
      status: [(c) => badge(c.status), (c) => STATUSES.indexOf(c.status)],
      amount: [(c) => (c.qualifiers.amount ? showMoney(c.qualifiers.amount) : ""), (c) => parseFloat(c.qualifiers.amount) || 0],
      date: [(c) => (day(c) ? showDate(day(c)) : ""), day],
      confidence: [(c) => showPercent(c.confidence), (c) => c.confidence],
    };
    const on = (id) => visible.nodes.has(id);
    const rows = [...claims.filter((c) => visible.claims.has(c.id)), ...values.filter((v) => on(v.from) && passes(v))];
    const [by, sign] = sorting;
    const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, lang));
    rows.sort((a, b) => sign * compare(columns[by][1](a), columns[by][1](b)) || name(a.from).localeCompare(name(b.from), lang));
    const sort = (key) => () => { sorting = [key, sorting[0] === key ? -sorting[1] : 1]; drawTable(); byId(`sort-${key}`).focus(); };
    box.replaceChildren(el("table", {}, el("caption", {}, t("rows")(rows.length)),
      el("thead", {}, el("tr", {}, Object.keys(columns).map((key) => el("th", { scope: "col", "aria-sort": by === key ? (sign > 0 ? "ascending" : "descending") : "none" },
        el("button", { id: `sort-${key}`, type: "button", on: { click: sort(key) } }, t(key), by === key ? (sign > 0 ? " ▲" : " ▼") : ""))))),
      el("tbody", {}, rows.map((c) => el("tr", { on: { click: () => open(c.isValue ? { node: nodes[c.from] } : { claim: c }, { quiet: true }) } }, Object.entries(columns).map(([key, [cell]]) =>
        el("td", { class: key }, key === "relation" ? el("button", { type: "button" }, cell(c)) : cell(c))))))));
  }
  function show(view) {
    const table = view === "table";
    byId("table").hidden = !table;
    byId("network").hidden = table;
    document.querySelector(".tools").hidden = table;
    byId("as-graph").setAttribute("aria-pressed", String(!table));
    byId("as-table").setAttribute("aria-pressed", String(table));
    if (table) drawTable();
    else network.redraw();
  }
  byId("as-graph").addEventListener("click", () => show("graph"));
  byId("as-table").addEventListener("click", () => show("table"));

  /* --- pointer and keys --- */
  const inBox = (b, x, y) => b[0] <= x && x <= b[2] && b[1] <= y && y <= b[3];
  function labelAt(dom) {
    const scale = network.getScale();
    const p = network.DOMtoCanvas(dom);
    const [x, y] = [p.x * scale, p.y * scale];
    const n = labels.nodes.find((l) => inBox(l.box, x, y));
    if (n) return { node: nodes[n.id] };
    const c = labels.claims.find((l) => l.boxes.some((b) => inBox(b, x, y)));
    return c ? { claim: c.claim } : null;
  }
  network.on("click", ({ nodes: [id], edges: [edge], pointer }) => {
    const label = labelAt(pointer.DOM);
    if (id !== undefined) open({ node: nodes[id] }, { quiet: true });
    else if (label) open(label, { quiet: true });
    else if (edge !== undefined) open({ claim: claims.find((c) => c.id === edge) }, { quiet: true });
    else if (chosen) open(null);
  });
  network.on("hoverNode", ({ node }) => { hovered = node; version++; byId("network").classList.add("over"); network.redraw(); });
  network.on("blurNode", () => { hovered = null; version++; byId("network").classList.remove("over"); network.redraw(); });
  network.on("hoverEdge", () => byId("network").classList.add("over"));
  network.on("blurEdge", () => byId("network").classList.remove("over"));
  network.on("dragging", ({ nodes: moved }) => { if (moved.length) version++; });
  network.on("dragEnd", ({ nodes: moved }) => { version++; if (moved.length && chosen) network.setSelection({ nodes: chosen.node ? [chosen.node.id] : [], edges: chosen.claim ? [chosen.claim.id] : [] }, { highlightEdges: false }); });
  byId("network").addEventListener("mousemove", (event) => {
    const box = byId("network").getBoundingClientRect();
    byId("network").classList.toggle("label", Boolean(labelAt({ x: event.clientX - box.left, y: event.clientY - box.top })));
  });
  const zoom = (factor) => network.moveTo({ scale: Math.min(6, Math.max(0.03, network.getScale() * factor)), animation: calm ? false : { duration: 180, easingFunction: "easeInOutQuad" } });
  byId("closer").addEventListener("click", () => zoom(1.4));
  byId("farther").addEventListener("click", () => zoom(1 / 1.4));
  byId("all").addEventListener("click", () => fit(null, true));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    else if (event.key === "Escape" && chosen) { open(null); byId("network").focus({ preventScroll: true }); }
  });

  /* --- words of the page --- */
  function speak(next) {
    lang = next;
    document.documentElement.lang = next;
    for (const e of document.querySelectorAll("[data-text]")) e.textContent = t(e.dataset.text);
    for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", t(e.dataset.label));
    for (const e of document.querySelectorAll("button[data-label]")) e.title = t(e.dataset.label);
    for (const e of document.querySelectorAll("[data-placeholder]")) e.placeholder = t(e.dataset.placeholder);
    for (const e of document.querySelectorAll("[data-lang]")) e.setAttribute("aria-pressed", String(e.dataset.lang === next));
    const s = kg.summary;
    byId("title").textContent = document.title = kg.title[next];
    byId("summary").textContent = t("counts")(s.entities, s.briefs, s.claims) + (kg.period ? ` ${t("from")(...kg.period.map(showDate))}` : "");
    byId("cut").hidden = kg.cut.entities === 0;
    byId("cut").textContent = kg.cut.entities ? t("cut")(number(kg.cut.limit), number(kg.cut.entities), number(kg.cut.claims)) : "";
    version++;
    drawLegend();
    drawTable();
    draw();
    network.redraw();
  }
  for (const b of document.querySelectorAll("[data-lang]")) b.addEventListener("click", () => speak(b.dataset.lang));

  function fromAddress() {
    const iri = decodeURIComponent(location.hash.slice(1));
    const node = iri && nodes.find((n) => n.iri === iri);
    const claim = iri && claims.find((c) => c.iri === iri);
    if (node || claim) open(node ? { node } : { claim }, { move: true, quiet: true });
  }
  window.addEventListener("hashchange", fromAddress);
  speak("fr");
  sift();
  restyle();
  fit(null, false);
  fromAddress();
  let first = true;
  new ResizeObserver(() => { if (first) first = false; else if (!chosen) fit(null, false); }).observe(byId("stage"));
  window.kg = { network, nodes, claims, labels: () => labels, visible: () => visible };
  document.documentElement.dataset.ready = "yes";
})();
