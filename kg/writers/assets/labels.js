"use strict";
/* Names on the canvas. They are ours, not vis-network's, because they must give way to one another: the most important take their
   place first, a name with no free place waits until one comes nearer. Boxes are in pixels of the whole drawing at one scale. */
((x) => {
  const ruler = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  x.textWidth = (text, weight, size) => {
    const key = weight + text;
    if (!widths.has(key)) {
      ruler.font = `${weight} 100px ${x.FACE}`;
      widths.set(key, ruler.measureText(text).width / 100);
    }
    return widths.get(key) * size;
  };
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
  const wrapped = new Map();
  const lines = (id) => { if (!wrapped.has(id)) wrapped.set(id, wrap(x.name(id))); return wrapped.get(id); };

  class Taken {
    constructor() { this.cells = new Map(); }
    * near(b) {
      for (let i = Math.floor(b[0] / 60); i <= Math.floor(b[2] / 60); i++)
        for (let j = Math.floor(b[1] / 60); j <= Math.floor(b[3] / 60); j++) yield i * 100003 + j;
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
  function crosses(px, py, [ex, ey], b) {
    const far = Math.hypot(ex - px, ey - py) || 1;
    for (let d = 8; d < Math.min(far, 70); d += 6) {
      const qx = px + ((ex - px) * d) / far;
      const qy = py + ((ey - py) * d) / far;
      if (b[0] < qx && qx < b[2] && b[1] < qy && qy < b[3]) return true;
    }
    return false;
  }
  /* anything that moves, hides or dims names makes a new version */
  let version = 0;
  x.relabel = () => { version++; };
  x.hovered = null;
  let labels = { key: "", nodes: [], claims: [], marks: [] };
  x.labels = () => labels;
  x.placeLabels = (scale) => {
    const key = `${scale.toFixed(4)} ${version} ${x.lang}`;
    if (labels.key === key) return labels;
    const { nodes, claims, drawn, dimmed, state } = x;
    const { chosen, route } = state;
    const taken = new Taken();
    const discs = new Taken();
    const grow = Math.min(1.45, Math.max(1, Math.sqrt(scale)));
    const body = x.network.body;
    const result = { key, nodes: [], claims: [], marks: [] };
    const bright = (id) => drawn.nodes.has(id) && !dimmed.nodes.has(id);
    for (const id of drawn.nodes) {
      const at = body.nodes[id];
      const r = x.nodeSize(nodes[id]) * scale * 0.95;
      discs.add([at.x * scale - r, at.y * scale - r, at.x * scale + r, at.y * scale + r], id);
    }
    const lively = claims.filter((c) => drawn.claims.has(c.id) && !dimmed.claims.has(c.id) && body.edges[c.id] && body.edges[c.id].connected);
    for (const c of lively) {
      if (c.status !== "denied") continue;
      const p = body.edges[c.id].edgeType.getPoint(0.5);
      const r = Math.max(1.6, Math.min(5, 9 * scale)) * (x.strength(c) < 0.5 && !chosen ? 0.6 : 1);
      if (r > 3) taken.add([p.x * scale - r - 2, p.y * scale - r - 2, p.x * scale + r + 2, p.y * scale + r + 2], c.id);
      result.marks.push({ claim: c, x: p.x, y: p.y, r });
    }
    const forced = new Set([x.hovered, chosen && chosen.node ? chosen.node.id : null, ...(chosen && chosen.claim ? [chosen.claim.from, chosen.claim.to] : []), ...(route ? route.ids : [])]);
    const order = [...forced].filter((id) => id !== null && drawn.nodes.has(id));
    for (const id of drawn.nodes) if (!forced.has(id) && bright(id)) order.push(id);
    const rank = new Map(order.map((id, i) => [id, i])); // importance among what is drawn, not of the whole
    for (const id of order) {
      const n = nodes[id];
      const place = rank.get(id);
      const degree = x.degree(n);
      const px = (degree >= 8 && place < 12 ? 15.5 : degree >= 4 && place < 60 ? 13.5 : 12.5) * grow;
      const weight = degree >= 4 && place < 60 ? "600" : "400";
      const text = lines(id);
      const w = Math.max(...text.map((l) => x.textWidth(l, weight, px)));
      const h = px * 1.17 * text.length;
      const at = body.nodes[id];
      const [cx, cy] = [at.x * scale, at.y * scale];
      const r = x.nodeSize(n) * scale + 3;
      const [side, rise] = [r + w / 2 + 1, r + h / 2];
      const spots = [[0, rise], [0, -rise], [side, 0], [-side, 0], [side * 0.85, rise * 0.8], [side * 0.85, -rise * 0.8], [-side * 0.85, rise * 0.8], [-side * 0.85, -rise * 0.8]].map(([dx, dy]) => [cx + dx, cy + dy]);
      const air = scale < 0.4 ? 5 : 1.5;
      const box = ([bx, by]) => [bx - w / 2 - air, by - h / 2 - air / 2, bx + w / 2 + air, by + h / 2 + air / 2];
      const ends = x.claimsOf(n).filter((c) => drawn.claims.has(c.id)).slice(0, 40).map((c) => body.nodes[x.other(c, id)]).map((m) => [m.x * scale, m.y * scale]);
      const crossed = (b) => ends.filter((end) => crosses(cx, cy, end, b)).length;
      /* seen from afar, a leading name may cover the points of lesser ones */
      const lesser = scale < 0.55 && drawn.nodes.size > 150
        ? (other) => other === id || (rank.has(other) ? rank.get(other) : Infinity) > 2 * place + 12 || (scale < 0.34 && place < 15)
        : (other) => other === id;
      const free = spots.filter((s) => taken.free(box(s)) && discs.free(box(s), lesser)).map((s) => [s, crossed(box(s)) + (spots.indexOf(s) > 3 ? 0.9 : 0)]).sort((a, b) => a[1] - b[1]);
      const spot = free.length ? free[0][0] : forced.has(id) ? spots[0] : null;
      if (!spot) continue;
      taken.add(box(spot), `label ${id}`);
      result.nodes.push({ id, text, weight, px, x: spot[0] / scale, y: spot[1] / scale, box: box(spot) });
    }
    const first = (c) => (chosen && chosen.claim === c ? 0 : 1);
    for (const c of lively.sort((a, b) => first(a) - first(b) || Math.min(a.from, a.to) - Math.min(b.from, b.to) || a.number - b.number)) {
      if (scale < 0.34 && first(c)) continue;
      const px = (scale < 0.7 ? 10 : 11) * grow;
      const text = (c.status === "denied" ? "✕ " : "") + x.term(c.relation);
      const w = x.textWidth(text, "400", px);
      const edge = body.edges[c.id].edgeType;
      const a = edge.getPoint(0);
      const z = edge.getPoint(1);
      const room = Math.hypot(z.x - a.x, z.y - a.y) * scale - (x.nodeSize(nodes[c.from]) + x.nodeSize(nodes[c.to])) * scale;
      if (room < w * 0.92 && first(c)) continue;
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
          const sx = p.x * scale + d * Math.cos(angle);
          const sy = p.y * scale + d * Math.sin(angle);
          squares.push([sx - px * 0.55, sy - px * 0.55, sx + px * 0.55, sy + px * 0.55]);
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
  };
  x.labelAt = (dom) => {
    const inBox = (b, px, py) => b[0] <= px && px <= b[2] && b[1] <= py && py <= b[3];
    const scale = x.network.getScale();
    const p = x.network.DOMtoCanvas(dom);
    const [px, py] = [p.x * scale, p.y * scale];
    const n = labels.nodes.find((l) => inBox(l.box, px, py));
    if (n) return { node: x.nodes[n.id] };
    const c = labels.claims.find((l) => l.boxes.some((b) => inBox(b, px, py)));
    return c ? { claim: c.claim } : null;
  };
  x.paintLabels = (ctx, scale) => {
    const { nodes: names, claims: arrows, marks } = x.placeLabels(scale);
    ctx.save();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    for (const mark of marks) {
      const r = mark.r / scale;
      for (const [colour, wide] of [["#fff", mark.r], [x.INK, 0.6 + mark.r / 3.2]]) {
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
      ctx.save();
      ctx.translate(l.x, l.y);
      ctx.rotate(l.angle);
      ctx.font = `400 ${l.px / scale}px ${x.FACE}`;
      ctx.strokeStyle = "rgba(255,255,255,.94)";
      ctx.lineWidth = 4 / scale;
      ctx.strokeText(l.text, 0, 0);
      ctx.fillStyle = x.darker(x.familyColour(l.claim), 0.82);
      ctx.fillText(l.text, 0, 0);
      if (l.claim.status === "denied") {
        const sign = x.textWidth("✕ ", "400", l.px);
        ctx.fillRect((sign - l.w / 2) / scale, -0.4 / scale, (l.w - sign) / scale, 1.1 / scale);
      }
      ctx.restore();
    }
    for (const l of names) {
      ctx.font = `${l.weight} ${l.px / scale}px ${x.FACE}`;
      ctx.strokeStyle = "rgba(255,255,255,.92)";
      ctx.lineWidth = 3.6 / scale;
      ctx.fillStyle = x.INK;
      l.text.forEach((row, i) => {
        const y = l.y + ((i - (l.text.length - 1) / 2) * l.px * 1.17) / scale;
        ctx.strokeText(row, l.x, y);
        ctx.fillText(row, l.x, y);
      });
    }
    ctx.restore();
  };
})(explorer);
