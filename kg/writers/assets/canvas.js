"use strict";
/* The drawing: vis-network with what is drawn, and around it what it does not know: communities, dots of what waits, names. */
((x) => {
  const { nodes, claims, byId } = x;
  x.dimmed = { nodes: new Set(), claims: new Set() };
  const BOXY = { box: [2.3, 1.45], ellipse: [2.4, 1.5] };
  function renderer(shape) {
    return ({ ctx, x: cx, y: cy, state, style }) => {
      const [w, h] = BOXY[shape].map((k) => k * style.size * 0.8);
      return {
        drawNode() {
          ctx.save();
          ctx.beginPath();
          if (shape === "ellipse") ctx.ellipse(cx, cy, w / 2, h / 2, 0, 0, 2 * Math.PI);
          else ctx.roundRect(cx - w / 2, cy - h / 2, w, h, Math.min(5, h / 3));
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
  const renderers = { box: renderer("box"), ellipse: renderer("ellipse") };
  function nodeLook(n) {
    const fill = x.nodeColour(n);
    const shape = x.kg.classes[n.type].shape;
    const look = { id: n.id, x: n.x, y: n.y, size: x.nodeSize(n), opacity: x.dimmed.nodes.has(n.id) ? 0.16 : 1 };
    look.color = { background: fill, border: x.darker(fill), highlight: { background: fill, border: x.INK }, hover: { background: fill, border: x.INK } };
    look.shape = BOXY[shape] ? "custom" : shape === "circle" || !x.SHAPES[shape] ? "dot" : shape;
    if (BOXY[shape]) look.ctxRenderer = renderers[shape];
    return look;
  }
  /* in a crowd, links that leave a community step back: those within it tell more */
  x.strength = (c) => (x.drawn.claims.size < 220 ? 1 : nodes[c.from].community === nodes[c.to].community ? 0.8 : 0.2);
  function claimLook(c) {
    const s = x.STATUS[c.status];
    const { chosen, route } = x.state;
    const strong = (chosen && chosen.claim === c) || route;
    const colour = x.familyColour(c);
    return {
      id: c.id, from: c.from, to: c.to, arrows: x.isSymmetric(c) ? "" : "to", dashes: s.dashes, width: strong ? s.width + 1.4 : s.width,
      smooth: c.bend ? { enabled: true, type: "curvedCW", roundness: c.bend } : false,
      color: { color: colour, highlight: colour, hover: x.darker(colour), opacity: x.dimmed.claims.has(c.id) ? 0.08 : chosen || route ? 1 : x.strength(c) },
    };
  }
  function dim() {
    const { chosen, focus } = x.state;
    x.dimmed = { nodes: new Set(), claims: new Set() };
    if (!chosen || (chosen.node && focus && focus.kind === "around" && focus.ids.includes(chosen.node.id))) return; // it is lit by being the middle
    const near = chosen.node ? x.neighbours(chosen.node).add(chosen.node.id) : new Set([chosen.claim.from, chosen.claim.to]);
    for (const id of x.drawn.nodes) if (!near.has(id)) x.dimmed.nodes.add(id);
    for (const c of claims) if (chosen.node ? c.from !== chosen.node.id && c.to !== chosen.node.id : c !== chosen.claim) x.dimmed.claims.add(c.id);
  }

  const nodeSet = new vis.DataSet();
  const claimSet = new vis.DataSet();
  /* only what has changed is told: adding and taking away is what costs */
  const last = new Map();
  let settling = false;
  function sync(set, wanted) {
    const gone = set.getIds().filter((id) => !wanted.has(id));
    const come = [];
    const changed = [];
    for (const [id, look] of wanted) {
      const key = JSON.stringify(look);
      if (!set.get(id)) come.push(look);
      else if (last.get(`${id}`) !== key) changed.push(look);
      last.set(`${id}`, key);
    }
    if (gone.length) set.remove(gone);
    if (come.length) set.add(come);
    if (changed.length) set.update(changed);
  }
  x.restyle = () => {
    dim();
    const wantedNodes = new Map([...x.drawn.nodes].map((id) => [id, nodeLook(nodes[id])]));
    const wantedClaims = new Map(claims.filter((c) => x.drawn.claims.has(c.id)).map((c) => [c.id, claimLook(c)]));
    // Arrows go before their ends and come after them; vis-network draws in between, when names have no place yet.
    settling = true;
    sync(claimSet, new Map([...wantedClaims].filter(([id]) => claimSet.get(id))));
    sync(nodeSet, wantedNodes);
    sync(claimSet, wantedClaims);
    settling = false;
    x.relabel();
    const { chosen } = x.state;
    x.network.setSelection({ nodes: chosen && chosen.node && x.drawn.nodes.has(chosen.node.id) ? [chosen.node.id] : [], edges: chosen && chosen.claim && x.drawn.claims.has(chosen.claim.id) ? [chosen.claim.id] : [] }, { highlightEdges: false });
    byId("nothing").hidden = x.shown.nodes.size > 0;
    x.network.redraw();
  };
  x.makeNetwork = () => {
    x.options.interaction.keyboard = { enabled: true, bindToWindow: false };
    dim();
    // What pyvis built is drawn first, in our looks; a link may ask for something else at once.
    const given = new Map(x.firstNodes.map((n) => [n.id, n]));
    nodeSet.add([...x.drawn.nodes].map((id) => ({ ...given.get(id), ...nodeLook(nodes[id]), label: undefined })));
    claimSet.add(claims.filter((c) => x.drawn.claims.has(c.id)).map(claimLook));
    x.network = new vis.Network(byId("network"), { nodes: nodeSet, edges: claimSet }, x.options);
    listen();
  };

  /* --- under the network: communities, and dots for what is shown but not drawn --- */
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
  let hulls = { of: null, list: [] };
  function communityShapes() {
    if (hulls.of !== x.shown || hulls.moved) {
      const list = [];
      if (x.atHome) for (const { id, ids } of x.communities) {
        const there = ids.filter((n) => x.shown.nodes.has(n));
        if (there.length > 2) list.push([id, hull(there.map((n) => [nodes[n].x, nodes[n].y]))]);
      }
      hulls = { of: x.shown, list, moved: false };
    }
    return hulls.list;
  }
  function paintUnder(ctx) {
    const scale = x.network.getScale();
    ctx.save();
    ctx.lineJoin = "round";
    for (const [id, points] of communityShapes()) {
      ctx.fillStyle = ctx.strokeStyle = x.TINTS[id % x.TINTS.length];
      ctx.lineWidth = 84;
      ctx.beginPath();
      points.forEach(([px, py], i) => (i ? ctx.lineTo(px, py) : ctx.moveTo(px, py)));
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    if (x.drawn.nodes.size < x.shown.nodes.size) {
      const r = Math.max(3.2, 0.9 / scale);
      const byColour = new Map();
      for (const id of x.shown.nodes) if (!x.drawn.nodes.has(id)) {
        const colour = x.nodeColour(nodes[id]);
        if (!byColour.has(colour)) byColour.set(colour, []);
        byColour.get(colour).push(nodes[id]);
      }
      ctx.globalAlpha = x.state.chosen ? 0.25 : 0.55;
      for (const [colour, dots] of byColour) {
        ctx.fillStyle = colour;
        for (const n of dots) ctx.fillRect(n.x - r, n.y - r, 2 * r, 2 * r);
      }
    }
    ctx.restore();
  }
  x.dotAt = (dom) => {
    if (x.drawn.nodes.size === x.shown.nodes.size) return null;
    const p = x.network.DOMtoCanvas(dom);
    const reach = Math.max(6, 7 / x.network.getScale());
    let best = null;
    for (const id of x.shown.nodes) {
      const far = Math.hypot(nodes[id].x - p.x, nodes[id].y - p.y);
      if (far < reach && (!best || far < best[1])) best = [id, far];
    }
    return best && !x.drawn.nodes.has(best[0]) ? best[0] : null;
  };

  /* --- where one looks --- */
  let unseen = false;
  x.fitIfUnseen = () => { if (unseen) x.restoreView(); };
  x.fit = (ids, animated, most = 1.35) => {
    const all = ids || [...x.shown.nodes];
    const linked = all.filter((id) => x.degree(nodes[id]) > 0);
    const used = linked.length > 0 && all.length > 150 ? linked : all; // in a crowd, those without a link may wait below
    if (used.length === 0) return;
    const { width, height } = byId("network").getBoundingClientRect();
    unseen = width === 0; // behind the list there is nothing to fit into
    if (unseen) return;
    const [above, below] = [byId("chips").childElementCount ? 34 : 0, 40]; // chips and buttons lie over the drawing
    const box = { width, height: Math.max(80, height - above - below) };
    const span = (axis, pad) => {
      let [low, high] = [Infinity, -Infinity];
      for (const id of used) { low = Math.min(low, nodes[id][axis]); high = Math.max(high, nodes[id][axis]); }
      return [low - pad, high + pad];
    };
    let [left, right] = span("x", 0);
    let [top, bottom] = span("y", 0);
    let scale = Math.min(most, Math.max(40, box.width - 110) / Math.max(1, right - left), Math.max(40, box.height - 84) / Math.max(1, bottom - top));
    if (!ids) for (let turn = 0; turn < (used.length > 300 ? 2 : 12); turn++) { // names need room as well, and how much depends on the scale
      const known = new Set(used);
      const boxes = x.placeLabels(scale).nodes.filter((l) => known.has(l.id)).map((l) => l.box);
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
    const animation = animated && !x.calm ? { duration: 350, easingFunction: "easeInOutQuad" } : false;
    x.network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 + ((ids ? 8 : 0) + (below - above) / 2) / scale }, scale, animation });
    x.state.at = null;
    x.saveLink();
  };
  x.zoom = (factor) => {
    x.network.moveTo({ scale: Math.min(6, Math.max(0.02, x.network.getScale() * factor)), animation: x.calm ? false : { duration: 180, easingFunction: "easeInOutQuad" } });
    setTimeout(x.keepView, 220);
  };
  x.keepView = () => {
    const p = x.network.getViewPosition();
    x.state.at = [Math.round(p.x), Math.round(p.y), Number(x.network.getScale().toPrecision(4))];
    x.saveLink();
  };
  x.restoreView = () => {
    if (x.state.at) x.network.moveTo({ position: { x: x.state.at[0], y: x.state.at[1] }, scale: x.state.at[2], animation: false });
    else if (x.state.chosen && !x.state.focus) x.lookAt(x.state.chosen);
    else x.fit(null, false);
  };
  x.lookAt = (what) => {
    const ids = what.node ? [what.node.id, ...x.neighbours(what.node)] : [what.claim.from, what.claim.to];
    x.fit(ids.filter((id) => x.drawn.nodes.has(id)), true, 1.15);
  };

  /* --- the pointer --- */
  function listen() {
    const { network } = x;
    const box = byId("network");
    network.on("beforeDrawing", paintUnder);
    network.on("afterDrawing", (ctx) => { if (!settling) x.paintLabels(ctx, network.getScale()); });
    network.on("click", ({ nodes: [id], edges: [edge], pointer }) => {
      const label = x.labelAt(pointer.DOM);
      const dot = id === undefined && !label ? x.dotAt(pointer.DOM) : null;
      if (id !== undefined) x.open({ node: nodes[id] }, { quiet: true });
      else if (label) x.open(label, { quiet: true });
      else if (edge !== undefined) x.open({ claim: claims[edge.slice(1)] }, { quiet: true });
      else if (dot !== null) x.open({ node: nodes[dot] }, { quiet: true });
      else if (x.state.chosen) x.open(null);
    });
    network.on("doubleClick", ({ nodes: [id] }) => { if (id !== undefined) x.focusOn({ kind: "around", ids: [id], hops: 1 }); });
    network.on("hoverNode", ({ node }) => { x.hovered = node; x.relabel(); box.classList.add("over"); network.redraw(); });
    network.on("blurNode", () => { x.hovered = null; x.relabel(); box.classList.remove("over"); network.redraw(); });
    network.on("hoverEdge", () => box.classList.add("over"));
    network.on("blurEdge", () => box.classList.remove("over"));
    network.on("dragging", ({ nodes: moved }) => { if (moved.length) x.relabel(); });
    network.on("dragEnd", ({ nodes: moved }) => {
      for (const id of moved) x.drag(id, network.getPosition(id));
      hulls.moved = true;
      x.relabel();
      if (moved.length) x.restyle();
      else x.keepView();
    });
    network.on("zoom", x.keepView);
    box.addEventListener("mousemove", (event) => {
      const at = box.getBoundingClientRect();
      const dom = { x: event.clientX - at.left, y: event.clientY - at.top };
      const dot = x.dotAt(dom);
      box.classList.toggle("label", Boolean(x.labelAt(dom)) || dot !== null);
      box.title = dot === null ? "" : x.name(dot);
    });
  }
})(explorer);
